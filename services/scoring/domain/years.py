"""An agency's results over the years: which one came before, and what changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from services.scoring.domain.publications import Publication, PublishedCycle
from services.scoring.domain.results import Result
from services.scoring.domain.scores import Score
from shared.core.errors import NotFound


@dataclass(frozen=True)
class Year:
    """A published result of an agency, and the cycle that it is of."""

    cycle: PublishedCycle
    publication: Publication


@dataclass(frozen=True)
class Change:
    """What changed since an earlier year: the whole index and each node, by code, as displayed then and now.

    Both are empty (None, no nodes) where another edition was in force then: its numbers are no measure for these.
    """

    since: Year
    index: Decimal | None = None
    nodes: Mapping[str, Decimal] = field(default_factory=dict)


def order_years(years: Sequence[Year]) -> list[Year]:
    """The latest first; a cycle whose opening nobody told comes last."""
    return sorted(years, key=lambda year: (_opening(year.cycle), year.cycle.id), reverse=True)


def year_before(years: Sequence[Year], cycle: PublishedCycle) -> Year | None:
    """The last year whose cycle opened before this one; None where there is none, or nobody told when this opened."""
    if cycle.opens is None:
        return None
    return next((year for year in order_years(years) if _opening(year.cycle) < _opening(cycle)), None)


def index_change(index: str, edition: str, since: Year | None) -> Change | None:
    """What changed of an index by an edition since a year; None since none."""
    if since is None:
        return None
    then = since.publication
    return Change(since, _difference(index, then.index)) if then.edition == edition else Change(since)


def change_since(now: Score, since: Year | None, then: Score | None = None) -> Change | None:
    """What changed since a year: of the index, and of every node where its score `then` is at hand; None since none."""
    change = index_change(now.index, now.basis.edition, since)
    if change is None or change.index is None:
        return change
    before = {node.code: node.index for node in then.nodes} if then else {}
    nodes = {
        node.code: _difference(node.index, before[node.code]) for node in now.nodes if node.code in before
    }
    return replace(change, nodes=nodes)


def changes_since(
    results: Sequence[Result], years: Mapping[str, Sequence[Year]], cycles: Mapping[str, PublishedCycle]
) -> dict[str, Change | None]:
    """What changed of the index of each result since the year before, by result; `years` by agency, `cycles` by id."""
    return {
        one.id: change_since(
            one.score, year_before(years[one.score.basis.agency], cycles[one.score.basis.cycle])
        )
        for one in results
    }


def changes(years: Sequence[Year]) -> list[Decimal | None]:
    """Of each year, the latest first, how the index changed since the one before; None where nothing is comparable."""
    pairs = zip(years, [*years[1:], None], strict=False)
    return [_index_change(year.publication, before.publication if before else None) for year, before in pairs]


def require_years(years: Sequence[Year]) -> list[Year]:
    """The years of an agency, the latest first; raises NotFound when nothing of it is published."""
    if not years:
        raise NotFound("Nothing is published of such an agency.")
    return order_years(years)


def _index_change(now: Publication, then: Publication | None) -> Decimal | None:
    return _difference(now.index, then.index) if then and then.edition == now.edition else None


def _difference(now: str, then: str) -> Decimal:
    """What somebody finds who subtracts what is displayed: exact fractions could round to another digit."""
    return Decimal(now) - Decimal(then)


def _opening(cycle: PublishedCycle) -> datetime:
    return cycle.opens or datetime.min.replace(tzinfo=UTC)
