#!/usr/bin/env bash
# Stops the broker that kafka-local/up.sh started and throws its data away.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

case ${1:-} in
'') ;;
-h | --help)
    echo "usage: kafka-local/down.sh    stops the broker that kafka-local/up.sh started and throws its data away"
    exit 0
    ;;
*) fail "unknown option $1: see kafka-local/down.sh --help" 64 ;;
esac

if broker_load "$root/.run/broker"; then
    address=$broker_address kind=$broker_kind
    broker_stop "$root/.run/broker"
    echo "stopped $(broker_kind_text "$kind") on $address"
else
    echo "no local broker is running"
fi
