"""Dataclasses of an edition as JSON values."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any


def plain_fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Give the fields of a dataclass as JSON values: exact numbers as they were written, none that is empty."""
    for item in fields(value):
        part = getattr(value, item.name)
        if item.metadata.get("written", True) and part not in (None, (), {}) and part is not False:
            yield item.name, _plain(getattr(part, item.metadata["as"]) if "as" in item.metadata else part)


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return dict(plain_fields(value))
    return value
