"""The audit trail of a service for the ministry: searched, and checked: `…/audit`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from http import HTTPStatus

import flask
from flask_babel import LazyString, lazy_gettext

from shared.auth.guard import audience
from shared.core.errors import BadRequest
from shared.core.settings import Settings
from shared.jobs import verification
from shared.storage import trail
from shared.storage.reader import Doc
from shared.storage.trail import TrailFilter
from shared.web import paging, views
from shared.web.operations import render
from shared.web.zones import reader_zone

ROWS, CHECKS = 50, 5
LONGEST = 300
EARLIEST, LATEST = 2000, 2200
"""Years: what lies beyond, nobody means."""
FIELDS = ("subject", "person", "action", "since", "until")
SHARED_KINDS = frozenset(
    {
        "agency",
        "assessor",
        "cycle",
        "deferred",
        "edition",
        "job",
        "member",
        "replay",
        "replica",
        "verification",
    }
)
"""What actions of all services begin with whose details the ministry may see."""
BREACHES: Mapping[str, LazyString] = {
    "changed": lazy_gettext(
        "An entry was changed: its fields do not give the hash that was written with them."
    ),
    "missing": lazy_gettext("An entry is missing, though later ones are there."),
    "out-of-order": lazy_gettext("An entry stands in the wrong place."),
    "cut-off": lazy_gettext("The last entries are missing."),
    "unheaded": lazy_gettext("There are more entries than the count that is kept of them."),
    "unjoined": lazy_gettext("Another chain vouches for an entry that is not there."),
}
OTHER_BREACH = lazy_gettext("The chain does not hold together.")
Answer = flask.typing.ResponseReturnValue


def blueprint(settings: Settings, kinds: Collection[str]) -> flask.Blueprint:
    """The pages of one service; of actions of these kinds (`cycle` of `cycle.opened`) the ministry sees the details."""
    pages, place = flask.Blueprint("audit", __name__, url_prefix="/audit"), f"/{settings.service}/audit"
    open_kinds = SHARED_KINDS | set(kinds)

    @pages.get("")
    @audience("ministry")
    def search() -> str:
        """Who did what, the latest first."""
        return _search(settings.service, place, open_kinds)

    @pages.get("/chain")
    @audience("ministry")
    def chain() -> str:
        """One chain, checked now."""
        return _chain(settings.service, place)

    @pages.get("/verification")
    @audience("ministry")
    def verifications() -> str:
        """The last checks of every chain, and how far the one under way is."""
        return _verifications(settings.service, place)

    @pages.post("/verification")
    @audience("ministry")
    def verify() -> Answer:
        """Ask for every chain to be checked."""
        if flask.request.form.get("chains") != "all":
            raise BadRequest(
                "This form asks for nothing: load its page anew, then send it again.", "bad-form"
            )
        views.run(verification.ask)
        return flask.redirect(f"{place}/verification", HTTPStatus.SEE_OTHER)

    return pages


def _chain(service: str, place: str) -> str:
    subject = _said("subject")
    report = views.database().run(verification.check_chain, subject)
    return render("chain.html", service, place=place, subject=subject, report=report, breaches=BREACHES)


def _verifications(service: str, place: str) -> str:
    found = views.query(verification.find_latest, CHECKS)
    return render(
        "verification.html",
        service,
        place=place,
        checks=found,
        people=views.query(trail.find_names, [doc["asked_by"] for doc in found]),
        breaches=BREACHES,
        other=OTHER_BREACH,
    )


def _search(service: str, place: str, open_kinds: Collection[str]) -> str:
    said = {name: _said(name) for name in FIELDS}
    wanted, wrong = _wanted(said)
    after = paging.parse_cursor(flask.request.args.get("after") or None, int, str)
    begin = (paging.moment(after[0]), str(after[1])) if after else None
    found = views.query(trail.list_entries, wanted, begin, ROWS)
    last = found.rows[-1] if found.more else None
    return render(
        "audit.html",
        service,
        place=place,
        said=said,
        wrong=wrong,
        zone=reader_zone().tzname(None),
        rows=found.rows,
        people=views.query(trail.find_names, [row["actor"] for row in found.rows]),
        is_open=lambda row: is_open(row, open_kinds),
        **paging.links(place, said, bool(after), _cursor(last) if last else None),
    )


def is_open(row: Doc, kinds: Collection[str]) -> bool:
    """Whether the ministry may see the details of an entry: what an agency does for itself is the agency's own."""
    return str(row["action"]).partition(".")[0] in kinds


def _said(name: str) -> str:
    return flask.request.args.get(name, "").strip()[:LONGEST]


def _wanted(said: Mapping[str, str]) -> tuple[TrailFilter, list[str]]:
    """What is looked for, and the fields whose moments cannot be read, which are left out."""
    times = {name: _moment(said[name]) for name in ("since", "until")}
    person = said["person"]
    actors = views.query(trail.find_actors, person) if person else None
    wanted = TrailFilter(said["subject"] or None, actors, said["action"] or None, **times)
    return wanted, [name for name, at in times.items() if said[name] and at is None]


def _moment(text: str) -> datetime | None:
    """The moment in the reader's zone that a field for moments holds; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_plain = at.tzinfo is None and EARLIEST <= at.year < LATEST
    return at.replace(tzinfo=reader_zone()) if is_plain else None


def _cursor(row: Doc) -> str:
    return paging.cursor((paging.milliseconds(row["at"]), row["_id"]))
