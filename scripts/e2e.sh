#!/usr/bin/env bash
# Runs the end-to-end tests: the built executables, a real broker, clients and servers that are not ours.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/ui.sh"
. "$root/scripts/lib/venv.sh"
. "$root/kafka-local/lib/broker.sh"

usage() {
    cat <<'HELP'
usage: scripts/e2e.sh [--brokers ADDRESS] [--junit FILE] [--no-build] [PYTEST OPTION...]

Builds the executables (release), starts a broker of its own and runs Tests/EndToEnd with pytest.

  --brokers ADDRESS   use this broker; else KAFKA_BROKERS, KAFKA_HOME, Docker, the embedded noida-db, in this order
  --junit FILE        write the results as JUnit XML
  --no-build          take the executables in .build/release as they are (NOTIFICATIONHUB_BIN: another folder)

Everything else goes to pytest: scripts/e2e.sh -k webhook -x
HELP
}

junit='' build=1 pytest_options=()
while [ $# -gt 0 ]; do
    case $1 in
    --brokers) [ $# -gt 1 ] || fail "--brokers needs an address" 64; KAFKA_BROKERS=$2; shift 2 ;;
    --brokers=*) KAFKA_BROKERS=${1#*=}; shift ;;
    --junit) [ $# -gt 1 ] || fail "--junit needs a file" 64; junit=$2; shift 2 ;;
    --junit=*) junit=${1#*=}; shift ;;
    --no-build) build=0; shift ;;
    -h | --help) usage; exit 0 ;;
    *) pytest_options+=("$1"); shift ;;
    esac
done
[ -z "$junit" ] || pytest_options+=("--junit-xml=$(realpath -m "$junit")")

setup_options=()
if [ $build -eq 0 ] || [ -n "${NOTIFICATIONHUB_BIN:-}" ]; then setup_options+=(--no-build); fi
"$root/scripts/setup.sh" "${setup_options[@]}" || exit 1

broker_choose
state="$root/.run/e2e/$$"
trap 'trap "" INT TERM; broker_stop "$state"; rm -rf "$state"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
title "Kafka: $(broker_kind_text $broker_kind)"
note "$broker_why"
mkdir -p "$state"
step "broker" "$root/.run/logs/e2e-broker-$$.log" broker_start "$state" || exit 69
rm -f "$root/.run/logs/e2e-broker-$$.log"
broker_load "$state"

title "End-to-end tests"
cd "$root/Tests/EndToEnd" || exit 1
"$python" -m pytest --brokers "$broker_address" --broker-kind "$broker_kind" "${pytest_options[@]}"
