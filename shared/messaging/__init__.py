"""Events on their way over RabbitMQ: outbox, inbox, deferred and dead events."""
