"""The conditions of an indicator's levels that the agency has ticked for itself: kept, never sealed, no claim."""

from dataclasses import dataclass, replace

from services.intake.domain.answers import answer_id
from shared.core.errors import Invalid
from shared.instrument import Edition
from shared.instrument.conditions import known_conditions


@dataclass(frozen=True)
class Ticks:
    """The codes of an indicator's conditions that are ticked."""

    id: str
    participation: str
    indicator: str
    conditions: tuple[str, ...] = ()
    rev: int = 0

    @classmethod
    def none(cls, participation: str, indicator: str) -> "Ticks":
        """Nothing ticked."""
        return cls(answer_id(participation, indicator), participation, indicator)


@dataclass(frozen=True)
class TickChange:
    """Conditions that somebody ticks, and those whose ticks somebody takes away: all others stay as they are."""

    tick: frozenset[str] = frozenset()
    untick: frozenset[str] = frozenset()


def ticked(edition: Edition, stored: Ticks, change: TickChange) -> Ticks:
    """The ticks after a change, in the edition's order; Invalid for what is no condition of the indicator."""
    if stored.indicator not in edition.codes:
        raise Invalid(f"Edition {edition.id} has no indicator {stored.indicator!r}.", "unknown-indicator")
    node = edition.node(stored.indicator)
    known_conditions(node, change.tick | change.untick)
    if both := sorted(change.tick & change.untick):
        raise Invalid(
            f"Ticked and unticked at once: {', '.join(both)}.", "unclear-tick", {"conditions": both}
        )
    wanted = (set(stored.conditions) | change.tick) - change.untick
    return replace(stored, conditions=known_conditions(node, wanted))
