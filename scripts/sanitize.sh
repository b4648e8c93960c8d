#!/usr/bin/env bash
# Runs the unit tests under ThreadSanitizer or AddressSanitizer: data races, and memory that is misused.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"

usage() {
    cat <<'HELP'
usage: scripts/sanitize.sh thread|address [--filter PATTERN] [--no-build]

Builds all tests with the sanitizer (into .build/<sanitizer>) and runs them, one test target after another. Exit code 0:
every test passed and the sanitizer found nothing; a finding is shown, and the whole report is in .run/sanitize.

  thread    data races of our code, also on memory that librdkafka and libcurl hand over
  address   memory used after it was freed or out of its bounds, also by the C libraries on our behalf

  --filter PATTERN   only test targets whose name matches this regular expression, such as 'Kafka|Transfer'
  --no-build         take the tests as they were built last

Findings that are none of ours are in Tests/Sanitizers/thread.supp, each with its reason. The allocator of the executables
is left out, because the sanitizers bring their own. Needs clang, which comes with Swift, and some minutes.
HELP
}

sanitizer='' filter=. build=1
while [ $# -gt 0 ]; do
    case $1 in
    thread | address) sanitizer=$1; shift ;;
    --filter) [ $# -gt 1 ] || fail "--filter needs a pattern" 64; filter=$2; shift 2 ;;
    --filter=*) filter=${1#*=}; shift ;;
    --no-build) build=0; shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail "unknown option $1: see scripts/sanitize.sh --help" 64 ;;
    esac
done
[ -n "$sanitizer" ] || fail "thread or address? see scripts/sanitize.sh --help" 64

cd "$root" || exit 1
state="$root/.run/sanitize/$sanitizer" scratch="$root/.build/$sanitizer" settings="$root/Tests/Sanitizers"
mkdir -p "$state"
rm -f "$state"/*.log "$state"/report.*
# The package leaves its allocator out when it sees this.
export NOTIFICATIONHUB_SANITIZE=$sanitizer

# gold, the toolchain's default linker, fails on what the sanitizers add.
build_tests() {
    swift build --build-tests --sanitize="$sanitizer" --scratch-path "$scratch" -Xswiftc -use-ld=lld &&
        clang -O1 -g -Wall -Wextra -Werror -fPIC -shared -o "$scratch/preload.so" "$settings/thread-preload.c"
}

# A data race ends no test, so that one run finds them all; misused memory ends its test target. Swift's own handler of
# crashes would hide the sanitizer's.
run_tests() {
    local target=$1 common="log_path=$state/report.$1 exitcode=66 handle_segv=1"
    export SWIFT_BACKTRACE=enable=no
    case $sanitizer in
    thread)
        export TSAN_OPTIONS="$common suppressions=$settings/thread.supp second_deadlock_stack=1 history_size=4"
        export LD_PRELOAD="$scratch/preload.so"
        ;;
    # Swift keeps flags in unused bits of pointers, which the search for leaks takes for leaks.
    address) export ASAN_OPTIONS="$common detect_leaks=0 detect_stack_use_after_return=1 strict_string_checks=1" ;;
    esac
    swift test --skip-build --sanitize="$sanitizer" --scratch-path "$scratch" --disable-xctest --no-parallel \
        --filter "^$target\\."
}

if [ $build -eq 1 ]; then
    title "Build"
    step "all tests, with the $sanitizer sanitizer" "$state/build.log" build_tests || exit 1
fi

mapfile -t targets < <(find Tests -mindepth 1 -type d -name '*Tests' -printf '%f\n' | sort | grep -E -- "$filter")
[ ${#targets[@]} -gt 0 ] || fail "no test target matches $filter" 64

title "Tests with the $sanitizer sanitizer"
failed=0 findings=0
for target in "${targets[@]}"; do
    step "$target" "$state/$target.log" run_tests "$target" || failed=$((failed + 1))
done
for report in "$state"/report.*; do
    [ -e "$report" ] || continue
    found=$(grep -c '^SUMMARY: ' "$report")
    findings=$((findings + found))
    warn "$found in $report"
    grep '^SUMMARY: ' "$report" | sort | uniq -c | sort -rn | head -n 10
done
printf '\n%d test targets, %d failed, %d findings of the %s sanitizer\n' ${#targets[@]} $failed $findings "$sanitizer"
[ $failed -eq 0 ] && [ $findings -eq 0 ]
