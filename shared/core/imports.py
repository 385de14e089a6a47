"""Tables that set many things at once: what each row would do is shown first, and then exactly that is done."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.core.errors import AppError, Conflict, NotFound
from shared.core.people import Caller

NEW, CHANGED, UNCHANGED, WRONG = STATES = ("new", "changed", "unchanged", "wrong")
MOST_NAMED = 20
"""Things that a refusal names."""


class Entity(Protocol):
    """What a row sets: a dataclass with an id, whose `rev` counts its versions."""

    @property
    def id(self) -> str: ...
    @property
    def rev(self) -> int: ...


T = TypeVar("T", bound=Entity)


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be taken: in which column ("": in none), with what a sentence about it may name."""

    code: str
    detail: str
    column: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadRow(Generic[T]):
    """A row as its file says it: its cells, what is wrong with them, else what it wants."""

    number: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    wanted: T | None = None


@dataclass(frozen=True)
class Change:
    """A field that gets another value."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ImportRow(Generic[T]):
    """A row and what it would do to what was stored (`before`) when it was looked at."""

    number: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()
    wanted: T | None = None
    before: T | None = None

    @property
    def state(self) -> str:
        """new, changed, unchanged or wrong."""
        if self.faults:
            return WRONG
        if self.before is None:
            return NEW
        return CHANGED if self.changes else UNCHANGED

    @property
    def changes(self) -> Sequence[Change]:
        """What it changes of what is there."""
        wanted, before = self.wanted, self.before
        if wanted is None or before is None:
            return ()
        names = [one.name for one in fields(before) if one.name != "rev"]  # type: ignore[arg-type]
        pairs = ((name, getattr(before, name), getattr(wanted, name)) for name in names)
        return [Change(name, old, new) for name, old, new in pairs if old != new]

    @property
    def changes_of_cells(self) -> Sequence[Change]:
        """What it changes of what its file says; what follows from that is left out."""
        return [one for one in self.changes if one.field in self.cells]


@dataclass(frozen=True)
class ImportResult:
    """How many were set, and how many were so already."""

    set: int
    unchanged: int


@dataclass(frozen=True)
class Source:
    """Which file, and which sheet of it where it has any."""

    file: str
    sheet: str = ""


@dataclass(frozen=True)
class Import(Generic[T]):
    """What somebody's file would do: shown under its `token`, and done by it once; a later file takes its place."""

    id: str
    token: str
    source: Source
    made_at: datetime
    rows: tuple[ImportRow[T], ...]
    result: ImportResult | None = None
    rev: int = 0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows are in which state."""
        return {**dict.fromkeys(STATES, 0), **Counter(row.state for row in self.rows)}

    def of(self, state: str | None) -> Sequence[ImportRow[T]]:
        """Its rows in that state; None: all."""
        return [row for row in self.rows if state in (None, row.state)]

    def after(self, number: int, state: str | None) -> Sequence[ImportRow[T]]:
        """Its rows in that state (None: in any) behind the one of that number."""
        return [row for row in self.of(state) if row.number > number]

    def asked_state(self, asked: str | None) -> str | None:
        """Rows of which state are shown: those that are asked for, else the wrong ones; None: all."""
        if asked is None:
            return WRONG if self.counts[WRONG] else None
        return asked if asked in STATES else None

    @property
    def wanted(self) -> Sequence[T]:
        """What its rows want."""
        return wanted_of(self.rows)


def wanted_of(rows: Iterable[ReadRow[T] | ImportRow[T]]) -> Sequence[T]:
    """What those of the rows want that want something."""
    return [row.wanted for row in rows if row.wanted is not None]


Settle = Callable[[T, T | None], T]
"""What would be stored of what a row wants, over what is stored; raises what a command would refuse it with."""


def weighed(
    read: Iterable[ReadRow[T]], stored: Mapping[str, T], settle: Settle[T]
) -> tuple[ImportRow[T], ...]:
    """What each row would do; one whose thing stands on an earlier row is wrong."""
    return tuple(_weighed(read, stored, settle))


def _weighed(
    read: Iterable[ReadRow[T]], stored: Mapping[str, T], settle: Settle[T]
) -> Iterator[ImportRow[T]]:
    first: dict[str, int] = {}
    for row in read:
        if row.wanted is None:
            yield ImportRow(row.number, row.cells, row.faults)
            continue
        earlier = first.setdefault(row.wanted.id, row.number)
        if earlier != row.number:
            yield ImportRow(row.number, row.cells, (_twice(row.wanted.id, earlier),))
            continue
        yield _settled(row, row.wanted, stored.get(row.wanted.id), settle)


def _settled(row: ReadRow[T], wanted: T, before: T | None, settle: Settle[T]) -> ImportRow[T]:
    try:
        after = settle(wanted, before)
    except AppError as refused:
        return ImportRow(row.number, row.cells, (Fault(refused.cause_code, refused.detail),))
    rev = before.rev if before else 0
    made: T = replace(after, rev=rev)  # type: ignore[type-var]  # an Entity is a dataclass
    return ImportRow(row.number, row.cells, (), made, before)


def _twice(id: str, earlier: int) -> Fault:
    return Fault("row-twice", f"{id} stands on line {earlier} too.", names={"line": str(earlier)})


def import_id(kind: str, by: Caller) -> str:
    """Under which id somebody's last import of a kind is kept."""
    return f"{kind}.{by.id}"


def shown(found: Import[T] | None, token: str) -> Import[T]:
    """The preview that has this token; NotFound once another file took its place."""
    if found is None or found.token != token:
        raise NotFound(
            "This preview is gone: another file was sent after it. Send the file again.", "import-gone"
        )
    return found


def rows_to_set(found: Import[T], stored: Mapping[str, T]) -> Sequence[ImportRow[T]]:
    """The rows that set something; Conflict when any row is wrong, or what was shown is no longer so."""
    if wrong := found.counts[WRONG]:
        raise Conflict(
            f"{wrong} of {len(found.rows)} rows are wrong, so nothing is set: put them right in the file, and send "
            "it again.",
            "import-faulty",
        )
    changed = [row.wanted.id for row in found.rows if row.wanted and stored.get(row.wanted.id) != row.before]
    if changed:
        raise Conflict(
            "Something changed after the preview was made, so nothing is set: send the file again and look at it "
            "anew.",
            "import-outdated",
            {"changed": changed[:MOST_NAMED]},
        )
    return [row for row in found.rows if row.state in (NEW, CHANGED)]
