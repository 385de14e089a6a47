"""How the places of a cycle are called at which its agencies are."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from services.intake.domain.control import Place, later_stages, places_to_choose
from services.intake.queries.participations import Control
from shared.instrument import Edition
from shared.web.instruments import said

STEPS = {
    "answering": lazy_gettext("Answering"),
    "late": lazy_gettext("Answering late"),
    "sealed": lazy_gettext("Sealed, files are coming"),
    "completed": lazy_gettext("Complete, the review begins"),
    "review": lazy_gettext("Under review"),
    "open": lazy_gettext("Waits for an assessor"),
    "lapsed": lazy_gettext("The assessor's time ran out"),
    "claimed": lazy_gettext("With an assessor"),
    "asked": lazy_gettext("Has a question of the assessors to answer"),
    "answered": lazy_gettext("Answered a question, its stage goes on"),
    "finalised": lazy_gettext("Reviewed, is being scored"),
    "scored": lazy_gettext("Scored, waits for approval"),
    "approved": lazy_gettext("Approved, waits for publication"),
    "reviewed": lazy_gettext("Reviewed, not published yet"),
    "published": lazy_gettext("Published"),
    "attention": lazy_gettext("Needs attention"),
}
_OF_STAGE = {
    "": "%(stage)s",
    "open": lazy_gettext("%(stage)s: waits for an assessor"),
    "lapsed": lazy_gettext("%(stage)s: the assessor's time ran out"),
    "claimed": lazy_gettext("%(stage)s: with an assessor"),
    "over": lazy_gettext("%(stage)s: over"),
}


def stage_names(edition: Edition) -> Mapping[str, str]:
    """How the stages are called that any activity goes through behind its first."""
    return {code: said(stage.name) for code, stage in later_stages(edition).items()}


def name_of(edition: Edition, at: str) -> str:
    """How one of PLACES is called."""
    if at in STEPS:
        return str(STEPS[at])
    _, stage, *what = at.split(".")
    return str(_OF_STAGE[what[0] if what else ""]) % {"stage": stage_names(edition)[stage]}


def place_name(edition: Edition, place: Place) -> str:
    """How it is called where an agency is."""
    return name_of(edition, place.name)


def choices(found: Control, chosen: str) -> list[dict[str, str]]:
    """The places to choose from, with how many are there."""
    edition, numbers = found.edition, found.numbers
    places = places_to_choose(edition, numbers, chosen)
    every = {"value": "", "text": f"{gettext('All')} ({found.all})"}
    return [every, *({"value": at, "text": f"{name_of(edition, at)} ({numbers[at]})"} for at in places)]
