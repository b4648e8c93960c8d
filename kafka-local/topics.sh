#!/usr/bin/env bash
# Makes the topics of kafka-local/topics.txt that are missing (--list shows all).
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

venv_ready || venv_ensure >&2
PROGRAM=topics.sh exec "$python" "$kafka_tool" topics --brokers "$(broker_address)" "$@"
