"""Fields that the schemas of several services are made of."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from marshmallow import ValidationError, fields, validate

from shared.core import reading
from shared.core.canonical import timestamp
from shared.core.text import character_name, find_hidden, says_something
from shared.events.contract import Rows
from shared.web.decoding import ExactNumber
from shared.web.phrases import nest

AGENCY_ID = r"[a-z0-9][a-z0-9-]{1,62}"
CYCLE_ID = r"[a-z0-9][a-z0-9-]{0,30}"
PERSON_ID = r"[a-z0-9][a-z0-9-]{0,62}"
PARTICIPATION_ID = rf"{CYCLE_ID}\.{AGENCY_ID}"
SHA256 = r"[0-9a-f]{64}"
_LETTERS = "small letters, digits and hyphens, a letter or digit first"
MEANINGS = {
    AGENCY_ID: f"2 to 63 {_LETTERS}, such as kota-denpasar",
    CYCLE_ID: f"1 to 31 {_LETTERS}, such as 2026",
    PERSON_ID: f"1 to 63 {_LETTERS}, such as ani-2",
    PARTICIPATION_ID: "the cycle's id, a point and the agency's id, such as 2026.kota-denpasar",
    SHA256: "a SHA-256: 64 hexadecimal digits in small letters",
}
"""What a pattern asks for, in words."""
ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*"
"""No control character, no line break, nothing that turns the direction of writing."""
LONGEST_TEXT = 20_000
"""Characters."""
LONGEST_NUMBER = 50
"""Characters."""
Rule = Callable[[Any], Any]
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

RECEIPT = {
    "type": "object",
    "description": "A signed receipt, with further fields of its kind; `verify_receipt.py` checks it offline.",
    "required": ["type", "kind", "subject", "root", "count", "at", "edition", "kid", "signature"],
    "properties": {
        "type": {"const": "nilai.receipt.v1"},
        "kind": {"enum": ["submission", "score", "result"]},
        "subject": {"type": "string"},
        "root": {"type": "string", "description": "Of the Merkle tree, in hex."},
        "count": {"type": "integer", "description": "Leaves of the tree."},
        "at": {"type": "string", "format": "date-time"},
        "edition": {"type": "object"},
        "kid": {"type": "string"},
        "signature": {"type": "string", "description": "Ed25519, in base64."},
    },
}
"""What the documentation of an API says of a receipt."""


class Like(validate.Validator):
    """The whole of a text has this pattern, which ECMA-262 reads as Python does: OpenAPI says it to everybody."""

    def __init__(self, pattern: str, error: str) -> None:
        self.regex = re.compile(f"^(?:{pattern})$")  # found by apispec
        self._error = error

    def __call__(self, value: str) -> str:
        """The text; ValidationError when it is another one, also by a line break at its end."""
        if not self.regex.fullmatch(value):
            raise ValidationError(self._error)
        return value


class UTCDateTime(fields.AwareDateTime):
    """A moment with its zone; read to the millisecond that is kept, written as `2026-01-31T23:59:59.123Z`."""

    default_error_messages = dict.fromkeys(
        ("invalid", "invalid_awareness"), "Must be a moment with its zone, like 2026-01-31T23:59:59Z."
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        at = reading.moment(value) if isinstance(value, str) else None
        if at is None:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        if not EARLIEST <= at < LATEST:  # far from the calendar's ends, which sums and time zones overstep
            raise ValidationError(f"Must lie in the years {EARLIEST.year} to {LATEST.year - 1}.")
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else timestamp(value)


class Whole(fields.Integer):
    """A whole number in an address, as ASCII digits."""

    default_error_messages = {"invalid": "Must be a whole number, like 50: digits, and nothing else."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        found = reading.whole(value) if isinstance(value, str) else None
        if found is None:
            raise self.make_error("invalid", input=value)
        return found


class Day(fields.Date):
    """A day as `2026-01-31`, no other way of writing one."""

    default_error_messages = {"invalid": "Must be a day, like 2026-01-31."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
            raise self.make_error("invalid", input=value, obj_type="date")
        return super()._deserialize(value, attr, data)


class Flag(fields.Boolean):
    """true or false, and nothing that a language takes for one of them."""

    default_error_messages = {"invalid": "Must be true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class BoundedList(fields.List[Any]):
    """A list whose length is checked before its items are looked at, so that a flood of them costs nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        if isinstance(value, list):
            for rule in self.validators:
                if isinstance(rule, validate.Length):
                    rule(value)
        return super()._deserialize(value, attr, data, **more)


class Number(fields.Field[Any]):
    """A number exactly as it was written: a JSON number, or its text such as "2.75" or "7/6"."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **options: Any) -> None:
        shape = {"type": ["number", "string"], "maxLength": LONGEST_NUMBER}
        super().__init__(metadata={**shape, **(metadata or {})}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        said = value.text if isinstance(value, ExactNumber) else value
        if (
            isinstance(said, bool)
            or not isinstance(said, str | int | float)
            or len(repr(said)) > LONGEST_NUMBER
        ):
            raise ValidationError('Must be a number, or its exact text such as "2.75" or "7/6".')
        return said


class RowsInput(Rows):
    """Nested rows that somebody sent: OpenAPI tells their shape, each refusal its place and what may stand there."""

    def __init__(self, type_: Any, *, description: str, **options: Any) -> None:
        (shape,), parts = msgspec.json.schema_components([type_], ref_template="{name}")
        super().__init__(type_, metadata={**_inlined(shape, parts), "description": description}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **more)
        except ValidationError as problem:
            said = nest(str(problem.messages[0]), MEANINGS.items())
            raise ValidationError(said) from problem


def _inlined(shape: Any, parts: Mapping[str, Any]) -> Any:
    """A schema without references, its patterns as ECMA-262 has them."""
    if isinstance(shape, list):
        return [_inlined(one, parts) for one in shape]
    if not isinstance(shape, dict):
        return shape
    if "$ref" in shape:
        return _inlined(parts[shape["$ref"]], parts)
    told = {name: _inlined(one, parts) for name, one in shape.items() if name != "title"}
    return told | ({"pattern": told["pattern"].replace(r"\Z", "$")} if "pattern" in told else {})


class RowsOfNumbers(RowsInput):
    """Nested rows in which a number that no double carries stands as its text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        return super()._deserialize(_texts(value), attr, data)


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    return value.text if isinstance(value, ExactNumber) else value


def identifier(pattern: str, meaning: str | None = None, **options: Any) -> fields.String:
    """An id or a hash of that pattern, which is one of MEANINGS or whose meaning is said here."""
    rule = Like(pattern, error=f"Must be {meaning or MEANINGS[pattern]}.")
    return fields.String(validate=rule, **options)


def line(most: int, required: bool = True, **options: Any) -> fields.String:
    """One line of text that says something."""
    one_line = Like(ONE_LINE, error="Must be one line, without characters that turn it.")
    rules: list[Rule] = [validate.Length(1, most), one_line, _hides_nothing, _says_something]
    return fields.String(required=required, validate=rules, **options)


def words(most: int = LONGEST_TEXT, least: int = 0, **options: Any) -> fields.String:
    """Text of any lines; one that may not be empty says something."""
    rules: list[Rule] = [
        validate.Length(least, most),
        Like(r"[^\x00]*", error="May hold no NUL character (U+0000)."),
    ]
    return fields.String(validate=[*rules, _says_something] if least else rules, **options)


def _hides_nothing(text: str) -> None:
    if hidden := find_hidden(text):
        raise ValidationError(f"Holds {character_name(hidden)}, which cannot be seen: take it out.")


def _says_something(text: str) -> None:
    if not says_something(text):
        raise ValidationError("Must say something: write a letter, a digit or a symbol that can be seen.")
