#!/usr/bin/env bash
# Shows the records of any topic from the beginning: consumer.sh TOPIC [--follow].
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

venv_ready || venv_ensure >&2
PROGRAM=consumer.sh exec "$python" "$kafka_tool" consume --brokers "$(broker_address)" "$@"
