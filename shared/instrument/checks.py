"""Whether an edition adds up: every sum, band, code and reference, each problem named at its node."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from shared.instrument.model import Activity, Band, Edition, Node
from shared.instrument.problems import Cause, cause
from shared.instrument.reader import Notes
from shared.instrument.scale_checks import check_scale
from shared.instrument.source import Path
from shared.instrument.sources import not_on, wrong_source

Wrong = tuple[Path, str | None, Cause]

MOST_DIGITS = 3900
"""Of an exact index: beyond 4300 in all, Python refuses to write a number."""
VALUE_DIGITS = 20
"""Of the denominator of a value that somebody gives within a range."""


def check(edition: Edition, notes: Notes) -> None:
    """Note every way in which the edition does not add up."""
    for found in (_length, _weights, _codes, _scales, _bands, _activities, _criteria, _sources, _references):
        for path, node, why in found(edition):
            notes.add(path, node, why)


def check_crosswalk(edition: Edition, before: Edition) -> None:
    """Hold the crosswalk against the edition that it points back to; raises EditionInvalid."""
    notes = Notes({}, strict=True)
    note_crosswalk(edition, before, notes)
    notes.refuse()


def note_crosswalk(edition: Edition, before: Edition, notes: Notes) -> None:
    """Note the codes of the crosswalk that the edition before does not have."""
    if edition.crosswalk is None or edition.crosswalk.edition != before.id:
        return
    known = set(before.codes)
    for new, olds in edition.crosswalk.codes.items():
        for old in olds:
            if old not in known:
                why = cause("crosswalk-unknown-before", edition=before.id, code=old)
                notes.add(("crosswalk", "codes", new), new, why)


def _walk(nodes: Sequence[Node], path: Path) -> Iterator[tuple[Path, Node]]:
    for place, node in enumerate(nodes):
        yield (*path, place), node
        yield from _walk(node.children, (*path, place, "children"))


def tree(edition: Edition) -> Iterator[tuple[Path, Node]]:
    """Give every node with its place in the document."""
    return _walk(edition.nodes, ("nodes",))


def _total(nodes: Sequence[Node]) -> Fraction:
    return sum((node.weight for node in nodes), Fraction(0))


def _said(value: Fraction) -> str:
    if _is_long(value):
        return f"≈ {_near(value)}"
    places = next((count for count in range(4 * VALUE_DIGITS) if 10**count % value.denominator == 0), None)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    return f"{Decimal(f'{value.numerator * 10**places // value.denominator}E-{places}'):f}"


def _is_long(value: Fraction) -> bool:
    longest: int = 10**VALUE_DIGITS
    return value.denominator >= longest


def _near(value: Fraction) -> str:
    return f"{float(value):.12g}"


def _sum(what: str, total: Fraction, wanted: Fraction) -> Cause:
    """How a sum is not what it should be; a difference that rounding would hide is said."""
    if not _is_long(total):
        return cause(what, total=_said(total), wanted=wanted)
    more = "more" if total > wanted else "less"
    by = f"{float(abs(total - wanted)):.3g}"
    return cause(f"{what}-{more}", total=_near(total), wanted=wanted, by=by)


def _length(edition: Edition) -> Iterator[Wrong]:
    """An index is kept and published exactly, so the numbers that it is made of must have a denominator in common."""
    values = [level.value for scale in edition.scales for level in scale.levels]
    ranged = sum(1 for node in edition.indicators if node.scale and node.scale.range)
    common = 10 ** (VALUE_DIGITS * ranged)
    for number in (*(node.weight for node in edition.walk()), *values):
        common = lcm(common, number.denominator)
        if common >= 10**MOST_DIGITS:
            yield ("nodes",), None, cause("long-index", most=MOST_DIGITS)
            return


def _weights(edition: Edition) -> Iterator[Wrong]:
    total = _total(edition.nodes)
    if total != edition.weight:
        yield ("weight",), None, _sum("top-weights", total, edition.weight)
    for path, node in tree(edition):
        if node.weight <= 0:
            yield (*path, "weight"), node.code, cause("weight-not-positive")
        if node.children and _total(node.children) != node.weight:
            yield (*path, "weight"), node.code, _sum("weights", _total(node.children), node.weight)


def _codes(edition: Edition) -> Iterator[Wrong]:
    yield from _twice([((*path, "code"), node.code, node.code) for path, node in tree(edition)], "code-twice")


def _twice(items: Sequence[tuple[Path, str | None, object]], code: str) -> Iterator[Wrong]:
    seen: set[object] = set()
    for path, node, value in items:
        if value in seen:
            yield path, node, cause(code, value=value)
        seen.add(value)


def _keys(edition: Edition, name: str, key: Callable[[Any], object]) -> Iterator[Wrong]:
    items = [((name, place), None, key(item)) for place, item in enumerate(getattr(edition, name))]
    return _twice(items, f"{name}-twice")


def _scales(edition: Edition) -> Iterator[Wrong]:
    yield from _keys(edition, "tiers", lambda tier: tier.key)
    yield from _keys(edition, "scales", lambda scale: scale.key)
    for place, scale in enumerate(edition.scales):
        for why in check_scale(scale):
            yield ("scales", place), None, why


def _reach(edition: Edition) -> tuple[Fraction, Fraction]:
    scaled = [(node.weight, node.scale) for node in edition.indicators if node.scale]
    total = sum((weight for weight, _ in scaled), Fraction(0))
    if not total:
        return Fraction(0), Fraction(0)
    lowest = sum((weight * scale.lowest for weight, scale in scaled), Fraction(0)) / total
    return lowest, sum((weight * scale.highest for weight, scale in scaled), Fraction(0)) / total


def _bands(edition: Edition) -> Iterator[Wrong]:
    for place, band in enumerate(edition.bands):
        for code in _ends(band):
            yield ("bands", place), None, cause(code, band=band.name)
    order = sorted(edition.bands, key=lambda band: (_lower(band) is not None, _lower(band) or 0))
    for left, right in pairwise(order):
        if (wrong := _seam(left, right)) is not None:
            yield ("bands", edition.bands.index(right)), None, wrong
    # Rounding keeps the order, so what lies between the ends is held by the bands that meet between them.
    for index in map(edition.rounding.for_band, _reach(edition)):
        if not any(band.holds(index) for band in edition.bands):
            yield ("bands",), None, cause("index-without-band", index=_said(index))


def _lower(band: Band) -> Fraction | None:
    return band.above if band.at_least is None else band.at_least


def _upper(band: Band) -> Fraction | None:
    return band.below if band.at_most is None else band.at_most


def _ends(band: Band) -> Iterator[str]:
    if band.at_least is not None and band.above is not None:
        yield "two-lower-ends"
    if band.at_most is not None and band.below is not None:
        yield "two-upper-ends"
    lower, upper = _lower(band), _upper(band)
    if lower is not None and upper is not None and lower >= upper:
        yield "crossed-ends"


def _seam(left: Band, right: Band) -> Cause | None:
    upper, lower = _upper(left), _lower(right)
    between = {"left": left.name, "right": right.name}
    if upper is None or lower is None:
        return cause("no-end", **between)
    if upper != lower:
        return cause("gap" if upper < lower else "overlap", **between, upper=upper, lower=lower)
    both = left.holds(upper) + right.holds(upper)
    return None if both == 1 else cause("end-of-both" if both else "end-of-neither", **between, end=upper)


def _activities(edition: Edition) -> Iterator[Wrong]:
    yield from _keys(edition, "activities", lambda activity: activity.key)
    for place, activity in enumerate(edition.activities):
        for why in _stages(activity):
            yield ("activities", place, "stages"), None, why


def _stages(activity: Activity) -> Iterator[Cause]:
    codes = [stage.code for stage in activity.stages]
    if codes[0] != "self" or activity.stages[0].optional:
        yield cause("first-stage", activity=activity.key)
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield cause("stage-twice", activity=activity.key, stage=code)


def _criteria(edition: Edition) -> Iterator[Wrong]:
    conditions: list[tuple[Path, str | None, object]] = []
    for path, node in tree(edition):
        below = (*path, "criteria")
        levels = [((*below, place), node.code, item.level) for place, item in enumerate(node.criteria)]
        yield from _twice(levels, "criteria-twice")
        yield from _levels(path, node)
        conditions += [
            ((*below, place, "conditions", at, "code"), node.code, condition.code)
            for place, item in enumerate(node.criteria)
            for at, condition in enumerate(item.conditions)
        ]
    yield from _twice(conditions, "condition-twice")
    yield from _twice(_coded(edition), "evidence-twice")
    yield from _evidence_weights(edition)
    yield from _complete(edition)


def _coded(edition: Edition) -> list[tuple[Path, str | None, object]]:
    return [
        ((*path, "evidence", place, "code"), node.code, kind.code)
        for path, node in tree(edition)
        for place, kind in enumerate(node.evidence)
        if kind.code is not None
    ]


def _evidence_weights(edition: Edition) -> Iterator[Wrong]:
    for path, node in tree(edition):
        for place, kind in enumerate(node.evidence):
            if kind.weight is not None and (kind.weight <= 0 or kind.code is None):
                yield (*path, "evidence", place, "weight"), node.code, cause("evidence-weight")


def _complete(edition: Edition) -> Iterator[Wrong]:
    """An indicator without its texts would stand on a form with nothing to go by: all have them, or none."""
    leaves = [(path, node) for path, node in tree(edition) if not node.children]
    if any(node.question or node.criteria for _, node in leaves):
        for path, node in leaves:
            if node.question is None:
                yield path, node.code, cause("no-question")
            if not node.criteria:
                yield path, node.code, cause("no-criteria")
            for level in _without_conditions(node):
                yield (*path, "criteria"), node.code, cause("no-conditions", level=level)


def _without_conditions(node: Node) -> Iterator[Fraction]:
    described = {item.level for item in node.criteria}
    if node.scale and node.criteria:
        above = [level.value for level in node.scale.levels if level.value > node.scale.lowest]
        yield from (value for value in above if value not in described)


def _levels(path: Path, node: Node) -> Iterator[Wrong]:
    of_evidence = [item.level for item in node.evidence if item.level is not None]
    for level in [*(item.level for item in node.criteria), *of_evidence]:
        if node.scale and not node.scale.allows(level):
            yield path, node.code, not_on(node.scale, level)


def _sources(edition: Edition) -> Iterator[Wrong]:
    for path, node in tree(edition):
        yield from wrong_source(path, node)


def _references(edition: Edition) -> Iterator[Wrong]:
    low, high = _reach(edition)
    for name in ("index", "indicator"):
        target = getattr(edition.targets, name)
        if target is not None and not low <= target <= high:
            yield ("targets", name), None, cause("target-out-of-reach", target=target)
    known = set(edition.codes)
    for code in edition.crosswalk.codes if edition.crosswalk else ():
        if code not in known:
            yield ("crosswalk", "codes", code), code, cause("crosswalk-unknown", code=code)
