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
       scripts/bench.sh delivery [OPTION...]

core: core-service, started as it is by default, on a broker of its own. Three parts, each from empty topics:

  start     from the start to the first committed notification (median of 5), and the memory after 10 s without input
  latency   from an event to its committed notification, at a steady rate
  drain     a backlog: events/s, CPU time and memory, with the default HTML templates too. Beside it the limit: C that
            only copies bytes, in one transaction per 200 ms, before and after; and "limit, headers", the same C
            with records of a notification's shape: six headers, as many bytes, LZ4

Other systems are measured too: COMMAND is run by a shell with KAFKA_BROKERS and KAFKA_GROUP_ID, reads order.events,
payment.events and user.events from the beginning, writes notifications.{email,sms,webhook,slack}, ends at SIGTERM.

  --events N            the backlog; 1,000,000
  --instances N         of core-service, in one group; 1
  --commit-interval D   of core-service, such as 250ms
  --core-only           neither the limit nor the HTML templates nor other systems
  --timeout N           seconds that a system may take for the backlog; 300
  --rounds N            measure the backlog so often and show medians; 1
  --rate N, --seconds N events a second and duration for the latency; 1,000, 20
  --parts A,B           only these of start, latency, drain

delivery: webhook-consumer and email-consumer, from the record in Kafka to the committed offset, status records
included, beside floors in C that only send: libcurl's multi interface with connections kept alive and signed bodies;
SMTP sessions opened by libcurl with a pipelined dialogue. Receivers in C run beside them. Its parts:

  webhook     a backlog to one endpoint, 64 in flight, between two runs of the floor; the same by the plainest C that
              reads, posts, writes status records and commits, without parsing, checking, retrying or counting
  mail        a backlog over 16 connections, to postfix's smtp-sink where it is installed (SMTP_SINK names it) or to
              a sink in C, and to a server that takes 20 ms for each mail
  endpoints   backlogs to 1,000 endpoints and to one over TLS
  latency     from an event, through the core and the consumer, to the received webhook, at a steady rate
  isolation   the latency of 99 endpoints while a hundredth hangs, and while it does not, in turn
  memory      idle, and with a backlog for endpoints that are all down

  --deliveries N        the backlog of webhooks; 150,000
  --mails N             the backlog of mails; 120,000
  --backlog N           what waits for endpoints that are down; 1,000,000
  --rounds N            measure the backlogs so often and show medians; 3
  --rate N, --seconds N events a second and duration for the latency; 1,000, 15
  --pairs N             of the isolation; 5
  --parts A,B           only these
  --short               a tenth of everything, once: shows that it works, and little else

both:

  --partitions N        of every topic; 4
  --brokers A           use this broker, which must not have the topics; else KAFKA_BROKERS, KAFKA_HOME, Docker, the
                        embedded noida-db, in this order
  --no-build            take .build/release as it is
  --bin DIR             take the executables of this folder
  --keep                keep the logs

The numbers are CPU time of the processes as Linux counts it, and the highest and the present resident memory. Markers
are what transactions leave in the output topics. Needs gcc or clang and librdkafka-dev, for delivery
libcurl4-openssl-dev and libssl-dev. Ends with 1 when something was lost, or came twice, or a system did not finish. The
last line is the result as JSON.
HELP
}

# list_of NAME...: a regular expression for a list of these.
list_of() { local names; names=$(IFS='|'; echo "$*"); echo "^($names)(,($names))*\$"; }

case ${1:-} in
-h | --help) usage; exit 0 ;;
core) parts=(start latency drain) executables=(core-service) ;;
delivery)
    parts=(webhook mail endpoints latency isolation memory)
    executables=(core-service webhook-consumer email-consumer) ;;
*) fail "which subject, core or delivery? see scripts/bench.sh --help" 64 ;;
esac
subject=$1
shift

build=1 keep=0 binaries="$root/.build/release" options=() others=()
while [ $# -gt 0 ]; do
    case $subject:$1 in
    *:-h | *:--help) usage; exit 0 ;;
    *:--rounds | *:--partitions | *:--rate | *:--seconds | core:--events | core:--instances | core:--timeout | \
        delivery:--deliveries | delivery:--mails | delivery:--backlog | delivery:--pairs)
        [[ ${2:-} =~ ^[1-9][0-9_,]*$ ]] || fail "$1 needs a number above 0" 64
        options+=("$1" "$2"); shift 2 ;;
    core:--commit-interval)
        [[ ${2:-} =~ ^[0-9.]+(ms|s)$ ]] || fail "--commit-interval needs a duration such as 250ms" 64
        options+=("$1" "$2"); shift 2 ;;
    *:--parts)
        [[ ${2:-} =~ $(list_of "${parts[@]}") ]] || fail "--parts takes ${parts[*]}, separated by commas" 64
        options+=("$1" "$2"); shift 2 ;;
    *:--brokers) [ $# -gt 1 ] || fail "--brokers needs an address" 64; KAFKA_BROKERS=$2; shift 2 ;;
    *:--no-build) build=0; shift ;;
    *:--bin)
        for name in "${executables[@]}"; do [ -x "${2:-}/$name" ] || fail "--bin needs a folder with $name" 64; done
        binaries=$(realpath "$2") build=0; shift 2 ;;
    core:--core-only) options+=("$1"); shift ;;
    delivery:--short)
        options+=(--deliveries 20000 --mails 20000 --backlog 100000 --rounds 1 --seconds 4 --pairs 1); shift ;;
    *:--keep) keep=1; shift ;;
    *:-*) fail "unknown option $1 of $subject: see scripts/bench.sh --help" 64 ;;
    core:*=*) others+=("$1"); shift ;;
    *) fail "$1 is no option of $subject: see scripts/bench.sh --help" 64 ;;
    esac
done

title "Benchmark: $subject"
venv_ensure
if [ $build -eq 1 ]; then
    for name in "${executables[@]}"; do
        step "release build of $name" "$root/.run/logs/bench-build.log" \
            swift build --package-path "$root" -c release --product "$name" || exit 1
    done
fi
for name in "${executables[@]}"; do
    [ -x "$binaries/$name" ] || fail "$name is not built: run scripts/bench.sh without --no-build"
done

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
    --brokers "$broker_address" --bin "$binaries" --state "$state" "${options[@]}" ${others[@]:+-- "${others[@]}"}
status=$?
exit $status
