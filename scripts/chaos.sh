#!/usr/bin/env bash
# Proves promises under faults: instances are killed, frozen, fenced and put out of their group, and so is the broker.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

usage() {
    cat <<'HELP'
usage: scripts/chaos.sh core|delivery [OPTION...]

core: is every notification there exactly once? Starts an Apache Kafka of its own from KAFKA_HOME and three instances of
core-service in one group, two of them with an INSTANCE_ID, keeps them under load and inflicts faults in random order:
SIGKILL, SIGTERM, SIGHUP, SIGSTOP beyond the session, twins of one identity, fencing, eviction from the group, rebalance
storms; the broker killed, frozen, away for a minute. An independent checker reads what is committed and works out from
the events what must be there. Exit code 0: nothing lost, duplicated, altered or out of order, every committed offset at
its end, and after every fault every input partition went on within session timeout + 15 s. The last line is the report
as JSON.

delivery: does every notification arrive, no sooner than it may, in order, and no more often than promised? The same with
the consumers of all channels (three instances for webhooks, two for mails) and receivers that misbehave as each
notification tells them to: 4xx and 5xx, Retry-After, resets, hangs, half answers, 410, TLS and DNS failures, SMTP 421,
connections dropped after the message. More faults: the network to endpoints and to the broker (with TOXIPROXY), retry and
dead letter topics that cannot be written or are missing. The checker compares what was published with what the receivers wrote down
and what is in the topics. Exit code 0: nothing lost, dead-lettered early, sent before it was due, out of order, or sent
again without a fault that explains it, and after a SIGKILL or SIGSTOP no more than was in flight or not yet committed.
Mails are in strict order where the seed is odd.

  --seed N          the order of faults and events; else a random one, which is printed
  --cycles N        how many faults; 100
  --minutes N       delivery only; no more faults after so long
  --short           a few chosen faults, one of each important sort; core about 100 s (with the missing topic), delivery 80 s
  --instances N     core only; 3
  --rate N          events or notifications a second; core 1000, delivery 400
  --assignment S    of the group's partitions: range, roundrobin or cooperative-sticky, which
                    needs a librdkafka of 2.6.1 or newer on LD_LIBRARY_PATH; range
  --faults A,B,…    only these, in this order again and again
  --missing-topic   core only, instead: an output topic is deleted under load and made again
  --bites           instead: builds the subject with three deliberate bugs; the checker must find each
  --check-mutations only: do the patches of the three bugs still fit the sources?
  --keep            keep the logs of a run that succeeds, too
  --no-build        take .build/release as it is
  --bin DIR         take the executables of this folder
HELP
}

subject='' build=1 keep=0 needs_broker=1 binaries="$root/.build/release" options=()
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    core | delivery) subject=$1; shift ;;
    --seed | --cycles | --minutes | --instances | --rate)
        [[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 needs a number" 64
        options+=("$1" "$2"); shift 2 ;;
    --assignment) [ $# -gt 1 ] || fail "--assignment needs a strategy" 64; options+=("$1" "$2"); shift 2 ;;
    --faults) [ $# -gt 1 ] || fail "--faults needs names" 64; options+=("$1" "$2"); shift 2 ;;
    --short | --missing-topic | --bites) options+=("$1"); shift ;;
    --check-mutations) options+=("$1") needs_broker=0; shift ;;
    --keep) keep=1; shift ;;
    --no-build) build=0; shift ;;
    --bin) [ -d "${2:-}" ] || fail "--bin needs a folder with the executables" 64
        binaries=$(realpath "$2") build=0; shift 2 ;;
    *) fail "unknown option $1: see scripts/chaos.sh --help" 64 ;;
    esac
done
[ -n "$subject" ] || fail "which subject? see scripts/chaos.sh --help" 64

# The test itself, in place of this shell; its broker runs in $state/broker.
run() {
    exec env PYTHONPATH="$root/scripts/lib" "$python" -X faulthandler "$root/Tests/Chaos" "$subject" \
        --state "$state" --bin "$binaries" "${options[@]}"
}

state="$root/.run/chaos/$$"
venv_ensure
if [ $needs_broker -eq 0 ]; then
    run
fi
[ -n "${KAFKA_HOME:-}" ] || fail "KAFKA_HOME is not set: the chaos test needs an Apache Kafka that it may kill" 69
[ -z "${KAFKA_BROKERS:-}" ] || fail "KAFKA_BROKERS is set: the chaos test kills its broker and starts its own; unset it" 64

title "Chaos: $subject"
if [ $build -eq 1 ]; then
    step "release build" "$root/.run/logs/chaos-build.log" \
        swift build --package-path "$root" -c release || exit 1
fi

# The broker is started often and does little: a quick start matters more than its speed later.
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xms256M -Xmx1G -XX:TieredStopAtLevel=1}
broker_choose
if [ "$subject" = delivery ]; then
    [ -z "${TOXIPROXY:-}" ] || broker_behind=127.0.0.1:$(free_ports 1)
    # So that it can be forbidden to write to a topic.
    broker_properties='authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true'
fi
mkdir -p "$state"
status=1 test=''
# The logs of a run that failed are kept.
finish() {
    trap '' INT TERM
    # It ends its instances before it ends.
    if [ -n "$test" ] && kill -TERM "$test" 2>/dev/null; then wait "$test"; fi
    broker_stop "$state/broker"
    if [ $status -eq 0 ] && [ $keep -eq 0 ]; then rm -rf "$state"; else note "logs: $state"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
step "broker ($(broker_kind_text $broker_kind))" "$root/.run/logs/chaos-broker-$$.log" broker_start "$state/broker" || exit 69
rm -f "$root/.run/logs/chaos-broker-$$.log"
run &
test=$!
wait $test
status=$?
exit $status
