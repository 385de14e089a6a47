"""Who takes part in a cycle, as a table says it row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.participations import (
    Participation,
    changed,
    check_participation,
    check_taking_part,
)
from services.intake.domain.registry import Agency
from services.intake.domain.rounds import Cycle
from shared.core.errors import Invalid
from shared.instrument import Edition


@dataclass(frozen=True)
class TakingPart:
    """How an agency takes part in a cycle, as far as the ministry says it; None: the cycle's deadline."""

    id: str
    activity: str
    visit: bool
    deadline: datetime | None = None
    rev: int = 0

    @property
    def cycle(self) -> str:
        """The cycle's id."""
        return self.id.partition(".")[0]

    @property
    def agency(self) -> str:
        """The agency's id."""
        return self.id.partition(".")[2]

    @property
    def participation(self) -> Participation:
        """The participation that is wanted so."""
        return Participation(self.id, self.cycle, self.agency, self.activity, self.visit, self.deadline)


@dataclass(frozen=True)
class Joining:
    """What is known of a cycle into which agencies are entered: who takes part already, and who there is."""

    cycle: Cycle
    edition: Edition
    participations: Mapping[str, Participation]
    agencies: Mapping[str, Agency]
    now: datetime

    @property
    def stored(self) -> Mapping[str, TakingPart]:
        """How those take part that do already."""
        return {id: taking_part(one) for id, one in self.participations.items()}

    def settled(self, wanted: TakingPart, _: TakingPart | None) -> TakingPart:
        """What would be stored of a row; raises what `set_participation` would refuse it with."""
        agency, before = self.agencies.get(wanted.agency), self.participations.get(wanted.id)
        if agency is None:
            raise Invalid(f"There is no agency {wanted.agency}.", "unknown-agency")
        after = changed(before, wanted.participation)
        if after != before:
            check_taking_part(agency, after, self.now)
            check_participation(self.cycle, self.edition, before, after)
        return taking_part(after)


def taking_part(one: Participation) -> TakingPart:
    """How an agency takes part, without what became of it since."""
    return TakingPart(one.id, one.activity, one.visit, one.deadline)
