"""Sealing on a page: what was shown is what is sealed, or nothing is."""

import secrets
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import format_date, gettext, lazy_gettext
from marshmallow import ValidationError

from services.intake import commands, queries
from services.intake.domain import SEALERS, Submission
from services.intake.domain.readiness import Readiness
from services.intake.pages.workspace import TEMPLATES, address, render
from services.intake.queries import workspace as questions
from services.intake.queries.workspace import Overview
from services.intake.schemas import ReadinessSchema, SealInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core.canonical import canonical
from shared.core.errors import AppError, Conflict, Invalid
from shared.core.people import AGENCY_ROLES
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.signing.receipts import PURPOSE
from shared.web.carried import check_code
from shared.web.sentences import of_error

FIELDS = (
    ("number", lazy_gettext("Number of the minutes"), "text"),
    ("date", lazy_gettext("Date of the minutes"), "date"),
    ("place", lazy_gettext("Place"), "text"),
    ("coordinator_name", lazy_gettext("Name of the coordinator"), "text"),
    ("coordinator_position", lazy_gettext("Position of the coordinator"), "text"),
)
NONE: Mapping[str, str] = {}
KINDS = {
    "answer-missing": lazy_gettext("has no level yet"),
    "evidence-missing": lazy_gettext("names no evidence"),
    "size-unknown": lazy_gettext("a file is named that nobody has sent"),
    "size-differs": lazy_gettext("a file has another size than was said"),
    "absent": lazy_gettext("a file has not come yet"),
    "too-large": lazy_gettext("a file is larger than the cycle allows"),
    "wrong-type": lazy_gettext("a file is of a kind that the cycle does not take"),
    "refused": lazy_gettext("a file was refused"),
}


def blueprint(settings: Settings) -> flask.Blueprint:
    """The routes, with the keys of this installation."""
    blp = flask.Blueprint("sealing", __name__, url_prefix="/self-assessments", template_folder=str(TEMPLATES))

    @blp.get("/<participation>/seal")
    @audience(*AGENCY_ROLES)
    def show(participation: str) -> str:
        """What a seal would take now and what stands against it; once it is sealed, what came of that."""
        found = web.query(questions.get_overview, caller(), participation)
        return _sealed(found, found.submission) if found.submission else _check(found)

    @blp.post("/<participation>/seal")
    @audience(*SEALERS)
    def seal(participation: str) -> flask.typing.ResponseReturnValue:
        """Seal what the form carries; what is wrong is shown with it, and nothing typed is lost."""
        sent = flask.request.form
        if lacking := _lacking(sent):
            found = web.query(questions.get_overview, caller(), participation)
            return _check(found, errors=lacking), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            order = SealInput().load(_order(sent, _shown(participation, sent)))
            signing = KeyRing.load(settings.keys, settings.service).signing(PURPOSE, web.arrived())
            web.run(commands.seal, participation, order, signing, sent.get("key", ""))
        except (ValidationError, Invalid, Conflict) as refused:
            found = web.query(questions.get_overview, caller(), participation)
            if found.submission:
                return flask.redirect(address(participation, "seal"), HTTPStatus.SEE_OTHER)
            return _check(found, refused), HTTPStatus.UNPROCESSABLE_ENTITY
        return flask.redirect(address(participation, "seal"), HTTPStatus.SEE_OTHER)

    return blp


def _shown(participation: str, sent: Any) -> Any:
    """The manifest of now, when it is what the page showed: the form has its hash, since its files may be thousands."""
    manifest = _manifest(web.query(queries.get_readiness, caller(), participation))
    if sent.get("manifest") != _hash(manifest):
        raise Conflict(
            gettext("Something was changed after this page was shown. Look at it once more, then seal."),
            "changed-meanwhile",
        )
    return manifest


def _manifest(ready: Readiness) -> Any:
    return ReadinessSchema().dump(ready)["manifest"]


def _hash(manifest: Any) -> str:
    return sha256(canonical(manifest)).hexdigest()


def _order(sent: Any, manifest: Any) -> dict[str, Any]:
    """The order of a seal as the API takes it, of what a form sent."""
    person = {"name": sent.get("coordinator_name", ""), "position": sent.get("coordinator_position", "")}
    minutes = {name: sent.get(name, "").strip() for name, _, _ in FIELDS}
    consent = {**person, "publication": sent.get("publication") == "yes"}
    return {"manifest": manifest, "minutes": minutes, "consent": consent}


def _lacking(sent: Any) -> dict[str, str]:
    """What is left empty in the form, all of it at once."""
    errors = {
        name: gettext("Fill in: %(field)s", field=label)
        for name, label, _ in FIELDS
        if not sent.get(name, "").strip()
    }
    if sent.get("publication") != "yes":
        errors["publication"] = gettext("Consent to the publication, without which nothing is sealed.")
    return errors


def _check(found: Overview, refused: Exception | None = None, errors: Mapping[str, str] = NONE) -> str:
    ready: Readiness = web.query(queries.get_readiness, caller(), found.round.participation.id)
    errors = _errors(refused) if isinstance(refused, ValidationError) else errors
    broken = gettext("The form is not whole: load the page again.")
    other = (
        None if refused is None or errors else of_error(refused) if isinstance(refused, AppError) else broken
    )
    return render(
        "seal.html",
        found,
        "seal",
        ready=ready,
        kinds=KINDS,
        fields=FIELDS,
        errors=errors,
        problem=other,
        typed=flask.request.form,
        key=secrets.token_urlsafe(16),
        manifest=_hash(_manifest(ready)),
        may_seal=caller().has(*SEALERS, agency=found.round.agency.id),
    )


def _errors(refused: ValidationError) -> dict[str, str]:
    """What is wrong with each field of the minutes, in the reader's language."""
    messages = refused.messages if isinstance(refused.messages, dict) else {}
    named = messages.get("minutes", {})
    labels = {name: label for name, label, _ in FIELDS}
    return {
        name: gettext("Look at this again: %(field)s", field=labels[name]) for name in named if name in labels
    }


def _sealed(found: Overview, submission: Submission) -> str:
    arrived = web.query(queries.get_self_assessment, caller(), found.round.participation.id)
    here = {file.sha256 for file in arrived.contents.files if file.arrived} if arrived.contents else set()
    awaited = [] if submission.completed_at else [one for one in submission.files if one.sha256 not in here]
    return render(
        "sealed.html",
        found,
        "seal",
        submission=submission,
        awaited=awaited,
        by=found.acts.names.get(submission.sealed_by, submission.sealed_by),
        qr=check_code(submission.receipt) if submission.receipt else "",
        minutes=submission.minutes,
        minutes_date=format_date(submission.minutes.date, "long"),
        name=f"{found.round.agency.id}-{found.round.cycle.id}-receipt.json",
    )
