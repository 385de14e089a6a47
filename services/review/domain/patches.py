"""Several ratings saved at once, field by field: two windows of one holder at different fields lose nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeAlias

from services.review.domain.orders import LeaseOrder, sent_pins
from services.review.domain.ratings import Explanation, Rating, read_value
from services.review.domain.tasks import Task
from shared.core.errors import Conflict, Invalid
from shared.core.patches import PatchProblem, UnreadPatch, problem_of
from shared.instrument import Edition
from shared.instrument.conditions import known_conditions, known_evidence


@dataclass(frozen=True)
class RatingPatch:
    """Fields of one rating as they were sent, and the version that their sender saw (0: none); `value` is not read."""

    indicator: str
    version: int
    fields: Mapping[str, Any]

    @property
    def yours(self) -> dict[str, Any]:
        """What was sent, the pins without what they do not say."""
        pins = {"pins": sent_pins(self.fields["pins"])} if "pins" in self.fields else {}
        return {"version": self.version, **self.fields, **pins}


SentRatingPatch: TypeAlias = RatingPatch | UnreadPatch


@dataclass(frozen=True)
class PatchOrder(LeaseOrder):
    """To change fields of several ratings."""

    patches: tuple[SentRatingPatch, ...]

    @property
    def yours(self) -> dict[str, Any]:
        """Those that could be read, as `ratings`."""
        read = [patch for patch in self.patches if isinstance(patch, RatingPatch)]
        return {"ratings": [{"indicator": patch.indicator, **patch.yours} for patch in read]}


@dataclass(frozen=True)
class RatingOutcome:
    """What became of one patch: saved, unchanged, stale or invalid; `stored` is what is kept now.

    `merged`: it was saved over a newer version than its sender saw, which had changed other fields. `differing` are
    the fields of a stale patch that were changed elsewhere; `yours` gives back what was sent.
    """

    indicator: str
    outcome: str
    stored: Rating | None
    merged: bool = False
    differing: tuple[str, ...] = ()
    yours: Mapping[str, Any] | None = None
    problem: PatchProblem | None = None

    @property
    def version(self) -> int:
        """The version that is kept now; 0 where there is none."""
        return self.stored.version if self.stored else 0


def older_versions(patches: Sequence[SentRatingPatch], stored: Mapping[str, Rating]) -> set[tuple[str, int]]:
    """The versions that patches were made of and that are not the stored ones, as (indicator, version)."""
    made_of = {(patch.indicator, patch.version) for patch in patches if isinstance(patch, RatingPatch)}
    return {pair for pair in made_of if pair[1]} - {(code, one.version) for code, one in stored.items()}


def patched(edition: Edition, stored: Rating | None, patch: RatingPatch) -> dict[str, Any]:
    """What a rating says with the fields that a patch names in place of the stored ones; Invalid for a wrong value.

    A rating that has no value yet may go on without one: nothing typed waits for a choice.
    """
    wanted = {**_said(stored), **patch.fields}
    if "value" in patch.fields and not (wanted["value"] == "" and not (stored and stored.value)):
        wanted["value"] = read_value(edition, patch.indicator, wanted["value"])
    if "conditions" in patch.fields:
        wanted["conditions"] = known_conditions(edition.node(patch.indicator), wanted["conditions"])
    if "accepted" in patch.fields:
        wanted["accepted"] = known_evidence(edition.node(patch.indicator), wanted["accepted"])
    return wanted


def decide(
    patch: RatingPatch, older: Rating | None, stored: Rating | None, wanted: Mapping[str, Any]
) -> RatingOutcome | None:
    """What becomes of a patch that is not to be saved: stale or unchanged; None when it is to be saved.

    `older` is the version that it was made of, where that is not the stored one.
    """
    base = stored if stored and stored.version == patch.version else older
    is_known = patch.version == 0 or base is not None
    then, now = _said(base), _said(stored)
    differing = tuple(
        name
        for name in now
        if name in patch.fields and now[name] != wanted[name] and not (is_known and then[name] == now[name])
    )
    if differing:
        return RatingOutcome(patch.indicator, "stale", stored, differing=differing, yours=patch.yours)
    return RatingOutcome(patch.indicator, "unchanged", stored) if wanted == now else None


def next_rating(task: Task, indicator: str, said: Mapping[str, Any], id: str, now: datetime) -> Rating:
    """What the holder of a task says of an indicator (value, ticks, three texts, pins), as the next version."""
    explanation = Explanation(said["facts"], said["analysis"], said["justification"])
    return Rating(
        id=id,
        case=task.case,
        stage=task.stage,
        indicator=indicator,
        value=said["value"],
        author=task.assessor,
        words_sha256=explanation.sha256,
        at=now,
        explanation=explanation,
        pins=said["pins"],
        conditions=said["conditions"],
        accepted=said["accepted"],
        task=task.id,
        version=task.next_version(indicator),
    )


def refused_patch(
    patch: SentRatingPatch, stored: Rating | None, why: Invalid | Conflict | None
) -> RatingOutcome:
    """The outcome of a patch that cannot be kept, or could not be read."""
    problem = problem_of(why) if why else patch.problem if isinstance(patch, UnreadPatch) else None
    return RatingOutcome(patch.indicator, "invalid", stored, problem=problem)


def _said(rating: Rating | None) -> dict[str, Any]:
    if rating is None:
        nothing = asdict(Explanation("", "", ""))
        return {"value": "", **nothing, "pins": (), "conditions": (), "accepted": ()}
    assert rating.explanation is not None, "a task's own ratings have one"
    words = asdict(rating.explanation)
    ticked = {"conditions": rating.conditions, "accepted": rating.accepted}
    return {"value": rating.value, **words, "pins": rating.pins, **ticked}
