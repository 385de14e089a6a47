"""What was done last in a self-assessment, and by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MOST_ACTS = 50
MOST_SAVES = 200
"""Saves of answers that are looked at: what is typed is saved by itself, many times an hour."""
MOST_ENTRIES = 200
"""Of the audit trail that are looked at: so many of a participation's last ones."""
SHOWN = {
    "upload.arrived": "file-uploaded",
    "file.unlinked": "file-unlinked",
    "file.taken-back": "file-taken-back",
    "participation.sealed": "sealed",
    "participation.extended": "extended",
}
"""The entries of the audit trail that are shown, and as what."""


@dataclass(frozen=True)
class Act:
    """One thing that somebody did: `indicator` and `rev` of a saved answer, `indicator` of a comment,
    `sha256` and `file` of a file."""

    at: datetime
    person: str
    what: str
    indicator: str | None = None
    rev: int | None = None
    sha256: str | None = None
    file: str | None = None


TOGETHER = timedelta(hours=12)
"""Within which the same act, done again by the same person, is shown as one."""


@dataclass(frozen=True)
class Repeated:
    """The last of some acts that were the same, and how many they were."""

    act: Act
    times: int


@dataclass(frozen=True)
class Entry:
    """An entry of the audit trail of a participation."""

    at: datetime
    actor: str
    action: str
    upload: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Edited:
    """An indicator that a person saved, and when last."""

    indicator: str
    at: datetime


@dataclass(frozen=True)
class Acts:
    """What was done last, the latest first; `mine` are the indicators that the asker edited, the last one first."""

    acts: tuple[Act, ...]
    mine: tuple[Edited, ...]
    names: Mapping[str, str]
    repeated: tuple[Repeated, ...] = ()


def acts_of(entries: Iterable[Entry], files: Mapping[str, str]) -> list[Act]:
    """The entries that are shown; `files` are the names of uploads by id."""
    return [
        Act(entry.at, entry.actor, SHOWN[entry.action], sha256=entry.sha256, file=_name(entry, files))
        for entry in entries
        if entry.action in SHOWN
    ]


def in_order(*found: Iterable[Act]) -> tuple[Act, ...]:
    """All acts, the latest first."""
    every = [act for acts in found for act in acts]
    return tuple(sorted(every, key=lambda act: act.at, reverse=True))


def repeated(acts: Iterable[Act]) -> tuple[Repeated, ...]:
    """Acts, the latest first, with those of one person at one indicator, or with files, near to each other as one."""
    last = dict[tuple[str, str, str | None], int]()
    found = list[Repeated]()
    for act in acts:
        same = (act.person, act.what, act.indicator)
        place = last.get(same)
        if place is not None and found[place].act.at - act.at <= TOGETHER:
            found[place] = replace(found[place], times=found[place].times + 1)
        else:
            last[same] = len(found)
            found.append(Repeated(act, 1))
    return tuple(found)


def _name(entry: Entry, files: Mapping[str, str]) -> str | None:
    return files.get(entry.upload) if entry.upload else None
