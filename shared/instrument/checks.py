"""Whether an edition adds up: every sum, band, code and reference, each problem named at its node."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from shared.instrument.model import Activity, Band, Edition, Node, Scale
from shared.instrument.reader import Notes
from shared.instrument.source import Path
from shared.instrument.sources import wrong_source

Wrong = tuple[Path, str | None, str]

MOST_DIGITS = 3900
"""Of an exact index: beyond 4300 in all, Python refuses to write a number."""
VALUE_DIGITS = 20
"""Of the denominator of a value that somebody gives within a range."""


def check(edition: Edition, notes: Notes) -> None:
    """Note every way in which the edition does not add up."""
    for found in (_length, _weights, _codes, _scales, _bands, _activities, _criteria, _sources, _references):
        for path, node, message in found(edition):
            notes.add(path, node, message)


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
                said = f"crosswalk: {before.id} has no indicator {old}"
                notes.add(("crosswalk", "codes", new), new, said)


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
    if value.denominator >= 10**VALUE_DIGITS:
        return f"about {float(value):.12g}"
    places = next((count for count in range(4 * VALUE_DIGITS) if 10**count % value.denominator == 0), None)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    return f"{Decimal(f'{value.numerator * 10**places // value.denominator}E-{places}'):f}"


def _sum(total: Fraction, wanted: Fraction) -> str:
    """How a sum is not what it should be; a difference that rounding would hide is said."""
    said = _said(total)
    if not said.startswith("about"):
        return f"{said}, not {wanted}"
    more = "more" if total > wanted else "less"
    return f"{said}, {more} than {wanted} by about {float(abs(total - wanted)):.3g}"


def _length(edition: Edition) -> Iterator[Wrong]:
    """An index is kept and published exactly, so the numbers that it is made of must have a denominator in common."""
    values = [level.value for scale in edition.scales for level in scale.levels]
    ranged = sum(1 for node in edition.indicators if node.scale and node.scale.range)
    common = 10 ** (VALUE_DIGITS * ranged)
    for number in (*(node.weight for node in edition.walk()), *values):
        common = lcm(common, number.denominator)
        if common >= 10**MOST_DIGITS:
            said = (
                f"the index could need more than {MOST_DIGITS} digits as a fraction: choose simpler weights"
            )
            yield ("nodes",), None, said
            return


def _weights(edition: Edition) -> Iterator[Wrong]:
    total = _total(edition.nodes)
    if total != edition.weight:
        said = f"the weights of the top nodes add up to {_sum(total, edition.weight)}"
        yield ("weight",), None, said
    for path, node in tree(edition):
        if node.weight <= 0:
            yield (*path, "weight"), node.code, "the weight must be more than 0"
        if node.children and _total(node.children) != node.weight:
            said = f"the weights below add up to {_sum(_total(node.children), node.weight)}"
            yield (*path, "weight"), node.code, said


def _codes(edition: Edition) -> Iterator[Wrong]:
    yield from _twice([((*path, "code"), node.code, node.code) for path, node in tree(edition)], "code")


def _twice(items: Sequence[tuple[Path, str | None, object]], what: str) -> Iterator[Wrong]:
    seen: set[object] = set()
    for path, node, value in items:
        if value in seen:
            yield path, node, f"the {what} {value} stands twice"
        seen.add(value)


def _keys(edition: Edition, name: str, key: Callable[[Any], object]) -> Iterator[Wrong]:
    items = [((name, place), None, key(item)) for place, item in enumerate(getattr(edition, name))]
    return _twice(items, f"{name} key")


def _scales(edition: Edition) -> Iterator[Wrong]:
    yield from _keys(edition, "tiers", lambda tier: tier.key)
    yield from _keys(edition, "scales", lambda scale: scale.key)
    for place, scale in enumerate(edition.scales):
        for message in _scale(scale):
            yield ("scales", place), None, f"scale {scale.key}: {message}"


def _scale(scale: Scale) -> Iterator[str]:
    if scale.range and scale.lowest >= scale.highest:
        yield "the range is empty"
    for lower, upper in pairwise(scale.levels):
        if lower.value >= upper.value:
            yield f"level {upper.value} must come after a smaller one, not after {lower.value}"
    for level in scale.levels:
        if not scale.lowest <= level.value <= scale.highest:
            yield f"level {level.value} is outside the range"


def _reach(edition: Edition) -> tuple[Fraction, Fraction]:
    scaled = [(node.weight, node.scale) for node in edition.indicators if node.scale]
    total = sum((weight for weight, _ in scaled), Fraction(0))
    if not total:
        return Fraction(0), Fraction(0)
    lowest = sum((weight * scale.lowest for weight, scale in scaled), Fraction(0)) / total
    return lowest, sum((weight * scale.highest for weight, scale in scaled), Fraction(0)) / total


def _bands(edition: Edition) -> Iterator[Wrong]:
    for place, band in enumerate(edition.bands):
        for message in _ends(band):
            yield ("bands", place), None, f"band {band.name['en']}: {message}"
    order = sorted(edition.bands, key=lambda band: (_lower(band) is not None, _lower(band) or 0))
    for left, right in pairwise(order):
        if (wrong := _seam(left, right)) is not None:
            yield ("bands", edition.bands.index(right)), None, wrong
    # Rounding keeps the order, so what lies between the ends is held by the bands that meet between them.
    for index in map(edition.rounding.for_band, _reach(edition)):
        if not any(band.holds(index) for band in edition.bands):
            yield ("bands",), None, f"no band holds the index {_said(index)}, which can be reached"


def _lower(band: Band) -> Fraction | None:
    return band.above if band.at_least is None else band.at_least


def _upper(band: Band) -> Fraction | None:
    return band.below if band.at_most is None else band.at_most


def _ends(band: Band) -> Iterator[str]:
    if band.at_least is not None and band.above is not None:
        yield "at_least and above cannot both be given"
    if band.at_most is not None and band.below is not None:
        yield "at_most and below cannot both be given"
    lower, upper = _lower(band), _upper(band)
    if lower is not None and upper is not None and lower >= upper:
        yield "the lower end must be below the upper end"


def _seam(left: Band, right: Band) -> str | None:
    upper, lower = _upper(left), _lower(right)
    between = f"between {left.name['en']} and {right.name['en']}"
    if upper is None or lower is None:
        return f"an end is missing {between}"
    if upper != lower:
        return f"there is {'a gap' if upper < lower else 'an overlap'} {between}, {upper} to {lower}"
    both = left.holds(upper) + right.holds(upper)
    return None if both == 1 else f"{upper} belongs to {'both' if both else 'neither'}, {between}"


def _activities(edition: Edition) -> Iterator[Wrong]:
    yield from _keys(edition, "activities", lambda activity: activity.key)
    for place, activity in enumerate(edition.activities):
        for message in _stages(activity):
            yield ("activities", place, "stages"), None, f"activity {activity.key}: {message}"


def _stages(activity: Activity) -> Iterator[str]:
    codes = [stage.code for stage in activity.stages]
    if codes[0] != "self" or activity.stages[0].optional:
        yield "the first stage must be self, and not optional"
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"the stage {code} stands twice"


def _criteria(edition: Edition) -> Iterator[Wrong]:
    conditions: list[tuple[Path, str | None, object]] = []
    for path, node in tree(edition):
        below = (*path, "criteria")
        levels = [((*below, place), node.code, item.level) for place, item in enumerate(node.criteria)]
        yield from _twice(levels, "criteria of level")
        yield from _levels(path, node)
        conditions += [
            ((*below, place, "conditions", at, "code"), node.code, condition.code)
            for place, item in enumerate(node.criteria)
            for at, condition in enumerate(item.conditions)
        ]
    yield from _twice(conditions, "condition")
    yield from _complete(edition)


def _complete(edition: Edition) -> Iterator[Wrong]:
    """An indicator without its texts would stand on a form with nothing to go by: all have them, or none."""
    leaves = [(path, node) for path, node in tree(edition) if not node.children]
    if any(node.question or node.criteria for _, node in leaves):
        for path, node in leaves:
            if node.question is None:
                yield path, node.code, "the question is missing, which other indicators have"
            if not node.criteria:
                yield path, node.code, "the criteria are missing, which other indicators have"
            for level in _without_conditions(node):
                yield (*path, "criteria"), node.code, f"level {level} has no conditions"


def _without_conditions(node: Node) -> Iterator[Fraction]:
    described = {item.level for item in node.criteria}
    if node.scale and node.criteria:
        above = [level.value for level in node.scale.levels if level.value > node.scale.lowest]
        yield from (value for value in above if value not in described)


def _levels(path: Path, node: Node) -> Iterator[Wrong]:
    of_evidence = [item.level for item in node.evidence if item.level is not None]
    for level in [*(item.level for item in node.criteria), *of_evidence]:
        if node.scale and not node.scale.allows(level):
            yield path, node.code, f"level {level} is not on the scale, which allows {node.allowed}"


def _sources(edition: Edition) -> Iterator[Wrong]:
    for path, node in tree(edition):
        yield from wrong_source(path, node)


def _references(edition: Edition) -> Iterator[Wrong]:
    low, high = _reach(edition)
    for name in ("index", "indicator"):
        target = getattr(edition.targets, name)
        if target is not None and not low <= target <= high:
            yield ("targets", name), None, f"the target {target} cannot be reached"
    known = set(edition.codes)
    for code in edition.crosswalk.codes if edition.crosswalk else ():
        if code not in known:
            yield ("crosswalk", "codes", code), code, f"crosswalk: this edition has no indicator {code}"
