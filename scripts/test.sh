#!/usr/bin/env bash
# Runs everything that can be tested: format, layers, build, unit tests, end-to-end tests.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"

case ${1:-} in
'') ;;
-h | --help)
    cat <<'HELP'
usage: scripts/test.sh

Runs, in this order: set-up, format check, layer check, build, swift test, the allocation budget (Bench), end-to-end
tests (scripts/e2e.sh), the short forms of the chaos tests (scripts/chaos.sh; need KAFKA_HOME).
The last line sums up the whole run: N passed, N failed[, N skipped]; the exit code is 0 only when nothing failed.
What a test needs and does not find is skipped by name; with FORBID_SKIPS=1 a skip is a failure.

  KAFKA_HOME, KAFKA_BROKERS   the broker of the end-to-end tests, as for kafka-local/up.sh
  EVENT_RULER                 the folder of Amazon's Event Ruler, to compare patterns with
  ASYNCAPI_SCHEMAS            the folder of AsyncAPI's own JSON Schemas, to check `notifyctl schema` with
  OTELCOL, TOXIPROXY          the programs otelcol and toxiproxy-server
  prometheus, promtool        in PATH, else from Debian's package, which is unpacked under .run and not installed
HELP
    exit 0
    ;;
*) fail "unknown option $1: see scripts/test.sh --help" 64 ;;
esac

cd "$root" || exit 1
logs="$root/.run/logs"
results="$root/.run/results"
rm -rf "$results" && mkdir -p "$results" "$logs"
passed=0 failed=0 skipped=0

# check TEXT LOG COMMAND...: a step that counts as one test.
check() {
    if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && return 1; fi
}

# count FILE...: adds the results of JUnit files, and names what was skipped.
count() {
    local p f s
    read -r p f s < <("$python" "$root/scripts/lib/count-tests.py" "$@")
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    note "$p passed, $f failed, $s skipped"
    [ "$s" -eq 0 ] || "$python" "$root/scripts/lib/count-tests.py" --skipped "$@"
}

finish() {
    if [ -n "${FORBID_SKIPS:-}" ] && [ $skipped -gt 0 ]; then
        warn "FORBID_SKIPS is set: $skipped skipped tests count as failed"
        failed=$((failed + skipped)) skipped=0
    fi
    printf '\n%d passed, %d failed' $passed $failed
    [ $skipped -eq 0 ] || printf ', %d skipped' $skipped
    printf '\n'
    [ $failed -eq 0 ]
    exit
}

# One after another: many tests run threads, servers and a mock cluster of their own, and all at once they would starve
# each other on two cores.
unit_tests() {
    swift test --skip-build --disable-xctest --no-parallel --xunit-output "$results/swift.xml"
}

"$root/scripts/setup.sh" --no-build || { failed=1; finish; }

title "Checks"
check "format" "$logs/format.log" swift format lint --strict --recursive --parallel Sources Tests Package.swift
check "layers" "$logs/layers.log" python3 scripts/check-layers.py
check "the layer check finds planted breaches" "$logs/layers-self.log" python3 scripts/check-layers.py --self-test
for subject in core delivery; do
    check "deliberate bugs of the chaos test fit ($subject)" "$logs/chaos-mutations-$subject.log" \
        "$root/scripts/chaos.sh" $subject --check-mutations
done
check "docs/LOGS.md has every log event" "$logs/log-events.log" python3 scripts/log-events.py

title "Build"
check "debug, with tests" "$logs/build-tests.log" swift build --build-tests
debug=$?
check "release" "$logs/build.log" swift build -c release
release=$?

if [ $debug -eq 0 ]; then
    title "Unit tests"
    before=$failed
    step "swift test" "$logs/swift-test.log" unit_tests
    status=$?
    count "$results"/swift*.xml
    # A crash leaves no results behind; it must not pass as zero failures.
    if [ $status -ne 0 ] && [ $failed -eq "$before" ]; then failed=$((failed + 1)); fi
fi

if [ $release -eq 0 ]; then
    title "Allocations"
    check "allocations per event" "$logs/allocations.log" .build/release/Bench allocations --check
    before=$failed
    "$root/scripts/e2e.sh" --no-build --junit "$results/e2e.xml"
    status=$?
    count "$results/e2e.xml"
    if [ $status -ne 0 ] && [ $failed -eq "$before" ]; then failed=$((failed + 1)); fi

    title "Chaos"
    if [ -n "${KAFKA_HOME:-}" ] && [ -z "${KAFKA_BROKERS:-}" ]; then
        check "core: exactly once under nine sorts of faults" "$logs/chaos-core.log" \
            "$root/scripts/chaos.sh" core --short --no-build
        check "delivery: at least once under seven sorts of faults" "$logs/chaos-delivery.log" \
            "$root/scripts/chaos.sh" delivery --short --no-build
    else
        note "skipped: the chaos tests kill their broker, so they need an Apache Kafka of their own (KAFKA_HOME)"
        skipped=$((skipped + 2))
    fi
fi
finish
