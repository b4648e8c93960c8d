#!/usr/bin/env bash
# Starts a local Kafka broker in the background and makes the topics.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

case ${1:-} in
'') ;;
-h | --help)
    cat <<'HELP'
usage: kafka-local/up.sh

Starts a local Kafka broker in the background and makes the topics of kafka-local/topics.txt. Which broker:
  1. KAFKA_BROKERS     the broker you name; nothing is started, only the topics are made
  2. KAFKA_HOME        an Apache Kafka folder; a fresh broker on port 9094, or a free one where that is taken
  3. Docker            kafka-local/docker-compose.yml, where an engine answers (console: http://127.0.0.1:8080)
  4. else              the embedded broker noida-db, in memory
producer.sh, consumer.sh and topics.sh find it by themselves. kafka-local/down.sh stops it.
HELP
    exit 0
    ;;
*) fail "unknown option $1: see kafka-local/up.sh --help" 64 ;;
esac

state="$root/.run/broker"
if [ -z "${KAFKA_BROKERS:-}" ] && broker_load "$state"; then
    fail "a local broker is already running on $broker_address: kafka-local/down.sh stops it"
fi
venv_ensure
broker_choose
title "Kafka: $(broker_kind_text $broker_kind)"
note "$broker_why"
step "broker" "$root/.run/logs/broker.log" broker_start "$state" 9094 || exit 69
broker_load "$state"
step "topics" "$root/.run/logs/topics.log" "$python" "$kafka_tool" topics --brokers "$broker_address" || exit 69
note "KAFKA_BROKERS=$broker_address"
[ "$broker_kind" = given ] && rm -f "$state/broker.env"
note "publish: kafka-local/scripts/producer.sh order.events"
exit 0
