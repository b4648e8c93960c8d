#!/usr/bin/env bash
# Measures what a user of this repository gets from its executables, beside what the machine allows at all.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

usage() {
    cat <<'HELP'
usage: scripts/bench.sh core [OPTION...] [NAME=COMMAND...]

core: core-service, started as it is by default, on a broker of its own. Three parts, each from empty topics:

  start     from the start to the first committed notification (median of 5), and the memory after 10 s without input
  latency   from an event to its committed notification, at a steady rate
  drain     a backlog: events/s, CPU time and memory, with the default HTML templates too. Beside it the limit: C that
            only copies bytes, in one transaction per 200 ms, before and after; and "limit, headers", the same C
            with records of a notification's shape: six headers, as many bytes, LZ4

Other systems are measured too: COMMAND is run by a shell with KAFKA_BROKERS and KAFKA_GROUP_ID, reads order.events,
payment.events and user.events from the beginning, writes notifications.{email,sms,webhook,slack}, ends at SIGTERM.

  --events N            the backlog; 1,000,000
  --rounds N            measure the backlog so often and show medians; 1
  --partitions N        of every topic; 4
  --instances N         of core-service, in one group; 1
  --commit-interval D   of core-service, such as 250ms
  --rate N, --seconds N events a second and duration for the latency; 1,000, 20
  --parts A,B           only these of start, latency, drain
  --core-only           neither the limit nor the HTML templates nor other systems
  --brokers A           use this broker, which must not have the topics; else KAFKA_BROKERS, KAFKA_HOME, Docker, the
                        embedded noida-db, in this order
  --timeout N           seconds that a system may take for the backlog; 300
  --no-build            take .build/release as it is
  --bin DIR             take the executables of this folder
  --keep                keep the logs

The numbers are CPU time of the processes as Linux counts it, and the highest and the present resident memory. Markers
are what transactions leave in the output topics. Needs gcc or clang and librdkafka-dev. Ends with 1 when events were
lost, or written twice by the core, or a system did not finish. The last line is the result as JSON.
HELP
}

subject='' build=1 keep=0 binaries="$root/.build/release" options=() others=()
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    core) subject=$1; shift ;;
    --events | --rounds | --partitions | --instances | --rate | --seconds | --timeout)
        [[ ${2:-} =~ ^[1-9][0-9_,]*$ ]] || fail "$1 needs a number above 0" 64
        options+=("$1" "$2"); shift 2 ;;
    --commit-interval)
        [[ ${2:-} =~ ^[0-9.]+(ms|s)$ ]] || fail "--commit-interval needs a duration such as 250ms" 64
        options+=("$1" "$2"); shift 2 ;;
    --parts)
        [[ ${2:-} =~ ^(start|latency|drain)(,(start|latency|drain))*$ ]] ||
            fail "--parts takes start, latency and drain, separated by commas" 64
        options+=("$1" "$2"); shift 2 ;;
    --brokers) [ $# -gt 1 ] || fail "--brokers needs an address" 64; KAFKA_BROKERS=$2; shift 2 ;;
    --no-build) build=0; shift ;;
    --bin) [ -x "${2:-}/core-service" ] || fail "--bin needs a folder with core-service" 64
        binaries=$(realpath "$2") build=0; shift 2 ;;
    --core-only) options+=("$1"); shift ;;
    --keep) keep=1; shift ;;
    -*) fail "unknown option $1: see scripts/bench.sh --help" 64 ;;
    *=*) others+=("$1"); shift ;;
    *) fail "$1 is no subject, no option and no NAME=COMMAND: see scripts/bench.sh --help" 64 ;;
    esac
done
[ -n "$subject" ] || fail "which subject? see scripts/bench.sh --help" 64

title "Benchmark: $subject"
venv_ensure
if [ $build -eq 1 ]; then
    step "release build" "$root/.run/logs/bench-build.log" \
        swift build --package-path "$root" -c release --product "$subject-service" || exit 1
fi
[ -x "$binaries/core-service" ] || fail "not built: run scripts/bench.sh without --no-build"

state="$root/.run/bench/$$" status=1
mkdir -p "$state"
# The logs of a run that failed are kept.
finish() {
    trap '' INT TERM
    broker_stop "$state/broker"
    if [ $status -eq 0 ] && [ $keep -eq 0 ]; then rm -rf "$state"; else note "logs: $state"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

broker_choose
step "broker ($(broker_kind_text $broker_kind))" "$root/.run/logs/bench-broker-$$.log" broker_start "$state/broker" || exit 69
rm -f "$root/.run/logs/bench-broker-$$.log"
broker_load "$state/broker"
[ -z "$broker_pid" ] || options+=(--broker-pid "$broker_pid")
[ "$broker_kind" != kafka-home ] || options+=(--broker-data "$state/broker/data")

PYTHONPATH="$root/scripts/lib" "$python" -X faulthandler "$root/Tests/Benchmark" "$subject" \
    --brokers "$broker_address" --bin "$binaries" --state "$state" "${options[@]}" -- "${others[@]}"
status=$?
exit $status
