"""Kinds of assessment, and the stages that each goes through."""

from dataclasses import dataclass
from typing import Final

from shared.instrument.model.scales import Words

STAGES: Final = ("self", "document", "harmonisation", "interview", "visit", "review", "final")


@dataclass(frozen=True)
class Stage:
    """A step of an activity."""

    code: str
    name: Words
    optional: bool = False


@dataclass(frozen=True)
class Activity:
    """A kind of assessment and the stages that it goes through, in order."""

    key: str
    name: Words
    stages: tuple[Stage, ...]
