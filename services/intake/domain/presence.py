"""Who has a self-assessment open right now: known for some seconds, and no deed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.core.errors import Invalid
from shared.instrument import Edition

LASTS = timedelta(seconds=45)
"""How long somebody counts as being there without saying so again; every 15 seconds is often enough."""


@dataclass(frozen=True)
class Presence:
    """A person who has a self-assessment open, at one indicator or (None) at none, and when that was said last."""

    id: str
    participation: str
    person: str
    indicator: str | None
    at: datetime


def presence_of(participation: str, person: str, indicator: str | None, now: datetime) -> Presence:
    """That a person is there now."""
    return Presence(f"{participation}|{person}", participation, person, indicator, now)


def check_place(edition: Edition, indicator: str | None) -> None:
    """Refuse an indicator that the edition does not have."""
    if indicator is not None and indicator not in edition.codes:
        raise Invalid(f"Edition {edition.id} has no indicator {indicator!r}.", "unknown-indicator")


def others(found: Iterable[Presence], person: str, now: datetime) -> tuple[Presence, ...]:
    """Those others who are still there, by their ids."""
    here = [one for one in found if one.person != person and one.at > now - LASTS]
    return tuple(sorted(here, key=lambda one: one.person))
