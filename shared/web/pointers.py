"""marshmallow's nested messages as a flat list: which part of the input, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields

from shared.web.phrases import UNKNOWN, say, say_known


def field_problems(messages: Mapping[str, Any], schema: Schema | None) -> Iterator[dict[str, str]]:
    """Each message as {in, pointer, detail}: where it was sent (json, query, …), a JSON pointer (RFC 6901), a text."""
    for place, found in messages.items():
        for pointer, detail in _flat(found, "", schema):
            yield {"in": place, "pointer": pointer, "detail": detail}


def _flat(found: Any, pointer: str, of: Schema | fields.Field[Any] | None) -> Iterator[tuple[str, str]]:
    match found:
        case Mapping():
            for key, said in found.items():
                inner = [say_known(of)] if said == UNKNOWN and isinstance(of, Schema) else said
                step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
                for part in _parts(inner, of):
                    yield from _flat(part, pointer + step, _within(of, key))
        case list() | tuple():
            for inner in found:
                yield from _flat(inner, pointer, of)
        case _:
            yield pointer, say(str(found))


def _parts(found: Any, of: Schema | fields.Field[Any] | None) -> list[Any]:
    """What is wrong with a member: marshmallow keeps what it says of a mapping's key and value apart."""
    if isinstance(of, fields.Mapping) and isinstance(found, Mapping):
        return list(found.values())
    return [found]


def _within(of: Schema | fields.Field[Any] | None, key: Any) -> Schema | fields.Field[Any] | None:
    """The schema of a member; a nested schema stands for the field that holds it."""
    match of:
        case Schema():
            inner = next(
                (field for field in of.fields.values() if (field.data_key or field.name) == key), None
            )
        case fields.List():
            inner = of.inner
        case fields.Mapping():
            inner = of.value_field
        case _:
            inner = None
    return inner.schema if isinstance(inner, fields.Nested) else inner
