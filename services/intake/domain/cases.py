"""How far the case of an agency's submission is, as review and scoring publish it."""

from dataclasses import dataclass, replace
from datetime import datetime

OPEN, LAPSED, CLAIMED, FINISHED = "open", "lapsed", "claimed", "finished"
"""A task that nobody holds, one whose lease nobody renewed, one that an assessor holds, one that is done."""
FINALISED, SCORED, APPROVED = OUTCOMES = ("finalised", "scored", "approved")
"""What becomes of a case behind its last stage, in this order, before its result is published."""


@dataclass(frozen=True)
class TaskNoted:
    """The last that is known of the tasks of a case; `sequence` is the event's."""

    stage: str
    state: str
    at: datetime
    sequence: int


@dataclass(frozen=True)
class Outcome:
    """What became of a case behind its last stage, and when."""

    what: str
    at: datetime


@dataclass(frozen=True)
class CaseProgress:
    """What is known of a case beside its last stage and its published result."""

    task: TaskNoted | None = None
    outcome: Outcome | None = None


def with_task(known: CaseProgress | None, task: TaskNoted) -> CaseProgress | None:
    """What is known of a case once its task is so; the same as before when a later event about it came already."""
    before = known or CaseProgress()
    if before.task and before.task.sequence >= task.sequence:
        return known
    return replace(before, task=task)


def with_outcome(known: CaseProgress | None, outcome: Outcome) -> CaseProgress | None:
    """What is known of a case once that became of it; the same as before when it is as far already."""
    before = known or CaseProgress()
    if before.outcome and OUTCOMES.index(before.outcome.what) >= OUTCOMES.index(outcome.what):
        return known
    return replace(before, outcome=outcome)


def released(reason: str) -> str:
    """What a task is that was given back or taken away for that reason."""
    return LAPSED if reason == "expired" else OPEN
