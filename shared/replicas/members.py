"""Each service's own copy of who may do what, kept by the events that intake and review publish."""

from collections.abc import Sequence
from datetime import datetime

from shared.core.people import Caller, Grant
from shared.events.intake import MemberSet
from shared.events.review import AssessorSet
from shared.messaging.inbox import Handler, check_sequence
from shared.storage.reader import Doc, Reader
from shared.storage.transaction import Transaction


def person_doc(id: str, issuer: str, subject: str, grants: Sequence[Doc]) -> Doc:
    """A row of `people`; each grant has role, agency (or None), since and until (or None)."""
    return {"_id": id, "issuer": issuer, "subject": subject, "grants": list(grants)}


def on_member_set(tx: Transaction, event: MemberSet) -> None:
    """Take over what a person may do."""
    grants = [
        {"role": grant.role, "agency": grant.agency, "since": grant.since, "until": grant.until}
        for grant in event.grants
    ]
    sequence = check_sequence(tx, tx.get("people", event.person))
    tx.put("people", {**person_doc(event.person, event.issuer, event.subject, grants), "sequence": sequence})
    tx.audit(f"person:{event.person}", "member.copied")


def on_assessor_set(tx: Transaction, event: AssessorSet) -> None:
    """Take over that somebody is an assessor, and until when."""
    grant = {"role": "assessor", "agency": None, "since": event.since, "until": event.until}
    id = f"assessor:{event.assessor}"
    sequence = check_sequence(tx, tx.get("people", id))
    tx.put("people", {**person_doc(id, event.issuer, event.subject, [grant]), "sequence": sequence})
    tx.audit(id, "assessor.copied")


MEMBERS = Handler(
    on_member_set, lambda event: [("people", event.person), ("heads", f"person:{event.person}")]
)
ASSESSORS = Handler(
    on_assessor_set, lambda event: [(name, f"assessor:{event.assessor}") for name in ("people", "heads")]
)


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
