#!/usr/bin/env bash
# Publishes one event: producer.sh TOPIC [JSON]. Without JSON a sample of the topic's events.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

venv_ready || venv_ensure >&2
PROGRAM=producer.sh exec "$python" "$kafka_tool" produce --brokers "$(broker_address)" "$@"
