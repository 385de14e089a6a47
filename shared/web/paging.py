"""Lists in pages, held together by opaque cursors: a cursor says after which row to go on."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from marshmallow import Schema, fields, validate

from shared.core.errors import BadRequest
from shared.storage.reader import Page
from shared.web.fields import Whole

Row = TypeVar("Row")
Position = tuple[str | int, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MOST_ROWS = 200
USUAL_ROWS = 50


class PageQuery(Schema):
    """Which page of a list: up to `limit` rows, fewer where they are long, after what the one before gave as `next`."""

    limit = Whole(
        load_default=USUAL_ROWS,
        validate=validate.Range(1, MOST_ROWS),
        metadata={"description": "Rows on a page, at most."},
    )
    after = fields.String(
        load_default=None,
        validate=validate.Length(1, 2000),
        metadata={"description": "`next` of the page before."},
    )


def page(found: Page[Row], key: Callable[[Row], Position]) -> dict[str, Any]:
    """{items, next}: the rows, sorted by what `key` gives, and the last one's cursor when there are more, else None."""
    return {"items": found.rows, "next": cursor(key(found.rows[-1])) if found.more else None}


def page_args(query: Mapping[str, Any]) -> tuple[str | None, int]:
    """Of a page by id: the id after which it goes on, and how many rows it has at most."""
    after = parse_cursor(query["after"], str)
    return str(after[0]) if after else None, query["limit"]


def by_id(found: Page[Row], id: Callable[[Row], str] = attrgetter("id")) -> dict[str, Any]:
    """A page {items, next} of rows that are sorted by their ids."""
    return page(found, lambda row: (id(row),))


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    name = item.__name__.removesuffix("Schema") + "Page"
    members = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(
            required=True, allow_none=True, metadata={"description": "`after` of the next page."}
        ),
    }
    return Schema.from_dict(members, name=name)  # type: ignore[arg-type]  # dict is invariant


def parse_cursor(after: str | None, *kinds: type[str] | type[int]) -> Position | None:
    """The row after which to go on, its parts of exactly these kinds; BadRequest for a foreign cursor."""
    if after is None:
        return None
    try:
        found = msgspec.json.decode(base64.b64decode(after + "=" * (-len(after) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        found = None
    if not isinstance(found, list) or tuple(type(part) for part in found) != kinds or not _storable(found):
        raise _foreign()
    return tuple(found)


def links(
    place: str, asked: Mapping[str, str | None], is_begun: bool, following: str | None, mark: str = ""
) -> dict[str, str]:
    """{first, next}: where a list on a page begins and goes on, with all else that was asked for; "" for nowhere."""
    kept = {name: value for name, value in asked.items() if value}
    begin = f"{place}?{urlencode(kept)}" if kept else place
    further = f"{place}?{urlencode({**kept, 'after': following})}{mark}" if following else ""
    return {"first": f"{begin}{mark}" if is_begun else "", "next": further}


def milliseconds(at: datetime) -> int:
    """A moment as a cursor holds it."""
    return (at - _EPOCH) // _MILLISECOND


def moment(part: str | int) -> datetime:
    """The moment in a cursor; BadRequest for one that no calendar has."""
    try:
        return _EPOCH + int(part) * _MILLISECOND
    except OverflowError:
        raise _foreign() from None


def _foreign() -> BadRequest:
    return BadRequest("The cursor in `after` is not one of ours: start again without it.", code="bad-cursor")


def _storable(parts: Sequence[str | int]) -> bool:
    return all(isinstance(part, str) or -(2**63) <= part < 2**63 for part in parts)


def cursor(parts: Position) -> str:
    """The text that stands for a row, as `after` takes it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).rstrip(b"=").decode()
