"""What the demo and the end-to-end tests share: receivers that are not ours, process launching, Kafka access."""
