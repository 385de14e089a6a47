"""Fields that several schemas are made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from shared.canonical import timestamp

AGENCY_ID = r"[a-z0-9][a-z0-9-]{1,62}"
CYCLE_ID = r"[a-z0-9][a-z0-9-]{0,30}"
PERSON_ID = r"[a-z0-9][a-z0-9-]{0,62}"
SHA256 = r"[0-9a-f]{64}"
WORDS = 20_000


class Moment(fields.AwareDateTime):
    """A moment with its zone; read to the millisecond that is kept, written in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        at = super()._deserialize(value, attr, data)
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> Any:
        return None if value is None else timestamp(value)


class Number(fields.Field[Any]):
    """A value as it was written: a number, or a text such as "2.75" or "7/6"."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(repr(value)) > 50:
            raise ma.ValidationError("Must be a number, or a text such as 2.75 or 7/6.")
        return value


def line(most: int, required: bool = True) -> fields.String:
    """One line of text, not empty."""
    rules = [validate.Length(1, most), validate.Regexp(r"[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*\Z")]
    return fields.String(required=required, validate=rules)


def words() -> fields.String:
    """Text of any lines."""
    rules = [validate.Length(max=WORDS), validate.Regexp(r"[^\x00]*\Z", error="No NUL characters.")]
    return fields.String(required=True, validate=rules)
