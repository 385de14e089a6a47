"""More time for several agencies at once, and what was given before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.participations import Extension, Participation, extended
from services.intake.domain.rounds import Cycle
from shared.core.errors import Invalid

MOST_EXTENDED = 200
"""Participations at once."""


@dataclass(frozen=True)
class ExtensionOrder:
    """More time for these participations, for one reason."""

    participations: tuple[str, ...]
    extension: Extension


@dataclass(frozen=True)
class Extended:
    """An extension that was given: when, by whom, until when, and why."""

    at: datetime
    by: str
    deadline: datetime
    reason: str


def check_extensions(
    cycles: Mapping[str, Cycle], participations: Iterable[Participation], extension: Extension
) -> None:
    """Refuse an extension that would take time from any of them, or give it none; names all of these."""
    refused = [one.id for one in participations if not _is_more(cycles[one.cycle], one, extension)]
    if refused:
        raise Invalid(
            "Nothing was extended: these have that deadline already, or a later one, or could send files for longer.",
            "bad-extensions",
            {"participations": refused},
        )


def _is_more(cycle: Cycle, participation: Participation, extension: Extension) -> bool:
    try:
        extended(cycle, participation, extension)
    except Invalid:
        return False
    return True
