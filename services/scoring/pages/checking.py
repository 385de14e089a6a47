"""Checking a receipt for everybody: it is held against the public keys alone, and nothing else is looked up or kept."""

from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from services.scoring.pages.frame import TEMPLATES, navigation
from shared.auth import guard
from shared.auth.guard import PUBLIC, audience
from shared.core.canonical import parse_timestamp
from shared.core.errors import BadRequest
from shared.core.settings import Settings
from shared.signing import receipts
from shared.signing.keys import PublicKeys
from shared.signing.receipts import ReceiptInvalid
from shared.web.carried import CHECK
from shared.web.decoding import decode
from shared.web.zones import reader_zone

KINDS = {
    "submission": lazy_gettext("a sealed self-assessment"),
    "score": lazy_gettext("a computed index"),
    "result": lazy_gettext("a published result"),
}
REASONS = {
    "not-a-receipt": lazy_gettext(
        "This is no receipt of Nilai: perhaps it is another file, or only a part of one."
    ),
    "key-unknown": lazy_gettext("It names a key that is not ours: it is not from here, or it was changed."),
    "malformed": lazy_gettext("It is not written as receipts are: it was changed, or is not whole."),
    "changed": lazy_gettext("The signature does not fit what it says: it was changed after it was signed."),
    "key-of-another": lazy_gettext(
        "Its key may not vouch for such a document: it is not from here, or it was changed."
    ),
    "key-revoked": lazy_gettext(
        "Its key was revoked before: somebody else may have signed it. Ask the ministry for a new one."
    ),
    "key-not-in-force": lazy_gettext("Its key did not count at the time that it names: it was changed."),
}
FIELDS = (
    ("agency", lazy_gettext("Agency")),
    ("cycle", lazy_gettext("Cycle")),
    ("index", lazy_gettext("Index")),
    ("predicate", lazy_gettext("Predicate")),
    ("subject", lazy_gettext("Document")),
    ("kid", lazy_gettext("Key")),
)


def blueprint(settings: Settings) -> flask.Blueprint:
    """The routes, with the public keys of this installation."""
    publics = PublicKeys(settings.keys)
    pages = flask.Blueprint("checking", __name__, template_folder=str(TEMPLATES))
    pages.before_request(guard.greet)

    @pages.get("/check")
    @audience(PUBLIC)
    def ask() -> str:
        """The form; a receipt in the fragment of the address is checked in the browser, which keeps it to itself."""
        return _page()

    @pages.post("/check")
    @audience(PUBLIC)
    def check() -> flask.typing.ResponseReturnValue:
        """Say what of a receipt holds."""
        text = _sent()
        try:
            receipt = decode(text.removeprefix(b"\xef\xbb\xbf"))
        except BadRequest:
            return _page(
                typed=text.decode(errors="replace"), unreadable=True
            ), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            keys = publics.read()
            receipts.verify(receipt if isinstance(receipt, dict) else {}, keys)
        except ReceiptInvalid as wrong:
            return _page(wrong=REASONS[wrong.extra["reason"]])
        return _page(
            receipt=receipt,
            kind=KINDS[receipt["kind"]],
            at=parse_timestamp(receipt["at"]),
            rows=[(text, receipt[name]) for name, text in FIELDS if name in receipt],
            doubtful=keys[receipt["kid"]].revoked is not None,
        )

    return pages


def _sent() -> bytes:
    """What was sent: the file, or else what was pasted."""
    file = flask.request.files.get("file")
    return (file.read() if file else b"") or flask.request.form.get("receipt", "").strip().encode()


def _page(**values: Any) -> str:
    return flask.render_template("scoring/check.html", navigation=navigation(CHECK), said=_said(), **values)


def _said() -> dict[str, Any]:
    """What the script says of a receipt that it checked in the browser, in the reader's language."""
    zone = reader_zone().tzname(None)
    return {
        "kinds": {name: str(text) for name, text in KINDS.items()},
        "reasons": {name: str(text) for name, text in REASONS.items()},
        "fields": [(name, str(text)) for name, text in FIELDS],
        "moment": gettext("%(date)s at %(time)s %(zone)s", date="{date}", time="{time}", zone=zone),
    }
