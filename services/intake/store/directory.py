"""People and agencies as somebody looks for them on a page: by name, newest first, those of some agencies."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from services.intake.domain import Person
from shared.storage.documents import from_document
from shared.storage.reader import Page, Reader

Where = Mapping[str, Any]
_MOST_AGENCIES = 100


def list_people_by_name(
    reader: Reader, words: str, agencies: Set[str] | None, after: str | None, limit: int
) -> Page[Person]:
    """The people whom the words mean, with a role at one of the agencies (None: all), by name, after that person."""
    conditions = [
        *([] if agencies is None else [{"grants.agency": {"$in": sorted(agencies)}}]),
        *([_means(reader, words)] if words else []),
        *([_beyond(reader, after)] if after else []),
    ]
    where = {"$and": conditions} if conditions else {}
    rows = reader.find_page("people", where, [("name", 1), ("_id", 1)], limit)
    return rows.map(lambda row: from_document(Person, row))


def list_people_of(reader: Reader, agency: str, most: int) -> list[Person]:
    """Those who hold, or held, a role at an agency, by id."""
    rows = reader.find("people", {"grants.agency": agency}, [("_id", 1)], most)
    return [from_document(Person, row) for row in rows]


def agency_names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """How those of the agencies are called that there are."""
    return _names(reader, "agencies", {"_id": {"$in": sorted(set(ids))}})


def list_agency_names(reader: Reader) -> Sequence[tuple[str, str]]:
    """Every agency with its name, by name."""
    return sorted(_names(reader, "agencies", {}).items(), key=lambda one: one[1].casefold())


def person_names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """How those of the people are called who are known by a name."""
    return _names(reader, "people", {"_id": {"$in": sorted(set(ids))}})


def _names(reader: Reader, collection: str, where: Where) -> dict[str, str]:
    rows = reader.find(collection, where, fields=["name"])
    return {row["_id"]: row["name"] for row in rows if row.get("name")}


def _means(reader: Reader, words: str) -> Where:
    like = {"$regex": re.escape(words), "$options": "i"}
    agencies = reader.find(
        "agencies", {"$or": [{"name": like}, {"_id": like}]}, limit=_MOST_AGENCIES, fields=["_id"]
    )
    known = [row["_id"] for row in agencies]
    return {"$or": [{"name": like}, {"subject": like}, {"grants.agency": {"$in": known}}]}


def _beyond(reader: Reader, after: str) -> Where:
    """What stands behind a person by name; everything when the person is gone."""
    last = reader.get("people", after)
    if last is None:
        return {}
    name = last.get("name")
    later = {"name": {"$gte": ""} if name is None else {"$gt": name}}  # without a name goes before all names
    return {"$or": [later, {"name": name, "_id": {"$gt": after}}]}
