"""A sample event for every input topic, as producer.sh publishes it when no JSON is given."""

SAMPLES: dict[str, dict[str, object]] = {
    "order.events": {
        "event_type": "order.created",
        "user_id": "test123",
        "order_id": "ORD001",
        "amount": 99.99,
        "currency": "EUR",
    },
    "payment.events": {
        "event_type": "payment.success",
        "user_id": "test123",
        "order_id": "ORD001",
        "payment_id": "PAY001",
        "amount": 99.99,
        "currency": "EUR",
    },
    "user.events": {"event_type": "user.registered", "user_id": "test123"},
}
