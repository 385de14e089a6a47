"""Replicas of intake's data, each as of the last event about it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from services.scoring.domain import HeldRole, Instrument
from shared.messaging.inbox import MissingDependency
from shared.replicas import editions, members
from shared.storage.reader import Doc, Reader


def find_instrument(reader: Reader, id: str) -> Instrument | None:
    """An edition, read and built once per process and hash, or None."""
    return require_instrument(reader, id) if reader.get("editions", id) else None


def require_instrument(reader: Reader, id: str) -> Instrument:
    """An edition, read and built once per process and hash; raises MissingDependency."""
    return Instrument(*editions.require(reader, id))


def require_agency_name(reader: Reader, id: str) -> str:
    """An agency's name; raises MissingDependency."""
    doc = reader.get("agencies", id)
    if doc is None:
        raise MissingDependency(f"agency:{id}")
    return str(doc["name"])


def find_cycle_opening(reader: Reader, id: str) -> datetime | None:
    """When a cycle opens, or None when no event of it came."""
    doc = reader.get("cycles", id)
    return doc["opens"] if doc else None


def find_agency_name(reader: Reader, id: str) -> str:
    """How an agency is called now; by its id where no event of it came."""
    doc = reader.get("agencies", id)
    return str(doc["name"]) if doc else id


def find_officer_names(reader: Reader, ids: Collection[str]) -> Mapping[str, str]:
    """How officers are called; those without a name by their ids."""
    return members.find_names(reader, ids)


def require_assessor(reader: Reader, id: str) -> None:
    """Raise MissingDependency when no event of this assessor came yet."""
    if reader.get("people", members.assessor_key(id)) is None:
        raise MissingDependency(members.assessor_key(id))


def list_held_roles(reader: Reader, issuer: str, subject: str) -> list[HeldRole]:
    """Every role that somebody holds or ever held: as whom the identity provider knows so now, or knew so once."""
    rows = members.list_people(reader, issuer, subject)
    return [role for row in rows for role in _held_roles(row, (issuer, subject))]


def _held_roles(row: Doc, identity: tuple[str, str]) -> Iterator[HeldRole]:
    assessor, own = members.assessor_of(row), (row["issuer"], row["subject"]) == identity
    past = [role for role in row.get("past", ()) if own or (role["issuer"], role["subject"]) == identity]
    for role in [*(row["grants"] if own else ()), *past]:
        yield HeldRole(role["since"], role["until"], role["agency"], assessor)
