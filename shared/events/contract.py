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

FEEDS = ("ministry", "agency")

EventType = TypeVar("EventType", bound=type)


@dataclass(frozen=True)
class Contract:
    """Who publishes an event, who consumes it, and which outside streams may carry it."""

    type: str
    event_class: builtins.type[Any]
    producer: str
    consumers: tuple[str, ...]
    feeds: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The first sentence of the event's docstring."""
        return (self.event_class.__doc__ or "").strip().splitlines()[0]


_BY_TYPE: dict[str, Contract] = {}
_BY_CLASS: dict[type, Contract] = {}


def event(
    name: str, *, producer: str, consumers: tuple[str, ...], feeds: tuple[str, ...] = ("ministry",)
) -> Callable[[EventType], EventType]:
    """Register a frozen dataclass as the contract of the event type `name`, such as `submission.sealed.v1`."""

    def register(event: EventType) -> EventType:
        if name in _BY_TYPE:
            raise TypeError(f"two contracts are called {name}")
        if not all(field.kw_only for field in dataclasses.fields(event)):
            raise TypeError(f"{event.__name__} must be kw_only: a field that moves would pass unseen")
        if not {producer, *consumers} <= set(SERVICES) or not set(feeds) <= set(FEEDS):
            raise TypeError(f"{name} names a service or a feed that does not exist")
        contract = Contract(name, event, producer, consumers, feeds)
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
