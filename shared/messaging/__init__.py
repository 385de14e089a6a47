"""Events over RabbitMQ: outbox, consumer, inbox, deferred events, dead letters; `broker` alone knows kombu."""
