"""Indices of other ministries, of an agency and a year, as they were made known to the ministry."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from shared.core.errors import Invalid
from shared.instrument import Edition
from shared.instrument.exact import Exact
from shared.instrument.model import Source
from shared.instrument.sources import INDEX_DECIMALS

FIRST_YEAR, LAST_YEAR = 1990, 2199


@dataclass(frozen=True)
class ExternalIndex:
    """An index as exact text, of a source that editions name by its key; `provenance` says where it was made known.

    `reason` says why it was corrected; earlier versions stay beside it.
    """

    id: str
    agency: str
    source: str
    year: int
    index: str
    provenance: str
    reason: str = ""
    set_at: datetime | None = None
    set_by: str = ""
    rev: int = 0

    @property
    def value(self) -> Fraction:
        """The index as a number."""
        return Exact(self.index)


@dataclass(frozen=True)
class IndexDetails:
    """What is said of an index when it is set."""

    index: str
    provenance: str
    reason: str = ""

    def of(self, agency: str, source: str, year: int) -> ExternalIndex:
        """The index of an agency and a year with these details."""
        return ExternalIndex(index_id(agency, source, year), agency, source, year, **vars(self))


@dataclass(frozen=True)
class IndexFilter:
    """Which indices are asked for: of one agency, of one source; None: of any."""

    agency: str | None = None
    source: str | None = None


def index_id(agency: str, source: str, year: int) -> str:
    """The id of the index of an agency and a year."""
    return f"{agency}.{source}.{year}"


def sources_of(editions: Iterable[Edition]) -> dict[str, tuple[Source, ...]]:
    """The sources by key of which indices can be made known, as each of the editions says them."""
    found: dict[str, tuple[Source, ...]] = {}
    for source in (node.source for edition in editions for node in edition.indicators):
        if source and source.key:
            found[source.key] = (*found.get(source.key, ()), source)
    return found


@dataclass(frozen=True)
class IndexRules:
    """What an index may be: of one of the sources by key, and of an agency that there is, not of a year to come."""

    sources: Mapping[str, tuple[Source, ...]]
    agencies: Set[str]
    now: datetime

    def settled(self, wanted: ExternalIndex, before: ExternalIndex | None) -> ExternalIndex:
        """What would be stored over what is stored; Invalid for what cannot be, and for a correction without reason."""
        self._check(wanted)
        if before and (before.value, before.provenance) == (wanted.value, wanted.provenance):
            return before
        if before and not wanted.reason:
            raise Invalid(
                f"{before.index} is known of this year already: say in `reason` why it is corrected.",
                "index-known",
            )
        return wanted if before else replace(wanted, reason="")

    def _check(self, wanted: ExternalIndex) -> None:
        if wanted.agency not in self.agencies:
            raise Invalid(f"There is no agency {wanted.agency}.", "unknown-agency")
        said = self.sources.get(wanted.source)
        if said is None:
            known = ", ".join(sorted(self.sources)) or "none yet"
            raise Invalid(
                f"No published edition has an index {wanted.source[:32]!r}; they have {known}.",
                "unknown-source",
            )
        if not any(source.takes(wanted.value) for source in said):
            raise Invalid(
                f"{wanted.index} is outside of the scale of the index {wanted.source}.", "index-not-allowed"
            )
        if not FIRST_YEAR <= wanted.year <= self.now.year:
            raise Invalid(
                f"An index is of a year from {FIRST_YEAR} to {self.now.year}, not of {wanted.year}.",
                "bad-year",
            )


def index_text(raw: str) -> str:
    """An index as exact text, a decimal comma written as a point; raises ValueError."""
    text = raw.strip().replace(",", ".")
    value = Exact(text)
    if "/" in text or "e" in text.lower() or (value * 10**INDEX_DECIMALS).denominator != 1:
        raise ValueError(f"must be a decimal number with at most {INDEX_DECIMALS} decimals")
    return text
