"""Command line and configuration of every executable; nothing here needs a broker, unless it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from localhub.kafka import Broker
from localhub.processes import EXECUTABLES, free_port, run_once
from support.config import ConfigFolder
from support.names import SLACK_PATH, SMTP_PASSWORD, TWILIO_TOKEN, WEBHOOK_SECRET, unique

CONSUMERS = EXECUTABLES[1:]
REQUIRED = {
    "SMTP_HOST": "127.0.0.1",
    "SMTP_USERNAME": "ada",
    "SMTP_PASSWORD": SMTP_PASSWORD,
    "EMAIL_FROM": "hello@sender.example",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
    "TWILIO_FROM": "+15005550006",
    "ORDERS_WEBHOOK_URL": "https://hooks.example/orders",
    "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
    "SLACK_WEBHOOK_URL": f"https://hooks.slack.example/services/{SLACK_PATH}",
}
each = pytest.mark.parametrize("name", EXECUTABLES)


def environment(config: ConfigFolder, **more: str) -> dict[str, str]:
    return REQUIRED | {"CONFIG_DIR": str(config.path)} | more


@each
def test_help(name: str) -> None:
    result = run_once(name, "--help")
    assert result.returncode == 0
    for option in ("--config", "--check", "--print-config", "--version", "--help", "--health"):
        assert option in result.stdout
    assert name in result.stdout


@each
def test_version(name: str) -> None:
    result = run_once(name, "--version")
    assert result.returncode == 0
    assert name in result.stdout and any(character.isdigit() for character in result.stdout)


@each
@pytest.mark.parametrize("arguments", [("--nonsense",), ("--config",), ("stray",)], ids=" ".join)
def test_wrong_usage_is_one_sentence_and_64(name: str, arguments: tuple[str, ...]) -> None:
    result = run_once(name, *arguments)
    assert result.returncode == 64
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1


@each
def test_check_validates_the_shipped_configuration(name: str, config: ConfigFolder) -> None:
    result = run_once(name, "--check", environment=environment(config))
    assert (result.returncode, result.stderr) == (0, "")


@each
def test_check_connects_to_nothing(name: str, config: ConfigFolder) -> None:
    result = run_once(name, "--check", environment=environment(config, KAFKA_BROKERS=f"127.0.0.1:{free_port()}"), timeout=10)
    assert result.returncode == 0


@each
def test_print_config_masks_secrets_and_tells_origins(name: str, config: ConfigFolder) -> None:
    result = run_once(name, "--print-config", environment=environment(config, KAFKA_BROKERS="kafka.example:9092"))
    assert result.returncode == 0
    for secret in (SMTP_PASSWORD, TWILIO_TOKEN, SLACK_PATH, WEBHOOK_SECRET):
        assert secret not in result.stdout + result.stderr
    [line] = [line for line in result.stdout.splitlines() if "kafka.example:9092" in line]
    assert "environment" in line and "KAFKA_BROKERS" in line
    assert "default" in result.stdout


@each
def test_an_unknown_key_is_named_with_its_line_and_a_suggestion(name: str, config: ConfigFolder) -> None:
    file = "core.yaml" if name == "core-service" else f"{name.removesuffix('-consumer')}.yaml"
    config.write(file, "# first line\nkafka:\n  broker: 127.0.0.1:9094\n")
    result = run_once(name, "--check", environment=environment(config))
    assert result.returncode == 78
    assert f"{config.path}/{file}:3: " in result.stderr


@each
@pytest.mark.parametrize("arguments", [("--check",), ()], ids=["check", "start"])
def test_what_only_a_client_of_kafka_refuses_is_named_with_its_line(
    name: str, arguments: tuple[str, ...], config: ConfigFolder
) -> None:
    file = "core.yaml" if name == "core-service" else f"{name.removesuffix('-consumer')}.yaml"
    config.write(file, "kafka:\n  fetch.max.bytes: 100\n  partition.assignment.strategy: foo\n")
    settings = environment(config, KAFKA_SECURITY_PROTOCOL="ssl", KAFKA_SSL_CA_LOCATION="/etc/hostname")
    result = run_once(name, *arguments, environment=environment(config), timeout=20)
    assert result.returncode == 78
    assert [line.removeprefix(f"{config.path}/") for line in result.stderr.splitlines()] == [
        f"{file}:2: kafka.fetch.max.bytes: `fetch.max.bytes` must be >= `message.max.bytes`",
        f"{file}:3: kafka.partition.assignment.strategy: Unsupported partition.assignment.strategy: foo",
    ]
    result = run_once(name, *arguments, environment=settings, timeout=20)
    assert result.returncode == 78
    assert "environment: KAFKA_SSL_CA_LOCATION: ssl.ca.location failed" in result.stderr


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("email-consumer", ["SMTP_HOST", "EMAIL_FROM"]),
        ("sms-consumer", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"]),
        ("webhook-consumer", ["ORDERS_WEBHOOK_URL", "ORDERS_WEBHOOK_SECRET"]),
        ("slack-consumer", ["SLACK_WEBHOOK_URL"]),
    ],
)
def test_every_missing_setting_is_named_at_once(name: str, missing: list[str], config: ConfigFolder) -> None:
    result = run_once(name, "--check", environment={"CONFIG_DIR": str(config.path)})
    assert result.returncode == 78
    for variable in missing:
        assert variable in result.stderr


@pytest.mark.parametrize("name", ["core-service"])
def test_the_core_needs_no_secret_of_a_channel(name: str, config: ConfigFolder) -> None:
    assert run_once(name, "--check", environment={"CONFIG_DIR": str(config.path)}).returncode == 0


@each
def test_an_empty_variable_counts_as_unset(name: str, config: ConfigFolder) -> None:
    result = run_once(name, "--print-config", environment=environment(config, KAFKA_BROKERS=""))
    assert result.returncode == 0
    assert "127.0.0.1:9094" in result.stdout


@pytest.mark.parametrize("name", CONSUMERS)
@pytest.mark.parametrize(
    ("variable", "value"),
    [("WORKER_POOL_SIZE", "many"), ("MAX_RETRIES", "-1"), ("RETRY_TIERS", "30s,never"), ("DRAIN_TIMEOUT", "soon"), ("LOG_LEVEL", "loud")],
)
def test_a_bad_variable_is_named(name: str, variable: str, value: str, config: ConfigFolder) -> None:
    result = run_once(name, "--check", environment=environment(config, **{variable: value}))
    assert result.returncode == 78
    assert variable in result.stderr


def test_a_port_within_the_name_of_the_mail_server_is_a_fault(config: ConfigFolder) -> None:
    result = run_once("email-consumer", "--check", environment=environment(config, SMTP_HOST="mail.example.com:587"))
    assert result.returncode == 78
    assert "SMTP_HOST: must be a host name or an address; the port is a setting of its own" in result.stderr


@each
def test_a_secret_file_that_is_missing_is_named(name: str, config: ConfigFolder, tmp_path: Path) -> None:
    result = run_once(name, "--check", environment=environment(config, KAFKA_SASL_PASSWORD_FILE=str(tmp_path / "absent")))
    assert result.returncode == 78
    assert "absent" in result.stderr


@each
def test_an_unreachable_broker_is_69_after_the_startup_timeout(name: str, config: ConfigFolder) -> None:
    file = "core.yaml" if name == "core-service" else f"{name.removesuffix('-consumer')}.yaml"
    config.edit(file, lambda document: document.update(startup_timeout="1s"))
    address = f"127.0.0.1:{free_port()}"
    settings = environment(config, KAFKA_BROKERS=address, METRICS_SERVER_ADDRESS="off")
    result = run_once(name, environment=settings, timeout=40)
    assert result.returncode == 69
    assert address in result.stderr


@pytest.mark.parametrize("name", CONSUMERS)
def test_missing_topics_are_named_and_69(name: str, config: ConfigFolder, broker: Broker) -> None:
    config.edit(f"{name.removesuffix('-consumer')}.yaml", lambda document: document.update(startup_timeout="1s"))
    topic = unique("absent")
    settings = environment(config, KAFKA_BROKERS=broker.address, KAFKA_TOPIC=topic, METRICS_SERVER_ADDRESS="off")
    result = run_once(name, environment=settings, timeout=40)
    assert result.returncode == 69
    assert topic in result.stderr


def test_health_asks_the_running_process(hub: object, config: ConfigFolder) -> None:
    core = hub.core
    alive = {"METRICS_SERVER_ADDRESS": f"127.0.0.1:{core.port}"}
    assert run_once("core-service", "--health", environment=environment(config, **alive)).returncode == 0
    dead = {"METRICS_SERVER_ADDRESS": f"127.0.0.1:{free_port()}"}
    assert run_once("core-service", "--health", environment=environment(config, **dead)).returncode == 1


def test_operations_port(hub: object) -> None:
    for service in hub.services.values():
        assert service.get("/livez")[0] == 200
        assert service.get("/readyz")[0] == 200
        status, metrics = service.get("/metrics")
        assert status == 200
        names = {line.split("{")[0].split(" ")[0] for line in metrics.splitlines() if line and not line.startswith("#")}
        assert names and all(name.startswith("notificationhub_") for name in names)


FAULTY_FILES = {
    "core.yaml": """\
commit:
  interval: fast
max_event_bytes: 1 megabyte
status: maybe
""",
    "email.yaml": """\
smtp:
  hots: mail.example
  port: 99999
  tls: sometimes
worker_pool_size: many
retry:
  tiers: [30s, never]
""",
    "endpoints.yaml": """\
endpoints:
  orders:
    channel: webhok
    url: "${ORDERS_WEBHOOK_URL}"
    rate: often
""",
    "routing.yaml": """\
routes:
  - event: order.created
    notfy: []
  - event: order.cancelled
    notify:
      - channel: pigeon
        to: [recipient.email]
      - channel: webhook
        to: { endpoint: nowhere }
      - channel: email
        to: [recipient.email]
        template: absent
        priority: urgent
""",
}

FAULTS = {
    "core-service": """\
config/core.yaml:2: commit.interval: must be a duration such as 200ms, 15s, 5m, 24h or 7d, not "fast"
config/core.yaml:3: max_event_bytes: must be a size such as 512, 64KiB or 1MiB, not "1 megabyte"
config/core.yaml:4: status: must be true or false, not "maybe"
config/endpoints.yaml:3: endpoints.orders.channel: must be one of webhook, slack, not "webhok" (did you mean "webhook"?)
config/routing.yaml:2: routes[0]: has no notify: write what becomes of the event
config/routing.yaml:3: routes[0].notfy: unknown key (did you mean "routes[0].notify"?)
config/routing.yaml:6: routes[1].notify[0].channel: must be one of email, sms, webhook, slack, not "pigeon"
config/routing.yaml:9: routes[1].notify[1].to.endpoint: there is no endpoint "nowhere"
config/routing.yaml:12: routes[1].notify[2].template: there is no template "absent"
config/routing.yaml:13: routes[1].notify[2].priority: must be one of low, normal, high, critical, not "urgent"
""",
    "email-consumer": """\
config/email.yaml:1: email.from: missing; set email.from in the file or EMAIL_FROM in the environment
config/email.yaml:1: smtp.host: missing; set smtp.host in the file or SMTP_HOST in the environment
config/email.yaml:2: smtp.hots: unknown key (did you mean "smtp.host"?)
config/email.yaml:3: smtp.port: must be from 1 to 65535, not 99999
config/email.yaml:4: smtp.tls: must be one of starttls, tls, off, not "sometimes"
config/email.yaml:5: worker_pool_size: must be a whole number, not "many"
config/email.yaml:7: retry.tiers: must be durations such as 30s, 5m, 30m, up to 3d, not "never"
""",
    "webhook-consumer": """\
config/endpoints.yaml:2: endpoints.orders.secrets: missing; a webhook needs one secret, or two while rotating
config/endpoints.yaml:3: endpoints.orders.channel: must be one of webhook, slack, not "webhok" (did you mean "webhook"?)
config/endpoints.yaml:4: endpoints.orders.url: the variable ORDERS_WEBHOOK_URL is not set; \
set ORDERS_WEBHOOK_URL or ORDERS_WEBHOOK_URL_FILE in the environment
config/endpoints.yaml:5: endpoints.orders.rate: must be a rate such as 50/s, 600/m or 1000/h, not "often"
""",
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_every_file_at_once_word_for_word(name: str, config: ConfigFolder) -> None:
    for file, text in FAULTY_FILES.items():
        config.write(file, text)
    result = run_once(name, "--check", environment={"CONFIG_DIR": str(config.path)})
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr.replace(f"{config.path}/", "config/") == FAULTS[name]


@pytest.mark.parametrize("name", FAULTS)
def test_a_start_with_faults_prints_the_same_and_leaves(name: str, config: ConfigFolder) -> None:
    for file, text in FAULTY_FILES.items():
        config.write(file, text)
    result = run_once(name, environment={"CONFIG_DIR": str(config.path)})
    assert result.returncode == 78
    assert result.stderr.replace(f"{config.path}/", "config/") == FAULTS[name]
