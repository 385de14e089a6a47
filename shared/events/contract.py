"""What an event is: a frozen dataclass with a type, a producer, its consumers, and a derived schema."""

import builtins
import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import marshmallow as ma
import msgspec

from shared.core.names import SERVICES

FACT, STATE, HEARTBEAT = "fact", "state", "heartbeat"
FEEDS = ("ministry", "agency", "every-agency")

EventType = TypeVar("EventType", bound=type)


@dataclass(frozen=True)
class Contract:
    """Who publishes an event, who consumes it, and which outside streams may carry it.

    Feeds: `ministry`; `agency`, the one that the event's field `agency` names; `every-agency`. Kinds: `fact`;
    `state`, which says all there is to say of its subject, so that the newest stays in the journal and replicas can be
    rebuilt; `heartbeat`, which stands in no outbox and no inbox, and which consumers handle themselves.
    """

    type: str
    event_class: builtins.type[Any]
    producer: str
    consumers: tuple[str, ...]
    feeds: tuple[str, ...]
    kind: str = FACT

    @property
    def summary(self) -> str:
        """The first sentence of the event's docstring."""
        return (self.event_class.__doc__ or "").strip().splitlines()[0]

    @property
    def private(self) -> frozenset[str]:
        """The fields that are for services only: no stream carries them."""
        fields = dataclasses.fields(self.event_class)
        return frozenset(field.name for field in fields if field.metadata.get("private"))


PRIVATE: Mapping[str, bool] = {"private": True}
"""The metadata of a field that is for services only."""

_BY_TYPE: dict[str, Contract] = {}
_BY_CLASS: dict[type, Contract] = {}


def event(
    name: str,
    *,
    producer: str,
    consumers: tuple[str, ...],
    feeds: tuple[str, ...] = (),
    kind: str = FACT,
) -> Callable[[EventType], EventType]:
    """Register a frozen dataclass as the contract of the event type `name`, such as `submission.sealed.v1`."""

    def register(event: EventType) -> EventType:
        if name in _BY_TYPE:
            raise TypeError(f"two contracts are called {name}")
        if not all(field.kw_only for field in dataclasses.fields(event)):
            raise TypeError(f"{event.__name__} must be kw_only: a field that moves would pass unseen")
        if not {producer, *consumers} <= set(SERVICES) or not set(feeds) <= set(FEEDS):
            raise TypeError(f"{name} names a service or a feed that does not exist")
        if feeds and "notify" not in consumers:
            raise TypeError(f"{name} names feeds: notify, which keeps them, must consume it")
        if "agency" in feeds and "agency" not in {field.name for field in dataclasses.fields(event)}:
            raise TypeError(f"{name} goes to the agency that it names in a field `agency`, and has none")
        contract = Contract(name, event, producer, consumers, feeds, kind)
        _BY_TYPE[name] = _BY_CLASS[event] = contract
        return event

    return register


def contracts() -> tuple[Contract, ...]:
    """Every contract, by name."""
    return tuple(_BY_TYPE[name] for name in sorted(_BY_TYPE))


def of_type(name: str) -> Contract | None:
    """The contract of an event type, or None."""
    return _BY_TYPE.get(name)


def contract_of(event: object) -> Contract:
    """The contract of an event; TypeError when its class was never registered."""
    contract = _BY_CLASS.get(type(event))
    if contract is None:
        raise TypeError(f"{type(event).__name__} is not an event contract")
    return contract


class Rows(ma.fields.Field[Any]):
    """Nested rows, checked by msgspec: six times as fast as nested schemas (see DECISIONS.md)."""

    def __init__(self, type_: Any, **options: Any) -> None:
        super().__init__(**options)
        self._type = type_

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        try:
            return msgspec.convert(value, self._type)
        except msgspec.ValidationError as problem:
            raise ma.ValidationError(str(problem)) from problem


_PLAIN: dict[Any, Callable[..., ma.fields.Field[Any]]] = {
    str: ma.fields.String,
    bool: ma.fields.Boolean,
    int: lambda **options: ma.fields.Integer(strict=True, **options),
    datetime: ma.fields.AwareDateTime,
}


def _field(declared: dataclasses.Field[Any], hint: Any) -> ma.fields.Field[Any]:
    options: dict[str, Any] = {"required": True}
    if declared.default is not dataclasses.MISSING:
        options = {"load_default": declared.default}
    elif declared.default_factory is not dataclasses.MISSING:
        options = {"load_default": declared.default_factory}
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType) and types.NoneType in arguments:
        options["allow_none"] = True
        (hint,) = (argument for argument in arguments if argument is not types.NoneType)
    plain = _PLAIN.get(hint)
    return plain(**options) if plain else Rows(hint, **options)


@cache
def schema(event: type) -> ma.Schema:
    """The marshmallow schema derived from an event's fields: unknown fields are left out, defaults fill new ones."""
    hints = typing.get_type_hints(event)
    fields = {declared.name: _field(declared, hints[declared.name]) for declared in dataclasses.fields(event)}
    derived = type(f"{event.__name__}Schema", (ma.Schema,), dict(fields))
    return cast(ma.Schema, derived(unknown=ma.EXCLUDE))


def load(contract: Contract, data: Mapping[str, Any]) -> Any:
    """The event in `data`; marshmallow's ValidationError when it does not keep the contract."""
    event_class: Any = contract.event_class
    return event_class(**schema(event_class).load(data))
