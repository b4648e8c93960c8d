#!/usr/bin/env bash
# Feeds made-up bytes to everything that reads bytes of others, with libFuzzer and AddressSanitizer.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"

targets=(json events templates patterns notifications metadata)

usage() {
    cat <<HELP
usage: scripts/fuzz.sh [--seconds N] [--no-build] [TARGET...]

Builds the fuzzer (release, with AddressSanitizer) and runs each target for N seconds, 60 by default, one after another.

  json           the JSON scanner; compares with jansson, a strict parser in C
  events         records in all three event forms, and the notifications that become of them
  templates      Mustache templates with data
  patterns       event patterns with events
  notifications  records as the consumers read them
  metadata       the commit metadata of the consumers

Starts from Tests/Fuzz/corpus and keeps what it finds interesting in .run/fuzz/<target>. A finding is a file in
.run/fuzz/findings; the exit code is then 1. Needs libjansson-dev. One input again:

  FUZZ_TARGET=json .build/fuzz/release/LibFuzzer .run/fuzz/findings/FILE
HELP
}

seconds_each=60 build=1 chosen=()
while [ $# -gt 0 ]; do
    case $1 in
    --seconds) [ $# -gt 1 ] || fail "--seconds needs a number" 64; seconds_each=$2; shift 2 ;;
    --seconds=*) seconds_each=${1#*=}; shift ;;
    --no-build) build=0; shift ;;
    -h | --help) usage; exit 0 ;;
    *)
        case " ${targets[*]} " in
        *" $1 "*) chosen+=("$1"); shift ;;
        *) fail "no target $1: see scripts/fuzz.sh --help" 64 ;;
        esac
        ;;
    esac
done
case $seconds_each in '' | *[!0-9]*) fail "--seconds needs a number, not '$seconds_each'" 64 ;; esac
[ ${#chosen[@]} -gt 0 ] || chosen=("${targets[@]}")

[ $build -eq 0 ] || pkg-config --exists jansson || fail "libjansson-dev is missing: apt-get install libjansson-dev" 69

cd "$root" || exit 1
logs="$root/.run/logs" state="$root/.run/fuzz"
mkdir -p "$logs" "$state/findings"
fuzzer="$root/.build/fuzz/release/LibFuzzer"

# gold, the toolchain's default linker, fails on what the sanitizers add.
build_fuzzer() {
    NOTIFICATIONHUB_FUZZ=1 swift build --scratch-path .build/fuzz -c release --product LibFuzzer \
        -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
}

# Leaks are not looked for: Swift keeps flags in unused bits of pointers, which the leak check takes for leaks. What
# leaks for every input exceeds the memory limit in the end.
fuzz() {
    local target=$1 longest=4096
    # Lists inside of lists multiply: long templates would be few.
    [ "$target" != templates ] || longest=512
    mkdir -p "$state/$target"
    FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$fuzzer" "$state/$target" "Tests/Fuzz/corpus/$target" \
        -max_total_time="$seconds_each" -max_len=$longest -timeout=10 -rss_limit_mb=2048 -detect_leaks=0 \
        -dict=Tests/Fuzz/words.dict -artifact_prefix="$state/findings/$target-" -print_final_stats=1 </dev/null
}

# summary LOG: the last coverage and the executions, as libFuzzer writes them.
summary() {
    grep -E '^#[0-9]+.*cov: ' "$1" | tail -n 1 | sed -E 's/[[:space:]]+/ /g'
    grep -E '^stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)' "$1" | sed -E 's/^stat::([a-z_]+):[[:space:]]*/\1 /'
}

if [ $build -eq 1 ]; then
    title "Build"
    step "the fuzzer" "$logs/fuzz-build.log" build_fuzzer || exit 1
fi
[ -x "$fuzzer" ] || fail "not built: run scripts/fuzz.sh without --no-build"

title "Fuzzing, $seconds_each s each"
status=0
for target in "${chosen[@]}"; do
    step "$target" "$logs/fuzz-$target.log" fuzz "$target" || status=1
    while read -r line; do note "$line"; done < <(summary "$logs/fuzz-$target.log")
done
[ $status -eq 0 ] || warn "findings: $(cd "$state/findings" && echo *)"
exit $status
