"""The AsyncAPI 3.0 description of every event, generated from the contracts: `nilai events --help`."""

import inspect
from typing import Any, Final

import click
import msgspec

from shared.core.names import SERVICES
from shared.events import Contract, contracts

_REF: Final = "#/components/schemas/{name}"


def describe() -> dict[str, Any]:
    """The whole description, as JSON values; the same contracts give the same description."""
    known = contracts()
    _, schemas = msgspec.json.schema_components(
        [contract.event_class for contract in known], ref_template=_REF
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Nilai events",
            "version": "1",
            "description": (
                "The events that Nilai's services publish, as CloudEvents 1.0 in structured JSON over one "
                "durable RabbitMQ topic exchange. The routing key is the event's type. Readers ignore unknown "
                "fields; a change that they could not ignore gets a new version in the type."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {_channel(contract): _channel_of(contract) for contract in known},
        "operations": {key: value for contract in known for key, value in _operations(contract)},
        "components": {
            "messages": {_channel(contract): _message(contract) for contract in known},
            "schemas": {"Envelope": _envelope(), **{name: schemas[name] for name in sorted(schemas)}},
        },
    }


def _channel(contract: Contract) -> str:
    return contract.type.replace(".", "-")


def _channel_of(contract: Contract) -> dict[str, Any]:
    return {
        "address": contract.type,
        "description": contract.summary,
        "messages": {"event": {"$ref": f"#/components/messages/{_channel(contract)}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": "nilai.events", "type": "topic", "durable": True, "autoDelete": False},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operations(contract: Contract) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{_channel(contract)}"}
    send = {
        "action": "send",
        "channel": channel,
        "summary": f"{contract.producer} publishes it.",
        "tags": [{"name": contract.producer}],
    }
    receive = [
        (
            f"{consumer}-consumes-{_channel(contract)}",
            {
                "action": "receive",
                "channel": channel,
                "summary": f"{consumer} consumes it.",
                "tags": [{"name": consumer}],
            },
        )
        for consumer in contract.consumers
    ]
    return [(f"{contract.producer}-publishes-{_channel(contract)}", send), *receive]


def _message(contract: Contract) -> dict[str, Any]:
    return {
        "name": contract.type,
        "title": contract.event_class.__name__,
        "summary": contract.summary,
        "description": inspect.cleandoc(contract.event_class.__doc__ or ""),
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": contract.type},
                        "source": {"const": f"/nilai/{contract.producer}"},
                        "data": {"$ref": f"#/components/schemas/{contract.event_class.__name__}"},
                    },
                },
            ]
        },
    }


def _envelope() -> dict[str, Any]:
    text = {"type": "string"}
    required = ["specversion", "id", "source", "type", "subject", "time", "sequence", "correlationid", "data"]
    return {
        "title": "CloudEvents 1.0 envelope",
        "type": "object",
        "required": required,
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {
                **text,
                "description": "A UUID of version 7, as 32 hexadecimal digits; equal ids are one event.",
            },
            "source": {**text, "description": "The service that publishes it."},
            "type": text,
            "subject": {
                **text,
                "description": "The aggregate root that it is about, such as agency:kota-denpasar.",
            },
            "time": {**text, "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "sequence": {
                **text,
                "description": "Counts the events about the subject, from 1 without gaps.",
            },
            "correlationid": {**text, "description": "One for everything that a request set off."},
            "causationid": {**text, "description": "The event in whose handling this was published."},
            "traceparent": {**text, "description": "W3C trace context."},
            "data": {"type": "object"},
        },
    }


def text() -> str:
    """The description as a file; the same contracts give the same bytes."""
    return msgspec.json.format(msgspec.json.encode(describe()), indent=2).decode() + "\n"


@click.group()
def events() -> None:
    """The events that the services publish."""


@events.command("list")
def list_() -> None:
    """A table: type, who publishes it, who consumes it, what it says."""
    for contract in contracts():
        consumers = ", ".join(contract.consumers)
        click.echo(f"{contract.type:28} {contract.producer:8} → {consumers:25} {contract.summary}")
    click.echo(f"{len(contracts())} contracts, {len(SERVICES)} services", err=True)


@events.command()
def asyncapi() -> None:
    """The AsyncAPI 3.0 description of all events, as JSON: a file of it is `nilai events asyncapi > FILE`."""
    click.echo(text(), nl=False)


if __name__ == "__main__":
    events()
