#!/usr/bin/env bash
# Runs core-service, webhook-consumer and notifyctl from their images as they are meant to run: no root, a read-only file
# system, no capabilities. One event must arrive as a webhook, and both must end cleanly.
#
#   KAFKA_BROKERS=127.0.0.1:9094 deploy/check-images.sh [docker|podman] [OPTION OF RUN...]
#
# The broker must be one for trying things out, reachable from the host's network; topics that are missing are made.
set -euo pipefail
engine=${1:-docker}
[ $# -eq 0 ] || shift
: "${KAFKA_BROKERS:?set KAFKA_BROKERS to a broker}"
work=$(mktemp -d)
core=notificationhub-check-core-$$ webhook=notificationhub-check-webhook-$$
receiver=
cleanup() {
    [ -z "$receiver" ] || kill "$receiver"
    for name in "$core" "$webhook"; do "$engine" rm -f "$name" >/dev/null 2>&1 || true; done
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "check-images: $1" >&2
    for name in "$core" "$webhook"; do "$engine" logs "$name" 2>&1 | tail -n 5 >&2 || true; done
    exit 1
}

# run IMAGE OPTION... -- ARGUMENT...
run() {
    local image=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1") && shift; done
    [ $# -eq 0 ] || shift
    "$engine" run --network host --read-only --cap-drop ALL --security-opt no-new-privileges \
        -e KAFKA_BROKERS="$KAFKA_BROKERS" "${extra[@]}" "${options[@]}" "notificationhub/$image" "$@"
}
extra=("$@")

# until_true SECONDS COMMAND...
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}

# Answers 200 to everything and writes one line for each request.
python3 - "$work" <<'PYTHON' &
import http.server, pathlib, sys
folder = pathlib.Path(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with (folder / "received").open("ab") as file:
            file.write(body + b"\n")
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
(folder / "new").write_text(str(server.server_port))
(folder / "new").rename(folder / "port")
server.serve_forever()
PYTHON
receiver=$!
until_true 10 test -f "$work/port" || fail "the receiver does not start"

run notifyctl --rm -- topics apply
run core-service -d --name "$core" -e METRICS_SERVER_ADDRESS=127.0.0.1:0 -e INSTANCE_ID=check-$$ >/dev/null
run webhook-consumer -d --name "$webhook" -e METRICS_SERVER_ADDRESS=127.0.0.1:0 -e ALLOW_NETWORKS=127.0.0.0/8 \
    -e ORDERS_WEBHOOK_URL="http://127.0.0.1:$(cat "$work/port")/" -e ORDERS_WEBHOOK_SECRET=whsec_Y2hlY2staW1hZ2VzLWNoZWNrLWltYWdlcw== >/dev/null
event=check-images-$$
run notifyctl --rm -- send order.created event_id="$event" user_id=test123 order_id="$event" amount=1
until_true 60 grep -qs "$event" "$work/received" || fail "the webhook did not arrive"
run notifyctl --rm -- status get "$event"

for name in "$core" "$webhook"; do
    [ "$("$engine" inspect --format '{{.Config.User}}' "$name")" = 10001:10001 ] || fail "$name runs as another user"
    "$engine" stop -t 40 "$name" >/dev/null
    code=$("$engine" inspect --format '{{.State.ExitCode}}' "$name")
    [ "$code" = 0 ] || fail "$name ended with $code"
done
echo "the images work: delivered once, ended cleanly, not root, nothing written"
