"""An edition and its nodes as lines of text for people."""

from collections.abc import Iterator
from typing import Final

from shared.instrument.model import Band, Edition, Node, Scale, Words

_WORDS: Final = {
    "regulation": {"id": "Dasar hukum", "en": "Regulation"},
    "guide": {"id": "Pedoman", "en": "Guide"},
    "target": {"id": "Target", "en": "Target"},
    "index": {"id": "indeks", "en": "index"},
    "scales": {"id": "Skala", "en": "Scales"},
    "bands": {"id": "Predikat", "en": "Predicates"},
    "stages": {"id": "Tahap", "en": "Stages"},
    "optional": {"id": "bila perlu", "en": "if needed"},
    "nodes": {"id": "Bobot", "en": "Weights"},
    "weight": {"id": "Bobot", "en": "Weight"},
    "in": {"id": "Bagian dari", "en": "Part of"},
    "allowed": {"id": "Nilai", "en": "Values"},
    "subject": {"id": "Objek ditetapkan oleh instansi", "en": "The agency names what is assessed"},
    "value": {"id": "Nilai berasal dari", "en": "Value given by"},
    "evidence": {"id": "Bukti antara lain", "en": "Evidence includes"},
    "before": {"id": "Sebelumnya", "en": "Before"},
    "missing": {"id": "Sering kurang", "en": "Often missing"},
    "cumulative": {"id": "tingkat di bawahnya terpenuhi", "en": "the level below is fulfilled"},
}


def overview(edition: Edition, language: str) -> Iterator[str]:
    """Write the whole edition: its rules first, then the tree with the weights."""
    yield f"{edition.id}: {edition.title[language]}"
    yield f"{_w('regulation', language)}: {edition.regulation}"
    yield f"{_w('guide', language)}: {edition.guide_version}"
    if edition.targets.index is not None:
        yield f"{_w('target', language)}: {_w('index', language)} {edition.targets.index}"
    yield f"\n{_w('scales', language)}"
    for scale in edition.scales:
        yield f"  {scale.name[language]}: {_values(scale, language)}"
    yield f"\n{_w('bands', language)}"
    yield from (f"  {_span(band):<14} {_title(band, language)}" for band in edition.bands)
    yield f"\n{_w('stages', language)}"
    yield from _activities(edition, language)
    yield f"\n{_w('nodes', language)}"
    for node in edition.nodes:
        yield from _branch(node, language, 1)


def describe(edition: Edition, node: Node, language: str) -> Iterator[str]:
    """Write one node: where it stands, what it weighs, and for an indicator what it takes and asks."""
    kinds: dict[str, Words] = {tier.key: tier.name for tier in edition.tiers}
    yield f"{kinds[node.kind][language]} {node.code}: {node.name[language]}"
    above = [one for one in edition.walk() if node in list(one.walk())[1:]]
    if above:
        yield f"{_w('in', language)}: " + " > ".join(f"{one.code} {one.name[language]}" for one in above)
    yield f"{_w('weight', language)}: {node.weight}"
    for child in node.children:
        yield from _branch(child, language, 1)
    if node.scale:
        yield from _indicator(edition, node, node.scale, language)


def _indicator(edition: Edition, node: Node, scale: Scale, language: str) -> Iterator[str]:
    yield f"{_w('allowed', language)}: {scale.name[language]}: {_values(scale, language)}"
    if node.agency_subject:
        yield _w("subject", language)
    if node.source:
        owner = f" ({node.source.owner})" if node.source.owner else ""
        yield f"{_w(node.source.gives, language)}: {node.source.name[language]}{owner}"
    if edition.crosswalk and node.code in edition.crosswalk.codes:
        old = ", ".join(edition.crosswalk.codes[node.code])
        yield f"{_w('before', language)}: {edition.crosswalk.edition} {old}"
    yield from _texts(node, language)


def _texts(node: Node, language: str) -> Iterator[str]:
    if node.question:
        yield f"\n{node.question[language]}"
    for criteria in node.criteria:
        yield f"\n{criteria.level}" + (f" ({_w('cumulative', language)})" if criteria.cumulative else "")
        yield from (f"  {condition.code} {condition.text[language]}" for condition in criteria.conditions)
    for kind in node.evidence:
        yield f"{_w('evidence', language)}: {kind.text[language]}"
    for gap in node.often_missing:
        yield f"{_w('missing', language)}: {gap[language]}"


def _w(key: str, language: str) -> str:
    return _WORDS[key][language]


def _values(scale: Scale, language: str) -> str:
    span = [f"{scale.range.at_least} - {scale.range.at_most}"] if scale.range else []
    return ", ".join(span + [f"{level.value} {level.name[language]}" for level in scale.levels])


def _title(band: Band, language: str) -> str:
    return band.name[language] + (f" ({band.label[language]})" if band.label else "")


def _span(band: Band) -> str:
    lower = (
        f"> {band.above}"
        if band.above is not None
        else f"{band.at_least}"
        if band.at_least is not None
        else ""
    )
    upper = (
        f"< {band.below}" if band.below is not None else f"{band.at_most}" if band.at_most is not None else ""
    )
    return " - ".join(end for end in (lower, upper) if end)


def _activities(edition: Edition, language: str) -> Iterator[str]:
    for activity in edition.activities:
        names = [
            stage.name[language] + (f" ({_w('optional', language)})" if stage.optional else "")
            for stage in activity.stages
        ]
        yield f"  {activity.name[language]}: {', '.join(names)}"


def _branch(node: Node, language: str, depth: int) -> Iterator[str]:
    start = f"{'  ' * depth}{node.code}"
    yield f"{start:<12}{node.weight!s:>6}  {node.name[language]}"
    for child in node.children:
        yield from _branch(child, language, depth + 1)
