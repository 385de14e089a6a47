"""JSON as it was written: no number is rounded unseen, and no key stands twice."""

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from shared.core.errors import BadRequest


class ExactNumber(float):
    """A JSON number that no double carries, rounded to one, with its text."""

    __slots__ = ("text",)
    text: str


def decode(body: bytes) -> Any:
    """What a JSON text says; BadRequest when it is not JSON, or names a key twice in one object."""
    try:
        msgspec.json.decode(body)  # the stricter of the two: encoding, surrogates, sizes and depths
        return _DECODER.decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The content is not JSON: {error}.", code="not-json") from error
    except ArithmeticError as error:  # an exponent that not even Decimal takes
        raise BadRequest("The content is not JSON: a number is out of range.", code="not-json") from error


def _number(text: str) -> float:
    rounded = float(text)
    if repr(rounded) == text or Decimal(text) == Decimal(repr(rounded)):
        return rounded
    number = ExactNumber(text)
    number.text = text
    return number


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, often in Counter(name for name, _ in pairs).items() if often > 1)
        raise BadRequest(f"The key {twice[:80]!r} stands twice in one object of the content.", "key-twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number)
