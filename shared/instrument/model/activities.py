"""Kinds of assessment, and the stages that each goes through."""

from dataclasses import dataclass
from typing import Final

from shared.instrument.model.scales import LocalizedText

STAGES: Final = ("self", "document", "harmonisation", "interview", "visit", "review", "final")


@dataclass(frozen=True)
class Stage:
    """A step of an activity."""

    code: str
    name: LocalizedText
    optional: bool = False


@dataclass(frozen=True)
class Activity:
    """A kind of assessment and the stages that it goes through, in order."""

    key: str
    name: LocalizedText
    stages: tuple[Stage, ...]
