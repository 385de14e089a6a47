"""How appointments and conflicts of interest are called, and what may be chosen of them."""

from flask_babel import gettext, lazy_gettext

from services.review.domain import AssessorState
from services.review.queries import Standing

STATES = {
    "serving": lazy_gettext("appointed"),
    "planned": lazy_gettext("not yet"),
    "over": lazy_gettext("over"),
}
"""How the states of an appointment are called."""
TINTS = {"serving": "good", "planned": "warn", "over": ""}
_OURS = {
    "works for the agency": lazy_gettext("holds a role in the agency"),
    "was its employer": lazy_gettext("worked for the agency before"),
}
_STATES: dict[str, AssessorState] = {"serving": "serving", "planned": "planned", "over": "over"}


def state_of(asked: str) -> AssessorState | None:
    """The state that an address asks for, if it is one."""
    return _STATES.get(asked)


def why(reason: str) -> str:
    """The reason of a conflict of interest; in the reader's language where Nilai itself gave it."""
    return str(_OURS.get(reason, reason))


def choice(found: Standing) -> list[dict[str, str]]:
    """The agencies in which a conflict of interest may still be declared."""
    free = [(id, name) for id, name in found.agencies.items() if id not in found.assessor.barred]
    named = [{"value": id, "text": name} for id, name in free]
    return [{"value": "", "text": str(gettext("Choose one"))}, *named]
