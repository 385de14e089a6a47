"""The scoring rule, one for all editions: exact weighted means from the leaves, rounded once, for display."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from shared.core.errors import Invalid
from shared.instrument.exact import exact, ratio
from shared.instrument.model import Band, Edition, Node


@dataclass(frozen=True)
class NodeScore:
    """One node's index, its weight, and the part of the whole index that it contributes."""

    code: str
    kind: str
    value: Fraction
    displayed: str
    weight: Fraction
    contribution: Fraction


@dataclass(frozen=True)
class Score:
    """An index, exact and as displayed, the predicate that it earns, and every node's own, from the top."""

    edition: str
    index: Fraction
    displayed: str
    predicate: Band
    nodes: tuple[NodeScore, ...]


@dataclass(frozen=True)
class Outlook:
    """What the whole index would be, exact and as displayed, and the predicate that it would earn."""

    index: Fraction
    displayed: str
    predicate: Band


def require_indicator(edition: Edition, code: str) -> Node:
    """The indicator of that code; Invalid, which names them all, when the edition has none."""
    if code not in edition.codes:
        raise Invalid(
            f"Edition {edition.id} has no indicator {code!r}; its codes are {', '.join(edition.codes)}.",
            "unknown-indicator",
        )
    return edition.node(code)


def parse_value(edition: Edition, code: str, raw: object) -> Fraction:
    """Read the value of one indicator: an int, a float's shortest form, or a string like "2.5" or "7/6".

    Raises Invalid that points at `/value` and gives the allowed values.
    """
    node = require_indicator(edition, code)
    value = _read(node, raw)
    if value is None:
        said = f"{_refusal(node, raw)}."
        errors = [{"in": "json", "pointer": "/value", "detail": said}]
        raise Invalid(said, "value-not-allowed", {"errors": errors, "allowed": node.allowed})
    return value


def parse_values(edition: Edition, raw: Mapping[str, object]) -> dict[str, Fraction]:
    """Read the values of a whole assessment by indicator; raises Invalid with everything that is wrong in it."""
    read = {node.code: _read(node, raw[node.code]) for node in edition.indicators if node.code in raw}
    wrong = _strangers(edition, raw) | _absent(edition, raw) | _refused(edition, raw, read)
    if wrong:
        raise Invalid(f"{'; '.join(wrong.values())}.", "values-not-allowed", {"errors": wrong})
    return {code: value for code, value in read.items() if value is not None}


def score(edition: Edition, values: Mapping[str, Fraction]) -> Score:
    """Compute every node's index from the leaves' values, of which each must be there.

    Raises Invalid that names all missing, unknown and not allowed ones.
    """
    values = parse_values(edition, values)
    indices: dict[str, Fraction] = {}
    for node in edition.nodes:
        _collect(node, values, indices)
    index = _mean(edition.nodes, edition.weight, indices)
    return Score(
        edition=edition.id,
        index=index,
        displayed=edition.rounding.display(index),
        predicate=_predicate(edition, index),
        nodes=tuple(_node_score(edition, node, indices[node.code]) for node in edition.walk()),
    )


def outlook(edition: Edition, found: Score, indicator: NodeScore, value: Fraction) -> Outlook:
    """Say what the index would be if one indicator of a score had another value.

    The index is linear in every leaf, so nothing else is computed anew.
    """
    index = found.index + indicator.weight * (value - indicator.value) / edition.weight
    return Outlook(index, edition.rounding.display(index), _predicate(edition, index))


def band_of_displayed(edition: Edition, found: Score) -> Band | None:
    """The band into which the displayed index alone would fall, where that is another than its predicate; else None."""
    seen = Fraction(found.displayed)
    return None if found.predicate.holds(seen) else next(band for band in edition.bands if band.holds(seen))


def score_dict(found: Score) -> dict[str, Any]:
    """Write a score as {edition, index, exact, predicate, nodes: [{code, kind, index, exact, weight, contribution}]}.

    Exact numbers are written as "a/b", displayed ones as strings.
    """
    return {
        "edition": found.edition,
        "index": found.displayed,
        "exact": ratio(found.index),
        "predicate": dict(found.predicate.name),
        "nodes": [
            {
                "code": node.code,
                "kind": node.kind,
                "index": node.displayed,
                "exact": ratio(node.value),
                "weight": str(node.weight),
                "contribution": ratio(node.contribution),
            }
            for node in found.nodes
        ],
    }


def _collect(node: Node, values: Mapping[str, Fraction], indices: dict[str, Fraction]) -> None:
    for child in node.children:
        _collect(child, values, indices)
    indices[node.code] = _mean(node.children, node.weight, indices) if node.children else values[node.code]


def _mean(nodes: tuple[Node, ...], weight: Fraction, indices: Mapping[str, Fraction]) -> Fraction:
    return sum((node.weight * indices[node.code] for node in nodes), Fraction(0)) / weight


def _node_score(edition: Edition, node: Node, value: Fraction) -> NodeScore:
    return NodeScore(
        code=node.code,
        kind=node.kind,
        value=value,
        displayed=edition.rounding.display(value),
        weight=node.weight,
        contribution=node.weight * value / edition.weight,
    )


def _predicate(edition: Edition, index: Fraction) -> Band:
    looked_at = edition.rounding.for_band(index)
    return next(band for band in edition.bands if band.holds(looked_at))


def _read(node: Node, raw: object) -> Fraction | None:
    try:
        value = raw if isinstance(raw, Fraction) else Fraction(exact(raw))
    except ValueError:
        return None
    return value if node.scale and node.scale.allows(value) else None


def _refusal(node: Node, raw: object) -> str:
    return f"indicator {node.code}: {_shown(raw)} {_why(raw)} it takes {node.allowed}"


def _why(raw: object) -> str:
    if not isinstance(raw, str) or _reads(raw.removeprefix("-")):
        return "is not allowed,"
    meant = raw.strip().removeprefix("+").replace(",", ".")
    if not _reads(meant):
        return "is no number written like 3, 2.5 or 7/6;"
    wrong = "a comma where a point should stand" if "," in raw else "a sign or blanks around it"
    return f"has {wrong}, write {meant};"


def _reads(raw: object) -> bool:
    try:
        exact(raw)
    except ValueError:
        return False
    return True


def _shown(raw: object) -> str:
    if raw is None or isinstance(raw, bool):
        return json.dumps(raw)
    try:
        text = str(raw) if isinstance(raw, Fraction) else repr(raw)
    except ValueError:  # Python refuses to write out an integer of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= 40 else f"{text[:40]}…"


def _strangers(edition: Edition, raw: Mapping[str, object]) -> dict[str, str]:
    known = set(edition.codes)
    return {code: f"{code!r} is no indicator of {edition.id}" for code in raw if code not in known}


def _absent(edition: Edition, raw: Mapping[str, object]) -> dict[str, str]:
    return {code: f"indicator {code} is missing" for code in edition.codes if code not in raw}


def _refused(
    edition: Edition, raw: Mapping[str, object], read: Mapping[str, Fraction | None]
) -> dict[str, str]:
    return {code: _refusal(edition.node(code), raw[code]) for code, value in read.items() if value is None}
