"""Each service's own copy of who may do what, kept by the facts that intake and review tell."""

from collections.abc import Sequence
from datetime import datetime

from shared.events.intake import MemberSet
from shared.events.review import AssessorSet
from shared.hearing import Hears, newest
from shared.people import Caller, Grant
from shared.transaction import Transaction
from shared.view import Doc, View


def person_doc(id: str, issuer: str, subject: str, grants: Sequence[Doc]) -> Doc:
    """A row of `people`; each grant has role, agency (or None), since and until (or None)."""
    return {"_id": id, "issuer": issuer, "subject": subject, "grants": list(grants)}


def on_member_set(tx: Transaction, fact: MemberSet) -> None:
    """Take over what a person may do."""
    grants = [
        {"role": one.role, "agency": one.agency, "since": one.since, "until": one.until}
        for one in fact.grants
    ]
    heard = newest(tx, tx.get("people", fact.person))
    tx.put("people", {**person_doc(fact.person, fact.issuer, fact.subject, grants), "heard": heard})
    tx.audit(f"person:{fact.person}", "member.copied")


def on_assessor_set(tx: Transaction, fact: AssessorSet) -> None:
    """Take over that somebody is an assessor, and until when."""
    grant = {"role": "assessor", "agency": None, "since": fact.since, "until": fact.until}
    id = f"assessor:{fact.assessor}"
    heard = newest(tx, tx.get("people", id))
    tx.put("people", {**person_doc(id, fact.issuer, fact.subject, [grant]), "heard": heard})
    tx.audit(id, "assessor.copied")


MEMBERS = Hears(on_member_set, lambda fact: [("people", fact.person), ("heads", f"person:{fact.person}")])
ASSESSORS = Hears(
    on_assessor_set, lambda fact: [(name, f"assessor:{fact.assessor}") for name in ("people", "heads")]
)


def find_caller(view: View, issuer: str, subject: str, now: datetime) -> Caller:
    """The caller behind a verified token, with the grants in force now; no grants for somebody unknown."""
    rows = view.find("people", {"issuer": issuer, "subject": subject})
    grants = [
        Grant(one["role"], one["agency"])
        for row in rows
        for one in row["grants"]
        if one["since"] <= now and (one["until"] is None or now < one["until"])
    ]
    known = sorted((row["_id"] for row in rows), key=lambda id: (id.startswith("assessor:"), id))
    return Caller(issuer, subject, known[0] if known else None, tuple(grants))
