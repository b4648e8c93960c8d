#!/usr/bin/env bash
# Sets everything up and runs the whole pipeline on this machine: one event of each type in, nine notifications out.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

run="$root/.run/demo"
keep=0

usage() {
    cat <<'HELP'
usage: scripts/demo.sh [--keep | --stop]

Sets the machine up (scripts/setup.sh), then runs broker, topics, core-service, the four consumers and local receivers: an
SMTP server (aiosmtpd) and HTTP receivers for the webhook, Slack and Twilio's API, which verify what they get. Publishes one
event of each of the five types through kafka-local/scripts/producer.sh and shows the nine notifications as they arrive.

  --keep    leave everything running afterwards and say where it is
  --stop    stop what --keep left running

The broker is chosen as by kafka-local/up.sh: KAFKA_BROKERS, KAFKA_HOME, Docker, else the embedded noida-db.
Exit code 0: all nine arrived, once each, with valid signatures.
HELP
}

# The demo's process is a session of its own; it stops its services by itself.
stop_demo() {
    local pid=${1:-} tries=0
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null
    while kill -0 "$pid" 2>/dev/null && [ $((tries += 1)) -lt 800 ]; do pause 0.05; done
}

pause() { read -rt "$1" <> <(:) || true; }

running_demo() {
    local pid
    pid=$(cat "$run/demo.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null && grep -q "demo" "/proc/$pid/cmdline" 2>/dev/null &&
        echo "$pid"
}

case ${1:-} in
'') ;;
--keep) keep=1 ;;
--stop)
    pid=$(running_demo) || fail "no demo is running"
    stop_demo "$pid"
    broker_stop "$run/broker"
    rm -f "$run/demo.pid"
    echo "stopped the demo"
    exit 0
    ;;
-h | --help)
    usage
    exit 0
    ;;
*) fail "unknown option $1: see scripts/demo.sh --help" 64 ;;
esac

running_demo >/dev/null && fail "a demo is already running: scripts/demo.sh --stop stops it"

"$root/scripts/setup.sh" || exit 1

broker_choose
mkdir -p "$run" && rm -f "$run/result" "$run/demo.pid"
demo_pid=''
finish() {
    trap '' INT TERM
    stop_demo "$demo_pid"
    broker_stop "$run/broker"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

title "Kafka: $(broker_kind_text $broker_kind)"
note "$broker_why"
step "broker" "$root/.run/logs/broker.log" broker_start "$run/broker" 9094 || exit 69
broker_load "$run/broker"
step "topics" "$root/.run/logs/topics.log" "$python" "$kafka_tool" topics --brokers "$broker_address" || exit 69

options=(--brokers "$broker_address" --run "$run")
[ $keep -eq 1 ] && options+=(--keep)
PYTHONPATH="$root/scripts/lib" COLUMNS=${COLUMNS:-$(tput cols 2>/dev/null || echo 80)} \
    setsid "$python" -m demo "${options[@]}" </dev/null &
demo_pid=$!
echo "$demo_pid" >"$run/demo.pid"
while [ ! -f "$run/result" ] && kill -0 "$demo_pid" 2>/dev/null; do pause 0.05; done
result=$(cat "$run/result" 2>/dev/null || echo 1)
if [ $keep -eq 1 ] && kill -0 "$demo_pid" 2>/dev/null && [ "$result" != 130 ]; then
    trap - EXIT
else
    wait "$demo_pid" 2>/dev/null
    rm -f "$run/demo.pid"
fi
exit "$result"
