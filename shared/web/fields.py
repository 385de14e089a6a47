"""Fields that the schemas of several services are made of."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from shared.core.canonical import timestamp
from shared.events.contract import Rows
from shared.web.decoding import ExactNumber

AGENCY_ID = r"[a-z0-9][a-z0-9-]{1,62}"
CYCLE_ID = r"[a-z0-9][a-z0-9-]{0,30}"
PERSON_ID = r"[a-z0-9][a-z0-9-]{0,62}"
SHA256 = r"[0-9a-f]{64}"
ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*"
"""No control character, no line break, nothing that turns the direction of writing."""
LONGEST_TEXT = 20_000
"""Characters."""
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


class UTCDateTime(fields.AwareDateTime):
    """A moment with its zone; read to the millisecond that is kept, written as `2026-01-31T23:59:59.123Z`."""

    default_error_messages = dict.fromkeys(
        ("invalid", "invalid_awareness"), "Must be a moment with its zone, like 2026-01-31T23:59:59Z."
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        at = super()._deserialize(value, attr, data)
        if not EARLIEST <= at < LATEST:  # far from the calendar's ends, which sums and time zones overstep
            raise ValidationError(f"Must lie in the years {EARLIEST.year} to {LATEST.year - 1}.")
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else timestamp(value)


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

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        said = value.text if isinstance(value, ExactNumber) else value
        if isinstance(said, bool) or not isinstance(said, str | int | float) or len(repr(said)) > 50:
            raise ValidationError('Must be a number, or its exact text such as "2.75" or "7/6".')
        return said


class RowsOfNumbers(Rows):
    """Nested rows in which a number that no double carries stands as its text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        return super()._deserialize(_texts(value), attr, data)


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    return value.text if isinstance(value, ExactNumber) else value


def identifier(pattern: str, **options: Any) -> fields.String:
    """An id or a hash of that pattern."""
    said = pattern.replace("{", "{{").replace("}", "}}")
    rule = validate.Regexp(rf"(?:{pattern})\Z", error=f"Must look like {said}.")
    return fields.String(validate=rule, **options)


def line(most: int, required: bool = True, **options: Any) -> fields.String:
    """One line of text, not empty."""
    rules = [
        validate.Length(1, most),
        validate.Regexp(rf"(?=\s*\S){ONE_LINE}\Z", error="Must be one line that says something."),
    ]
    return fields.String(required=required, validate=rules, **options)


def words(most: int = LONGEST_TEXT, least: int = 0, **options: Any) -> fields.String:
    """Text of any lines."""
    rules = [validate.Length(least, most), validate.Regexp(r"[^\x00]*\Z", error="No NUL characters.")]
    return fields.String(validate=rules, **options)
