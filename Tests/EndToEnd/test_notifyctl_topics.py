"""notifyctl topics: what is missing is made as planned, what differs is told and left."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import ConfigResource, NewTopic

from localhub.kafka import Broker
from support.config import ConfigFolder
from support.names import unique
from support.notifyctl import Notifyctl


@pytest.fixture
def prefix(config: ConfigFolder) -> str:
    """A configuration whose topics nobody else has."""
    prefix = unique("e2e")
    config.edit(
        "core.yaml",
        lambda document: document["topics"].update(
            inputs=[f"{prefix}.order.events"],
            events_dlq=f"{prefix}.events.dlq",
            status=f"{prefix}.status",
            notifications={channel: f"{prefix}.{channel}" for channel in ("email", "sms", "webhook", "slack")},
        ),
    )
    config.edit("core.yaml", lambda document: document.setdefault("contacts", {}).update(topic=f"{prefix}.contacts"))
    for channel in ("email", "sms", "webhook", "slack"):

        def own(document: dict, channel: str = channel) -> None:
            document["kafka"].update(topic=f"{prefix}.{channel}", dlq_topic=f"{prefix}.{channel}.dlq", status_topic=f"{prefix}.status")
            document.setdefault("retry", {})["tiers"] = ["10s"]

        config.edit(f"{channel}.yaml", own)
    return prefix


def settings(broker: Broker, topic: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    return {name: entry.value for name, entry in broker.admin.describe_configs([resource])[resource].result().items()}


@pytest.mark.real_broker("it knows no topic settings")
def test_plan_apply_plan(broker: Broker, config: ConfigFolder, prefix: str) -> None:
    notifyctl = Notifyctl(broker, CONFIG_DIR=str(config.path))
    broker.create_topics([NewTopic(f"{prefix}.events.dlq", 1, 1, config={"retention.ms": "1000"})])
    planned = {row["topic"]: row for row in notifyctl.json("topics", "plan", "--partitions", "3")}
    assert len(planned) == 1 + 1 + 1 + 1 + 4 * 3 and all(name.startswith(prefix) for name in planned)
    states = {name: row["state"] for name, row in planned.items()}
    assert states.pop(f"{prefix}.events.dlq") == "differs" and set(states.values()) == {"create"}
    assert not [name for name in broker.admin.list_topics(timeout=10).topics if name.startswith(f"{prefix}.email")]

    applied = {row["topic"]: row for row in notifyctl.json("topics", "apply", "--partitions", "3", "--replication", "1")}
    assert applied[f"{prefix}.email"]["state"] == "created"
    differing = applied[f"{prefix}.events.dlq"]
    assert differing["state"] == "differs"
    assert "1 partitions, planned are 3" in differing["details"] and "retention.ms is 1000, planned is 1209600000" in differing["details"]

    present = broker.admin.list_topics(timeout=10).topics
    assert {len(present[name].partitions) for name in planned if not name.endswith("events.dlq")} == {3}
    assert settings(broker, f"{prefix}.sms.dlq")["retention.ms"] == str(14 * 86_400_000)
    assert settings(broker, f"{prefix}.sms.dlq")["max.message.bytes"] == str(2 << 20)
    assert settings(broker, f"{prefix}.slack.retry.10s")["retention.ms"] == str(7 * 86_400_000)
    assert settings(broker, f"{prefix}.contacts")["cleanup.policy"] == "compact"
    assert settings(broker, f"{prefix}.events.dlq")["retention.ms"] == "1000", "a topic was changed"

    again = {row["state"] for row in notifyctl.json("topics", "apply", "--partitions", "3") if not row["topic"].endswith("events.dlq")}
    assert again == {"ok"}


@pytest.mark.real_broker("it takes any replication")
def test_a_replication_that_the_cluster_cannot_have_is_said(broker: Broker, config: ConfigFolder, prefix: str) -> None:
    answer = Notifyctl(broker, CONFIG_DIR=str(config.path))("topics", "apply", "--replication", "3")
    assert answer.code == 70 and f"{prefix}.email: INVALID_REPLICATION_FACTOR" in answer.err
    assert "failed" in answer.out
