"""What is played: agencies with their levels and what was published of them, as the data files say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from shared.instrument import shipped

FOLDER = Path(__file__).parent
EDITIONS = FOLDER.parents[1] / "services" / "intake" / "instruments"

Levels = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One agency's way through a cycle: what it claims, what the assessors find, what was published.

    `settled` names, for a later stage, the indicators whose claims that stage corrects.
    """

    agency: str
    name: str
    group: str
    cycle: str
    edition: str
    activity: str
    levels: Levels
    claims: Levels
    index: str
    source: str
    predicate: str | None = None
    nodes: Levels = field(default_factory=dict)
    settled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    visit: bool = False
    seals_before_bytes: bool = False
    receiver_sleeps: bool = False
    scan_megabytes: int = 0

    @property
    def participation(self) -> str:
        """The id of the agency's part in the cycle."""
        return f"{self.cycle}.{self.agency}"

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that its case goes through."""
        if self.activity == "monitoring":
            return "self", "document"
        return "self", "document", "interview", *(("visit",) if self.visit else ())

    def clarified_after(self, stage: str) -> tuple[str, ...]:
        """The indicators that the stage after this one has to look at again."""
        later = {"document": ("interview", "visit"), "interview": ("visit",)}
        return tuple(code for other in later.get(stage, ()) for code in self.settled.get(other, ()))

    def rating(self, stage: str, code: str) -> str:
        """What the assessors give in a stage: the published level, unless a later stage is to settle it."""
        return (self.claims if code in self.clarified_after(stage) else self.levels)[code]


@dataclass(frozen=True)
class Plan:
    """The whole round; `stamp` distinguishes a run from others in every id that must be new."""

    stamp: str
    parts: tuple[Part, ...]
    years: Mapping[str, int]
    assessors: tuple[Mapping[str, str], ...]

    @cached_property
    def cycles(self) -> Mapping[str, str]:
        """Each cycle with its edition."""
        return {part.cycle: part.edition for part in self.parts}

    def part_of(self, cycle: str, agency: str) -> Part:
        """The part of an agency in a cycle."""
        return next(part for part in self.parts if (part.cycle, part.agency) == (cycle, agency))

    def edition_text(self, id: str) -> str:
        """An edition as it ships."""
        return (EDITIONS / f"{id}.yaml").read_text("utf-8")


def load(now: datetime | None = None) -> Plan:
    """The round of the data files, to be played from this moment on."""
    stamp = f"{now or datetime.now(UTC):%y%m%d-%H%M%S}"
    played = _read("round.yaml")
    cases = _read("published-cases.yaml")["cases"]
    known = {case["id"]: {**case, "name": case.get("agency")} for case in cases}
    years = played["years"]
    parts = [_part({**known.get(row.get("case"), {}), **row}, years, stamp) for row in played["parts"]]
    return Plan(stamp, tuple(parts), years, tuple(played["assessors"]))


def _part(row: Mapping[str, Any], years: Mapping[str, int], stamp: str) -> Part:
    levels = _texts(row.get("values") or dict.fromkeys(shipped(row["edition"]).codes, row.get("level")))
    published = row.get("published", row)
    return Part(
        agency=row["agency"],
        name=row["name"],
        group=row["group"],
        cycle=f"{years[row['edition']]}-{stamp}",
        edition=row["edition"],
        activity=row["activity"],
        levels=levels,
        claims=_texts(row.get("self_assessment", levels)) | _texts(row.get("claims", {})),
        index=published["index"],
        source=row["source"],
        predicate=published.get("predicate"),
        nodes=published.get("nodes", {}),
        settled={stage: tuple(codes) for stage, codes in row.get("settled", {}).items()},
        visit=row.get("visit", False),
        seals_before_bytes=row.get("seals_before_bytes", False),
        receiver_sleeps=row.get("receiver_sleeps", False),
        scan_megabytes=row.get("scan_megabytes", 0),
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {code: str(value) for code, value in values.items()}


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))
