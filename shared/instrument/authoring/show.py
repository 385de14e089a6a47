"""An edition and its nodes as lines of text for people."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest
from textwrap import wrap
from typing import Final

from shared.instrument.exact import Exact
from shared.instrument.model import Band, Criteria, Edition, Evidence, LocalizedText, Node, Scale, Source

WIDTH: Final = 88

_TERMS: Final = {
    "regulation": {"id": "Dasar hukum", "en": "Regulation"},
    "guide": {"id": "Pedoman", "en": "Guide"},
    "target": {"id": "Target", "en": "Target"},
    "index": {"id": "indeks", "en": "index"},
    "indicator": {"id": "tiap indikator", "en": "each indicator"},
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
    "gate": {"id": "Syarat tingkat berasal dari", "en": "Levels are gated by"},
    "range": {"id": "Rentang indeks", "en": "Range of the index"},
    "conversion": {"id": "Konversi, garis lurus di antaranya", "en": "Conversion, straight lines between"},
    "until_it_comes": {"id": "Selama belum ada, dihitung", "en": "Until it comes, counted as"},
    "gates": {"id": "Indeks paling rendah", "en": "Lowest index"},
    "gate_level": {"id": "tingkat {} mulai {}", "en": "level {} from {}"},
    "index_age": {"id": "Umur indeks paling lama {} tahun", "en": "The index may be at most {} years old"},
    "uncertain": {"id": "Belum pasti", "en": "Not certain"},
    "level": {"id": "Tingkat", "en": "Level"},
    "lowest": {"id": "diberikan juga bila belum ada apa pun", "en": "also given when nothing is there yet"},
    "cumulative": {"id": "dan seluruh tingkat {}", "en": "and all of level {}"},
    "note": {"id": "Catatan", "en": "Note"},
    "evidence": {"id": "Bukti", "en": "Evidence"},
    "any": {"id": "Bukti bagi seluruh tingkat", "en": "Evidence for all levels"},
    "max_age_years": {"id": "kurang dari {} tahun", "en": "less than {} years old"},
    "covers_years": {"id": "tiap tahun dari {} tahun terakhir", "en": "for each of the last {} years"},
    "years_after_review": {
        "id": "paling lambat {} tahun setelah reviu",
        "en": "at most {} years after the review",
    },
    "before": {"id": "Sebelumnya", "en": "Before"},
    "missing": {"id": "Yang sering kurang", "en": "Often missing"},
}
_ONE_YEAR: Final = ("1 years", "1 year")
_TOGETHER: Final = "\N{NO-BREAK SPACE}"


def overview(edition: Edition, language: str, width: int = WIDTH) -> Iterator[str]:
    """Write the whole edition: its rules first, then the tree with the weights."""
    for line in _overview(edition, language):
        yield from _folded(line, width)


def _overview(edition: Edition, language: str) -> Iterator[str]:
    yield f"{edition.id}: {edition.title[language]}"
    yield f"{_term('regulation', language)}: {edition.regulation}"
    yield f"{_term('guide', language)}: {edition.guide_version}"
    if targets := _targets(edition, language):
        yield f"{_term('target', language)}: {', '.join(targets)}"
    yield from ("", _term("scales", language))
    for scale in edition.scales:
        yield f"  {scale.name[language]}: \t{_values(scale, language, _TOGETHER)}"
        yield from (f"    {line}" for line in _meanings(scale, language))
    yield from ("", _term("bands", language))
    yield from (f"  {_span(band, language):<14} \t{_title(band, language)}" for band in edition.bands)
    yield from ("", _term("stages", language))
    yield from _activities(edition, language)
    yield from ("", _term("nodes", language))
    for node in edition.nodes:
        yield from _branch(node, language, 1)


def describe(edition: Edition, node: Node, language: str, width: int = WIDTH) -> Iterator[str]:
    """Write one node: where it stands, what it weighs, and for an indicator what it takes and asks."""
    for line in _description(edition, node, language):
        yield from _folded(line, width)


def _folded(line: str, width: int) -> Iterator[str]:
    """Hang what does not fit under the place of the tab, or two further in than the line begins."""
    start, _, _ = line.partition("\t")
    plain = line.replace("\t", "")
    hanging = " " * (len(start) if "\t" in line else len(line) - len(line.lstrip()) + 2)
    folded = wrap(plain, width, subsequent_indent=hanging, break_long_words=False)
    yield from (part.replace(_TOGETHER, " ") for part in folded or [""])


def _description(edition: Edition, node: Node, language: str) -> Iterator[str]:
    kinds: dict[str, LocalizedText] = {tier.key: tier.name for tier in edition.tiers}
    yield f"{kinds[node.kind][language]} {node.code}: {node.name[language]}"
    above = [upper for upper in edition.walk() if node in list(upper.walk())[1:]]
    if above:
        yield f"{_term('in', language)}: " + " > ".join(
            f"{upper.code} {upper.name[language]}" for upper in above
        )
    yield f"{_term('weight', language)}: {_n(node.weight, language)}"
    for child in node.children:
        yield from _branch(child, language, 1)
    if node.scale:
        yield from _indicator(edition, node, node.scale, language)


def _indicator(edition: Edition, node: Node, scale: Scale, language: str) -> Iterator[str]:
    values = _values(scale, language, _TOGETHER)
    yield f"{_term('allowed', language)}: {scale.name[language]}: {values}"
    if edition.targets.indicator is not None:
        yield f"{_term('target', language)}: {_n(edition.targets.indicator, language)}"
    if node.agency_subject:
        yield _term("subject", language)
    if node.source:
        yield from _source(node.source, language)
    if edition.crosswalk and node.code in edition.crosswalk.codes:
        old = ", ".join(edition.crosswalk.codes[node.code])
        yield f"{_term('before', language)}: {edition.crosswalk.edition} {old}"
    yield from _texts(node, language)


def _source(source: Source, language: str) -> Iterator[str]:
    owner = f" ({source.owner})" if source.owner else ""
    yield f"{_term(source.gives, language)}: {source.name[language]}{owner}"
    if source.range:
        ends = " - ".join(_n(end, language) for end in (source.range.at_least, source.range.at_most))
        yield f"{_term('range', language)}: {ends}"
    if source.conversion:
        nodes = [f"{_n(node.index, language)} → {_n(node.value, language)}" for node in source.conversion]
        yield f"{_term('conversion', language)}: {'; '.join(nodes)}"
    if source.until_it_comes is not None:
        yield f"{_term('until_it_comes', language)}: {_n(source.until_it_comes, language)}"
    yield from _gates(source, language)
    if source.max_age_years is not None:
        yield _term("index_age", language).format(source.max_age_years).replace(*_ONE_YEAR)
    if source.uncertain:
        yield f"{_term('uncertain', language)}: {source.uncertain[language]}"


def _gates(source: Source, language: str) -> Iterator[str]:
    said = _term("gate_level", language)
    gates = [
        said.format(*(_n(end, language) for end in (gate.level, gate.at_least))) for gate in source.gates
    ]
    if gates:
        yield f"{_term('gates', language)}: {'; '.join(gates)}"


def _texts(node: Node, language: str) -> Iterator[str]:
    if node.question:
        yield from ("", f"\t{node.question[language]}")
    if node.uncertain:
        yield from ("", *(f"{_term('uncertain', language)}: {doubt[language]}" for doubt in node.uncertain))
    for criteria in node.criteria:
        yield from ("", _heading(node, criteria, language))
        yield from (f"  {condition.code}  \t{condition.text[language]}" for condition in criteria.conditions)
        if criteria.note:
            yield f"  {_term('note', language)}: \t{criteria.note[language]}"
        yield from _kinds(node, criteria.level, "  ", _term("evidence", language), language)
    if any(kind.level is None for kind in node.evidence):
        yield ""
        yield from _kinds(node, None, "", _term("any", language), language)
    if node.often_missing:
        yield ""
        yield from (f"{_term('missing', language)}: {gap[language]}" for gap in node.often_missing)


def _heading(node: Node, criteria: Criteria, language: str) -> str:
    names = {level.value: level.name[language] for level in node.scale.levels} if node.scale else {}
    heading = (
        f"{_term('level', language)} {_n(criteria.level, language)} {names.get(criteria.level, '')}".rstrip()
    )
    if node.scale and criteria.level == node.scale.lowest:
        return f"{heading} ({_term('lowest', language)})"
    below = [value for value in names if value < criteria.level]
    if criteria.cumulative and below:
        return f"{heading} ({_term('cumulative', language).format(_n(max(below), language))})"
    return heading


def _kinds(node: Node, level: Exact | None, indent: str, heading: str, language: str) -> Iterator[str]:
    kinds = [kind for kind in node.evidence if kind.level == level]
    if kinds:
        yield f"{indent}{heading}:"
        for kind in kinds:
            start = f"{kind.code}  " if kind.code else ""
            yield f"{indent}- \t{start}{kind.text[language]}{_window(kind, language)}"
            if kind.uncertain:
                yield f"{indent}  \t{_term('uncertain', language)}: {kind.uncertain[language]}"


def _window(kind: Evidence, language: str) -> str:
    limits = {name: getattr(kind, name) for name in ("max_age_years", "covers_years", "years_after_review")}
    said = [
        _term(name, language).format(years).replace(*_ONE_YEAR)
        for name, years in limits.items()
        if years is not None
    ]
    return f" ({', '.join(said)})" if said else ""


def _term(key: str, language: str) -> str:
    return _TERMS[key][language]


def _n(number: Fraction, language: str) -> str:
    """Write a number as the edition has it, in Indonesian with a decimal comma."""
    return str(number).replace(".", ",") if language == "id" else str(number)


def _values(scale: Scale, language: str, between: str) -> str:
    ends = (scale.range.at_least, scale.range.at_most) if scale.range else ()
    span = [" - ".join(_n(end, language) for end in ends)] if ends else []
    levels = [f"{_n(level.value, language)}{between}{level.name[language]}" for level in scale.levels]
    return ", ".join(span or levels)


def _meanings(scale: Scale, language: str) -> Iterator[str]:
    ends = [level.at_least for level in scale.levels[1:]]
    for level, end in zip_longest(scale.levels, ends):
        name = f"{_term('level', language)} {_n(level.value, language)} {level.name[language]}"
        if level.at_least is not None:
            upper = f" - < {_n(end, language)}" if end is not None else f" - {_n(scale.highest, language)}"
            name += f" ({_n(level.at_least, language)}{upper})"
        if level.text or level.at_least is not None:
            yield f"{name}: {level.text[language]}" if level.text else name


def _title(band: Band, language: str) -> str:
    return band.name[language] + (f" ({band.label[language]})" if band.label else "")


def _span(band: Band, language: str) -> str:
    ends = [("> ", band.above), ("", band.at_least), ("< ", band.below), ("", band.at_most)]
    return " - ".join(f"{sign}{_n(end, language)}" for sign, end in ends if end is not None)


def _activities(edition: Edition, language: str) -> Iterator[str]:
    for activity in edition.activities:
        names = [
            stage.name[language] + (f" ({_term('optional', language)})" if stage.optional else "")
            for stage in activity.stages
        ]
        yield f"  {activity.name[language]}: {', '.join(names)}"


def _targets(edition: Edition, language: str) -> list[str]:
    aims = {"index": edition.targets.index, "indicator": edition.targets.indicator}
    return [f"{_term(name, language)} {_n(aim, language)}" for name, aim in aims.items() if aim is not None]


def _branch(node: Node, language: str, depth: int) -> Iterator[str]:
    start = f"{'  ' * depth}{node.code}"
    yield f"{start:<12}{_n(node.weight, language):>6}  \t{node.name[language]}"
    for child in node.children:
        yield from _branch(child, language, depth + 1)
