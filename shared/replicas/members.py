"""Each service's own copy of who may do what, kept by the events that intake and review publish."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from shared.core.people import Caller, Grant
from shared.events.intake import MemberSet
from shared.events.review import AssessorSet
from shared.messaging.inbox import Handler
from shared.replicas.saving import save_replica
from shared.storage.documents import to_document
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction


def person_doc(id: str, issuer: str, subject: str, grants: Sequence[Doc], past: Sequence[Doc] = ()) -> Doc:
    """A row of `people`; each grant has role, agency (or None), since and until (or None).

    Those of the `past` have the issuer and subject too for whom they stood: a role that was taken away still tells
    who may not decide.
    """
    return {"_id": id, "issuer": issuer, "subject": subject, "grants": list(grants), "past": list(past)}


def assessor_key(assessor: str) -> str:
    """The id of an assessor's row: ids of assessors and people come from different services and must not meet."""
    return f"assessor:{assessor}"


def assessor_of(row: Doc) -> str | None:
    """The assessor whose row it is, or None when it is a person's."""
    kind, found, assessor = row["_id"].partition(":")
    return assessor if found and kind == "assessor" else None


def on_member_set(tx: Transaction, event: MemberSet) -> None:
    """Take over what a person may do."""
    grants = [
        {"role": grant.role, "agency": grant.agency, "since": grant.since, "until": grant.until}
        for grant in event.grants
    ]
    fields = {"issuer": event.issuer, "subject": event.subject, "grants": grants, "past": _past(event)}
    save_replica(tx, "people", event.person, **fields, name=event.name)
    tx.audit(f"person:{event.person}", "member.replicated")


def on_assessor_set(tx: Transaction, event: AssessorSet) -> None:
    """Take over that somebody is an assessor, and until when."""
    grant = {"role": "assessor", "agency": None, "since": event.since, "until": event.until}
    id = assessor_key(event.assessor)
    fields = {"issuer": event.issuer, "subject": event.subject, "grants": [grant], "past": _past(event)}
    save_replica(tx, "people", id, **fields)
    tx.audit(id, "assessor.replicated")


def _past(event: MemberSet | AssessorSet) -> list[Doc]:
    return [to_document(role) for role in event.past]


MEMBERS = Handler(
    on_member_set, lambda event: [("people", event.person), ("heads", f"person:{event.person}")], "people"
)
ASSESSORS = Handler(
    on_assessor_set,
    lambda event: [(name, assessor_key(event.assessor)) for name in ("people", "heads")],
    "people",
)


def list_people(reader: Reader, issuer: str, subject: str) -> list[Doc]:
    """The rows of whom the identity provider knows so, and of whom it knew so once."""
    identity = {"issuer": issuer, "subject": subject}
    return reader.find("people", {"$or": [identity, {"past": {"$elemMatch": identity}}]})


def find_names(reader: Reader, ids: Collection[str]) -> Mapping[str, str]:
    """How each of the people is called; those without a name by their ids."""
    rows = reader.find("people", {"_id": {"$in": sorted(ids)}}, fields=["_id", "name"]) if ids else []
    named = {row["_id"]: row.get("name") for row in rows}
    return {id: named.get(id) or id for id in ids}


def find_caller(reader: Reader, issuer: str, subject: str, now: datetime) -> Caller:
    """The caller behind a verified token, with the grants in force now; no grants for somebody unknown."""
    rows = reader.find("people", {"issuer": issuer, "subject": subject})
    grants = [
        Grant(grant["role"], grant["agency"])
        for row in rows
        for grant in row["grants"]
        if grant["since"] <= now and (grant["until"] is None or now < grant["until"])
    ]
    known = sorted((row["_id"] for row in rows), key=lambda id: (id.startswith("assessor:"), id))
    return Caller(issuer, subject, known[0] if known else None, tuple(grants))
