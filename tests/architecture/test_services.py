"""What each service says of itself is what it does, and it looks like its siblings."""

import importlib
import re
from pathlib import Path

import pytest

from shared.core.names import SERVICES
from shared.events import contracts

CHECKOUT = Path(__file__).parents[2]
USUAL = {"__main__", "app", "domain", "commands", "queries", "handlers", "api", "schemas", "store"}
EXTRAS = {
    "intake": {"blobs", "cli", "instruments", "sweeps"},
    "review": {"sweeps"},
    "scoring": {"cli"},
    "notify": {"bodies", "deliver", "webhooks"},
}
EVERY_FEED = "everything that somebody may subscribe to"


def said(name: str, verb: str) -> str:
    """What the docstring of a service says after Tells or Handler."""
    text = " ".join((importlib.import_module(f"services.{name}").__doc__ or "").split())
    found = re.search(rf"{verb} (.*?)\.(?: |$)(?![a-z])", text)
    assert found, f"services/{name} does not say what it {verb.lower()}"
    return found[1]


def types(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+\.[a-z]+", text))


def names(found: list[str]) -> set[str]:
    return {one.rpartition(".")[0] for one in found}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_tells_what_it_says(service: str) -> None:
    told = names([one.type for one in contracts() if one.producer == service])
    assert types(said(service, "Tells")) == told


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_what_it_says(service: str) -> None:
    heard = names([one.type for one in contracts() if service in one.consumers])
    text = said(service, "Handler")
    if EVERY_FEED in text:
        assert heard == names([one.type for one in contracts() if one.feeds])
    else:
        assert types(text) == heard


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_usual_parts_and_its_named_extras(service: str) -> None:
    folder = CHECKOUT / "services" / service
    found = {path.stem for path in folder.iterdir() if path.suffix in {"", ".py"}} - {
        "__pycache__",
        "__init__",
    }
    assert found == USUAL | EXTRAS[service]
