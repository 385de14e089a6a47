"""Sealed files, and links of review that lead to them."""

from datetime import date
from typing import Any

from werkzeug.test import TestResponse

from services.intake import store
from services.intake.domain import Consent, ManifestFile, Minutes, Submission
from shared.core.ids import utcnow
from shared.signing.keys import KeyRing
from shared.signing.links import Link, sign_link
from shared.storage.transaction import Transaction
from tests.intake.evidence_app import DEADLINE, OPENS
from tests.intake.tus import ROOT
from tests.support.stage import Stage


def seal(tx: Transaction, id: str, agency: str, *shas: str, version: int = 1) -> None:
    """A submission of an agency that names these files."""
    sealed = Submission(
        id=id,
        participation=f"2026.{agency}",
        cycle="2026",
        agency=agency,
        edition="edisi",
        edition_hash="",
        guide_version="",
        version=version,
        activity="monitoring",
        visit=False,
        sealed_at=OPENS,
        sealed_by="p",
        answers=(),
        files=tuple(ManifestFile(sha256, "a.pdf", 1) for sha256 in shas),
        minutes=Minutes("1", date(2026, 1, 1), "Kota", "Ani", "Kepala"),
        consent=Consent(True, "Ani", "Kepala"),
        bytes_until=DEADLINE,
    )
    store.add_submission(tx, sealed)
    tx.audit(f"submission:{id}", "sealed")


def follow(
    intake: Stage,
    link: Link,
    name: str | None = "asesor",
    signer: str = "review",
    place: str = "evidence",
    known: str = "",
    **query: Any,
) -> TestResponse:
    """Follow a link that a service has signed, to the file, a page or a text in it, as somebody who knows that ETag."""
    purpose = "links" if signer == "review" else "receipts"
    token = sign_link(link, KeyRing.load(intake.settings.keys, signer).signing(purpose, utcnow()))
    headers = {"If-None-Match": known} if known else {}
    answer: TestResponse = intake.as_(name).get(
        f"{ROOT}/linked/{place}", query_string={"link": token, **query}, headers=headers
    )
    return answer
