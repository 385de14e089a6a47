"""What each service says of itself is what it does, and it looks like its siblings."""

import importlib
from pathlib import Path

import pytest

from shared.core.names import SERVICES
from shared.events import contracts
from shared.events.contract import HEARTBEAT

CHECKOUT = Path(__file__).parents[2]
USUAL = {"__main__", "app", "domain", "commands", "queries", "handlers", "api", "schemas", "store"}
EXTRAS = {
    "intake": {
        "apart",
        "blobs",
        "cli",
        "inspection",
        "instruments",
        "jobs",
        "pages",
        "rendering",
        "sweeps",
        "templates",
        "translations",
    },
    "review": {"pages", "sweeps", "templates", "translations"},
    "scoring": {"cli", "pages", "templates", "translations"},
    "notify": {"jobs", "pages", "sweeps", "templates", "translations", "webhooks"},
}


def said(name: str) -> str:
    """What the docstring of a service says, in one line."""
    return " ".join((importlib.import_module(f"services.{name}").__doc__ or "").split())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_publishes_the_events_of_the_module_that_it_names(service: str) -> None:
    assert f"Publishes the events of shared/events/{service}.py." in said(service)
    own = {contract.event_class.__module__ for contract in contracts() if contract.producer == service}
    assert own == {f"shared.events.{service}"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_where_it_names_what_it_consumes(service: str) -> None:
    assert "Consumes what handlers.py names" in said(service) or "Consumes everything" in said(service)


def test_notify_consumes_everything_that_somebody_may_subscribe_to() -> None:
    assert "Consumes everything that somebody may subscribe to" in said("notify")
    consumed = {
        contract.type
        for contract in contracts()
        if "notify" in contract.consumers and contract.kind != HEARTBEAT
    }
    assert consumed == {contract.type for contract in contracts() if contract.feeds} | {"session.ended.v1"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_usual_parts_and_its_named_extras(service: str) -> None:
    folder = CHECKOUT / "services" / service
    found = {path.stem for path in folder.iterdir() if path.suffix in {"", ".py"}} - {
        "__pycache__",
        "__init__",
    }
    assert found == USUAL | EXTRAS[service]
