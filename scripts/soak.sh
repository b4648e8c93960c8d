#!/usr/bin/env bash
# Runs core and consumers under a steady load for a long time: is memory flat, and is nothing lost?
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

usage() {
    cat <<'HELP'
usage: scripts/soak.sh [--minutes 30] [--rate 2000] [--bin DIR] [--no-build] [--keep]

Starts an Apache Kafka of its own from KAFKA_HOME, core-service, webhook-consumer and email-consumer, and publishes events
at a steady rate; each becomes one notification: half are mails, the rest webhooks, one in fifty of these to a receiver
that fails in five ways (5xx, 429, 408, no answer in time, and a 400 for good) before it takes them. Every five seconds it
takes a sample of what each process uses, and shows one a minute. Exit code 0:

  nothing lost    every event's notification has ended, once and as planned, by the status topic
  in time         at most 10 s of load are left to deliver when the load ends
  flat            memory, descriptors and threads of each process, after a warm-up of a fifth of the time (5 minutes at
                  most): the median slope between all pairs of samples (Theil and Sen), over the whole time, is not more
                  than 4 MB or 5 % of the memory, 8 descriptors, 2 threads

  --minutes N     30
  --rate N        events a second; 2000
  --bin DIR       take the executables of this folder
  --no-build      take .build/release as it is
  --keep          keep the logs of a run that succeeds, too

The receivers are C programs: it needs gcc or clang, and 5 GB of disk for half an hour.
HELP
}

build=1 keep=0 binaries="$root/.build/release" options=()
while [ $# -gt 0 ]; do
    case $1 in
    --minutes | --rate)
        [[ ${2:-} =~ ^[0-9]*[1-9][0-9]*(\.[0-9]+)?$ ]] || fail "$1 needs a number above 0" 64
        options+=("$1" "$2"); shift 2 ;;
    --bin) [ -x "${2:-}/core-service" ] || fail "--bin needs a folder with core-service" 64
        binaries=$(realpath "$2") build=0; shift 2 ;;
    --no-build) build=0; shift ;;
    --keep) keep=1; shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail "unknown option $1: see scripts/soak.sh --help" 64 ;;
    esac
done
[ -n "${KAFKA_HOME:-}" ] || fail "KAFKA_HOME is not set: the soak needs an Apache Kafka of its own" 69
[ -z "${KAFKA_BROKERS:-}" ] || fail "KAFKA_BROKERS is set: the soak starts a broker of its own; unset it" 64

title "Soak"
venv_ensure
if [ $build -eq 1 ]; then
    step "release build" "$root/.run/logs/soak-build.log" swift build --package-path "$root" -c release || exit 1
fi
[ -x "$binaries/core-service" ] || fail "not built: run scripts/soak.sh without --no-build"

state="$root/.run/soak/$$" status=1 test=''
mkdir -p "$state"
# The logs of a run that failed are kept.
finish() {
    trap '' INT TERM
    if [ -n "$test" ] && kill -TERM "$test" 2>/dev/null; then wait "$test"; fi
    broker_stop "$state/broker"
    if [ $status -eq 0 ] && [ $keep -eq 0 ]; then
        rm -rf "$state"
    else
        rm -rf "$state/broker/data"
        note "logs: $state"
    fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

broker_choose
step "broker ($(broker_kind_text $broker_kind))" "$root/.run/logs/soak-broker-$$.log" broker_start "$state/broker" || exit 69
rm -f "$root/.run/logs/soak-broker-$$.log"
broker_load "$state/broker"
NOTIFICATIONHUB_BIN="$binaries" PYTHONPATH="$root/scripts/lib" "$python" -X faulthandler "$root/Tests/Soak" \
    --brokers "$broker_address" --broker-pid "$broker_pid" --state "$state" "${options[@]}" &
test=$!
wait $test
status=$?
exit $status
