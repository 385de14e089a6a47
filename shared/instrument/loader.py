"""From a document to an edition that adds up, or to everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from shared.instrument.checks import check
from shared.instrument.exact import MODES, Exact, Rounding
from shared.instrument.model import (
    STAGES,
    Activity,
    Band,
    Condition,
    Criteria,
    Crosswalk,
    Edition,
    Evidence,
    Level,
    Node,
    Scale,
    Stage,
    Targets,
    Tier,
    Within,
)
from shared.instrument.problems import cause, unreadable
from shared.instrument.reader import (
    NodeReader,
    Notes,
    code,
    count,
    flag,
    label,
    localized,
    number,
    one_of,
    text,
    years,
)
from shared.instrument.source import read
from shared.instrument.sources import read_range, read_source

_ZERO: Final = Exact("0")


def load(text: str) -> Edition:
    """Read an edition from YAML, where an unknown field is an error; raises EditionInvalid."""
    edition, notes = examine(text)
    notes.refuse()
    return edition


def examine(text: str) -> tuple[Edition, Notes]:
    """Read an edition from YAML as far as it can be read, and note what is wrong with it.

    Raises EditionInvalid for a text that is not YAML at all.
    """
    data, lines = read(text)
    notes = Notes(lines, strict=True)
    return _edition(data, notes), notes


def from_dict(data: Mapping[str, Any]) -> Edition:
    """Read what `to_dict` wrote, perhaps by a later version: unknown fields are passed over.

    Raises EditionInvalid.
    """
    notes = Notes({}, strict=False)
    edition = _edition(data, notes)
    notes.refuse()
    return edition


def _edition(data: object, notes: Notes) -> Edition:
    edition = _build(NodeReader(notes, data))
    if not notes.problems:
        check(edition, notes)
    return edition


def _build(reader: NodeReader) -> Edition:
    tiers = reader.parts("tiers", _tier, needed=True)
    scales = reader.parts("scales", _scale, needed=True)
    edition = Edition(
        id=reader.require("id", code, ""),
        title=reader.require("title", localized, {}),
        regulation=reader.require("regulation", text, ""),
        guide_version=reader.require("guide_version", text, ""),
        weight=reader.require("weight", number, _ZERO),
        tiers=tiers,
        scales=scales,
        nodes=reader.parts("nodes", partial(_node, _Tree(tiers, scales), 0), needed=True),
        bands=reader.parts("bands", _band, needed=True),
        rounding=reader.part("rounding", _rounding) or _no_rounding(reader),
        activities=reader.parts("activities", _activity, needed=True),
        targets=reader.part("targets", _targets) or Targets(),
        crosswalk=reader.part("crosswalk", _crosswalk),
        facts=reader.optional("facts", _facts, {}),
    )
    reader.close()
    return edition


def _tier(reader: NodeReader) -> Tier:
    return Tier(reader.require("key", code, ""), reader.require("name", localized, {}))


def _scale(reader: NodeReader) -> Scale:
    scale = Scale(
        key=reader.require("key", code, ""),
        name=reader.require("name", localized, {}),
        levels=reader.parts("levels", _level),
        range=reader.part("range", read_range),
        within=reader.part("within", _within),
    )
    if not scale.levels and not scale.range:
        reader.wrong(cause("empty-scale", scale=scale.key))
    return scale


def _level(reader: NodeReader) -> Level:
    return Level(
        reader.require("value", number, _ZERO),
        reader.require("name", localized, {}),
        reader.optional_or_none("text", localized),
        reader.optional_or_none("at_least", number),
    )


def _within(reader: NodeReader) -> Within:
    return Within(
        reader.require("rule", one_of("accepted-share"), ""),
        reader.optional_or_none("uncertain", localized),
    )


class _Tree:
    def __init__(self, tiers: Sequence[Tier], scales: Sequence[Scale]) -> None:
        self.tiers = [tier.key for tier in tiers]
        self.scales = {scale.key: scale for scale in scales}

    def kind(self, reader: NodeReader, depth: int, leaf: bool) -> str:
        last = len(self.tiers) - 1
        if depth > last - (not leaf):
            reader.wrong(cause("below-the-tiers", tiers=", ".join(self.tiers)))
            return ""
        return self.tiers[last if leaf else depth]

    def scale(self, reader: NodeReader, above: Scale | None, leaf: bool) -> Scale | None:
        known = one_of(*self.scales)
        if leaf and above is None:
            return self.scales.get(reader.require("scale", known, ""))
        return self.scales.get(reader.optional("scale", known, "")) or above

    def children(self, reader: NodeReader, depth: int, scale: Scale | None) -> tuple[Node, ...]:
        if depth > len(self.tiers):
            reader.known_keys.add("children")
            return ()
        return reader.parts("children", partial(_node, self, depth + 1, above=scale))


def _node(tree: _Tree, depth: int, reader: NodeReader, above: Scale | None = None) -> Node:
    own_code = reader.require("code", code, "")
    reader.node = own_code or reader.node
    leaf = not reader.raw.get("children")
    scale = tree.scale(reader, above, leaf)
    return Node(
        code=own_code,
        name=reader.require("name", localized, {}),
        weight=reader.require("weight", number, _ZERO),
        kind=tree.kind(reader, depth, leaf),
        children=tree.children(reader, depth, scale),
        scale=scale if leaf else None,
        **(_indicator(reader) if leaf else {}),
    )


def _indicator(reader: NodeReader) -> dict[str, Any]:
    return {
        "agency_subject": reader.optional("agency_subject", flag, False),
        "source": reader.part("source", read_source),
        "question": reader.optional_or_none("question", localized),
        "uncertain": reader.optional("uncertain", _sentences, ()),
        "criteria": reader.parts("criteria", _criteria),
        "evidence": reader.parts("evidence", _evidence),
        "often_missing": reader.optional("often_missing", _sentences, ()),
    }


def _criteria(reader: NodeReader) -> Criteria:
    return Criteria(
        level=reader.require("level", number, _ZERO),
        conditions=reader.parts("conditions", _condition, needed=True),
        cumulative=reader.optional("cumulative", flag, False),
        note=reader.optional_or_none("note", localized),
    )


def _condition(reader: NodeReader) -> Condition:
    return Condition(reader.require("code", text, ""), reader.require("text", localized, {}))


def _evidence(reader: NodeReader) -> Evidence:
    return Evidence(
        text=reader.require("text", localized, {}),
        level=reader.optional_or_none("level", number),
        code=reader.optional_or_none("code", code),
        max_age_years=reader.optional_or_none("max_age_years", years),
        covers_years=reader.optional_or_none("covers_years", years),
        years_after_review=reader.optional_or_none("years_after_review", years),
        uncertain=reader.optional_or_none("uncertain", localized),
        weight=reader.optional_or_none("weight", number),
    )


def _sentences(raw: object) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        raise unreadable("not-a-list")
    return tuple(localized(item) for item in raw)


def _band(reader: NodeReader) -> Band:
    return Band(
        name=reader.require("name", localized, {}),
        label=reader.optional_or_none("label", localized),
        at_least=reader.optional_or_none("at_least", number),
        above=reader.optional_or_none("above", number),
        below=reader.optional_or_none("below", number),
        at_most=reader.optional_or_none("at_most", number),
    )


def _rounding(reader: NodeReader) -> Rounding:
    return Rounding(
        digits=reader.require("digits", count, 0),
        mode=reader.require("mode", one_of(*MODES), ""),
        band_looks_at=reader.require("band_looks_at", one_of("exact", "displayed"), ""),
    )


def _no_rounding(reader: NodeReader) -> Rounding:
    reader.lacks("rounding", "missing")
    return Rounding(0, "", "")


def _activity(reader: NodeReader) -> Activity:
    return Activity(
        key=reader.require("key", code, ""),
        name=reader.require("name", localized, {}),
        stages=reader.parts("stages", _stage, needed=True),
    )


def _stage(reader: NodeReader) -> Stage:
    return Stage(
        code=reader.require("code", one_of(*STAGES), ""),
        name=reader.require("name", localized, {}),
        optional=reader.optional("optional", flag, False),
    )


def _targets(reader: NodeReader) -> Targets:
    return Targets(reader.optional_or_none("index", number), reader.optional_or_none("indicator", number))


def _crosswalk(reader: NodeReader) -> Crosswalk:
    return Crosswalk(reader.require("edition", code, ""), reader.require("codes", _code_lists, {}))


def _code_lists(raw: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(raw, Mapping) or not all(isinstance(old, list | tuple) and old for old in raw.values()):
        raise unreadable("not-code-lists")
    return {code(new): tuple(code(item) for item in old) for new, old in raw.items()}


def _facts(raw: object) -> Mapping[str, str]:
    if not isinstance(raw, Mapping):
        raise unreadable("not-facts")
    return {text(key): label(value) for key, value in raw.items()}
