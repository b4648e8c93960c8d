#!/bin/bash
# Runs inside the init container of docker-compose.yml: creates the topics of the list that are missing.
# Each call of kafka-topics.sh starts a JVM, so four run side by side.
set -euo pipefail
export KAFKA_HEAP_OPTS=-Xmx128M

create() {
    local name=$1 partitions=$2 settings=$3 options=() setting
    if [ "$settings" != - ]; then
        for setting in ${settings//,/ }; do options+=(--config "$setting"); done
    fi
    /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVER" --create --if-not-exists \
        --topic "$name" --partitions "$partitions" --replication-factor 1 "${options[@]}"
}
export -f create

grep -vE '^[[:space:]]*(#|$)' "$1" | xargs -P 4 -L 1 bash -c 'create "$@"' create
