# The one place that decides which Kafka broker is used, and that starts and stops it. Sourced by up.sh, down.sh and the
# scripts in scripts/. Needs `root`, ui.sh and venv.sh.
#
#   broker_choose            sets broker_kind and broker_why
#   broker_start DIR [PORT]  starts what was chosen and remembers it in DIR/broker.env; PORT is used where it is free
#   broker_stop DIR          stops what broker_start started there; a broker that was given is left alone
#   broker_load DIR          sets broker_kind, broker_address, broker_pid of a broker that is running; else false
#   broker_address           prints where a client should connect
#
# Where broker_behind is set before broker_start, Apache Kafka from KAFKA_HOME has a second listener for clients that come
# through a proxy: they are told that address, and the proxy goes on to broker_upstream of broker.env. It takes lines of
# server.properties from broker_properties.

kafka_tool="$root/kafka-local/lib/kafka_tool.py"
broker_default_address=127.0.0.1:9094

broker_choose() {
    if [ -n "${KAFKA_BROKERS:-}" ]; then
        broker_kind=given
        broker_why="KAFKA_BROKERS is set"
    elif [ -n "${KAFKA_HOME:-}" ]; then
        [ -x "$KAFKA_HOME/bin/kafka-server-start.sh" ] ||
            fail "KAFKA_HOME is $KAFKA_HOME, but there is no bin/kafka-server-start.sh: correct it or unset it"
        command -v java >/dev/null || fail "KAFKA_HOME is set, but there is no java: install a JRE 17 or newer, or unset it"
        broker_kind=kafka-home
        broker_why="KAFKA_HOME is set"
    elif docker_engine; then
        broker_kind=docker
        broker_why="no KAFKA_BROKERS, no KAFKA_HOME; a Docker engine answers"
    else
        broker_kind=embedded
        broker_why="no KAFKA_BROKERS, no KAFKA_HOME, no Docker engine answers"
    fi
}

broker_kind_text() {
    case $1 in
    given) echo "the broker you named" ;;
    kafka-home) echo "Apache Kafka from KAFKA_HOME" ;;
    docker) echo "Apache Kafka in Docker" ;;
    embedded) echo "the embedded broker noida-db" ;;
    esac
}

docker_engine() {
    command -v docker >/dev/null && timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1 &&
        timeout 10 docker compose version >/dev/null 2>&1
}

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_ports COUNT: ports nobody listens on, all different.
free_ports() {
    python3 - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in sockets))
PYTHON
}

broker_start() {
    local dir=$1 wanted=${2:-} port controller limit=60
    broker_stop "$dir"
    rm -rf "$dir" && mkdir -p "$dir" || fail "cannot write to $dir"
    read -r port controller < <(free_ports 2)
    if [ -n "$wanted" ] && port_free "$wanted"; then port=$wanted; fi
    broker_pid='' broker_upstream=''
    broker_address=127.0.0.1:$port
    case $broker_kind in
    given) broker_address=$KAFKA_BROKERS limit=15 ;;
    kafka-home) start_kafka_home "$dir" "$port" "$controller" ;;
    docker) start_docker "$dir" "$port" ;;
    embedded) start_embedded "$dir" "$port" ;;
    esac
    broker_remember "$dir"
    "$python" "$kafka_tool" wait --brokers "$broker_address" --timeout "$limit" ${broker_pid:+--pid "$broker_pid"} && return 0
    [ -f "$dir/broker.log" ] && tail -n 15 "$dir/broker.log"
    broker_stop "$dir"
    fail "no broker answers on $broker_address ($(broker_kind_text "$broker_kind"))"
}

broker_remember() {
    printf 'broker_kind=%s\nbroker_address=%s\nbroker_pid=%s\n' "$broker_kind" "$broker_address" "$broker_pid" >"$1/broker.env"
    [ -z "$broker_upstream" ] ||
        printf 'broker_behind=%s\nbroker_upstream=%s\n' "$broker_behind" "$broker_upstream" >>"$1/broker.env"
}

start_kafka_home() {
    local dir=$1 port=$2 controller=$3 id upstream listener='' advertised=''
    if [ -n "${broker_behind:-}" ]; then
        upstream=$(free_ports 1)
        broker_upstream=127.0.0.1:$upstream
        listener=,BEHIND://$broker_upstream advertised=,BEHIND://$broker_behind
    fi
    cat >"$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller$listener
advertised.listeners=PLAINTEXT://127.0.0.1:$port$advertised
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,BEHIND:PLAINTEXT
log.dirs=$dir/data
num.partitions=4
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
${broker_properties:-}
PROPERTIES
    # A cluster id is 16 random bytes in URL-safe base64; making it here saves the start of a JVM.
    id=$(python3 -c 'import base64, uuid; print(base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))')
    "$KAFKA_HOME/bin/kafka-storage.sh" format --cluster-id="$id" --config "$dir/server.properties" >"$dir/format.log" 2>&1 ||
        { cat "$dir/format.log"; fail "kafka-storage.sh could not format $dir/data"; }
    KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xms256M -Xmx1G} LOG_DIR="$dir/logs" \
        setsid "$KAFKA_HOME/bin/kafka-server-start.sh" "$dir/server.properties" >"$dir/broker.log" 2>&1 </dev/null &
    broker_pid=$!
}

start_embedded() {
    local dir=$1 port=$2 program
    program=$(echo "$venv"/lib/python3*/site-packages/noida_db/noida-db)
    chmod +x "$program" 2>/dev/null || fail "the embedded broker is not installed: run ./scripts/setup.sh"
    setsid "$program" start --data-dir "$dir/data" --only kafka --kafka-port "$port" >"$dir/broker.log" 2>&1 </dev/null &
    broker_pid=$!
}

# compose DIR ARGUMENTS...: docker compose for the broker of this state folder.
compose() {
    local project
    project=notificationhub-$(printf %s "$1" | sha256sum | cut -c1-8)
    shift
    docker compose -p "$project" -f "$root/kafka-local/docker-compose.yml" "$@"
}

# The console takes part only on its own port 8080; where that is taken, or for a passing broker, it stays out.
start_docker() {
    local dir=$1 services=(kafka)
    if [ "$2" = 9094 ] && port_free 8080; then services+=(console); fi
    export KAFKA_HOST_PORT=$2
    compose "$dir" up -d --wait "${services[@]}" && return 0
    compose "$dir" down -v >/dev/null 2>&1
    warn "Docker answers but cannot run the images of docker-compose.yml; using the embedded broker instead"
    broker_kind=embedded
    start_embedded "$@"
}

broker_load() {
    broker_kind='' broker_address='' broker_pid=''
    [ -f "$1/broker.env" ] || return 1
    . "$1/broker.env"
    [ -z "$broker_pid" ] || kill -0 "$broker_pid" 2>/dev/null
}

# The data is thrown away with the broker, so nothing waits for an orderly stop.
broker_stop() {
    local dir=$1 broker_kind broker_address broker_pid
    if broker_load "$dir"; then
        if [ "$broker_kind" = docker ]; then
            compose "$dir" down -v >/dev/null 2>&1
        elif [ -n "$broker_pid" ]; then
            kill -KILL "$broker_pid" 2>/dev/null
            while kill -0 "$broker_pid" 2>/dev/null; do read -rt 0.05 <> <(:) || true; done
        fi
    fi
    rm -rf "$dir/data" "$dir/broker.env"
}

broker_address() {
    local dir
    [ -z "${KAFKA_BROKERS:-}" ] || { echo "$KAFKA_BROKERS" && return; }
    for dir in "$root/.run/broker" "$root/.run/demo/broker"; do
        if (broker_load "$dir"); then (broker_load "$dir" && echo "$broker_address") && return; fi
    done
    echo "$broker_default_address"
}
