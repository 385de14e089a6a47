"""Whether an edition's texts can be used: codes, lengths, windows as numbers, and the words of the glossary."""

import re
from collections.abc import Callable, Iterator, Sequence, Set
from itertools import pairwise
from string import ascii_lowercase
from typing import Final, TypeAlias

from shared.instrument.authoring.glossary import Glossary
from shared.instrument.checks import note_crosswalk, tree
from shared.instrument.loader import examine
from shared.instrument.model import LANGUAGES, Criteria, Edition, LocalizedText, Node
from shared.instrument.problems import Problem, remark
from shared.instrument.source import Path

# A condition is ticked with one look at it: this is the last length that fits a line and a half on a form.
MOST_WORDS: Final = 24

_NUMBERS: Final = (
    r"(?:\d+|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh"
    r"|one|two|three|four|five|six|seven|eight|nine|ten)"
)
_SPAN: Final = r"(?:tahun|thn?|bulan|(?:\w+ )?(?:years?|months?))"
_AGE: Final = re.compile(rf"\b{_NUMBERS}(?: \([^)]*\))?[ -]{_SPAN}\b", re.IGNORECASE)
_NEXT_SENTENCE: Final = re.compile(r"[.?!] +\S")

Remark: TypeAlias = tuple[Path, str, str]
Said: TypeAlias = tuple[Path, str, LocalizedText]
Placed: TypeAlias = Sequence[tuple[int, Criteria]]
Editions: TypeAlias = Callable[[str], Edition | None]


def _none(_: str) -> None:
    return None


def lint(source: str, glossary: Glossary, editions: Editions = _none) -> list[Problem]:
    """Give everything that is wrong with an edition in YAML, in the order of its lines.

    `editions` gives those that are at hand by their ids, to hold the crosswalk against. Raises EditionInvalid
    for a text that is not YAML at all.
    """
    edition, notes = examine(source)
    if edition.crosswalk and (before := editions(edition.crosswalk.edition)):
        note_crosswalk(edition, before, notes)
    for path, text in _of_scales(edition):
        for place, message in _wording(path, "text", text, glossary):
            notes.add(place, None, remark(message))
    unread = {problem.field for problem in notes.problems}
    for path, node in tree(edition):
        for place, code, message in _of_node(path, node, glossary, unread):
            notes.add(place, code, remark(message))
    return notes.in_order()


def _of_scales(edition: Edition) -> Iterator[tuple[Path, LocalizedText]]:
    for place, scale in enumerate(edition.scales):
        for below, level in enumerate(scale.levels):
            if level.text:
                yield ("scales", place, "levels", below, "text"), level.text
        if scale.within and scale.within.uncertain:
            yield ("scales", place, "within", "uncertain"), scale.within.uncertain


def _of_node(path: Path, node: Node, glossary: Glossary, unread: Set[str]) -> Iterator[Remark]:
    # A level that could not be read says nothing about its codes and evidence.
    read = [
        (place, criteria)
        for place, criteria in enumerate(node.criteria)
        if f"{'.'.join(map(str, path))}.criteria.{place}.level" not in unread
    ]
    yield from ((place, node.code, message) for place, message in _codes(path, node, read))
    yield from ((place, node.code, message) for place, message in _repeated(path, node))
    yield from ((place, node.code, message) for place, message in _misplaced(path, node, read))
    yield from ((place, node.code, message) for place, message in _without_evidence(path, node, read))
    for place, kind, text in _said(path, node):
        for where, message in _wording(place, kind, text, glossary):
            yield where, node.code, message


def _said(path: Path, node: Node) -> Iterator[Said]:
    if node.question:
        yield (*path, "question"), "question", node.question
    yield from (((*path, "uncertain", place), "doubt", doubt) for place, doubt in enumerate(node.uncertain))
    for place, criteria in enumerate(node.criteria):
        level = (*path, "criteria", place)
        if criteria.note:
            yield (*level, "note"), "note", criteria.note
        for below, condition in enumerate(criteria.conditions):
            yield (*level, "conditions", below, "text"), "condition", condition.text
    yield from _said_of_evidence(path, node)
    for place, gap in enumerate(node.often_missing):
        yield (*path, "often_missing", place), "gap", gap


def _said_of_evidence(path: Path, node: Node) -> Iterator[Said]:
    for place, kind in enumerate(node.evidence):
        yield (*path, "evidence", place, "text"), "evidence", kind.text
        if kind.uncertain:
            yield (*path, "evidence", place, "uncertain"), "doubt", kind.uncertain
    if node.source and node.source.uncertain:
        yield (*path, "source", "uncertain"), "doubt", node.source.uncertain


def _codes(path: Path, node: Node, read: Placed) -> Iterator[tuple[Path, str]]:
    for place, criteria in read:
        for below, (condition, letter) in enumerate(zip(criteria.conditions, ascii_lowercase, strict=False)):
            right = f"{node.code}.{criteria.level}.{letter}"
            if condition.code != right:
                yield (
                    (*path, "criteria", place, "conditions", below, "code"),
                    f"the code {condition.code} must be {right}: indicator, level, letter",
                )


def _repeated(path: Path, node: Node) -> Iterator[tuple[Path, str]]:
    seen: set[tuple[str, str]] = set()
    for place, kind, text in _said(path, node):
        for language, sentence in text.items() if kind == "condition" else ():
            if (language, sentence.lower()) in seen:
                yield (*place, language), "the same condition stands at a lower level or twice at this one"
            seen.add((language, sentence.lower()))
    for below, evidence in enumerate(node.evidence):
        if any(
            evidence.text == other.text and evidence.level == other.level for other in node.evidence[:below]
        ):
            yield (*path, "evidence", below, "text"), "the same evidence stands twice at this level"


def _misplaced(path: Path, node: Node, read: Placed) -> Iterator[tuple[Path, str]]:
    for (_, before), (place, criteria) in pairwise(read):
        if criteria.level < before.level:
            said = f"level {criteria.level} must stand before level {before.level}"
            yield (*path, "criteria", place, "level"), said
    for place, criteria in read:
        if criteria.cumulative and _is_lowest(node, criteria):
            yield (*path, "criteria", place, "cumulative"), "the lowest level has none below it to rest on"


def _without_evidence(path: Path, node: Node, read: Placed) -> Iterator[tuple[Path, str]]:
    shown = {kind.level for kind in node.evidence}
    for place, criteria in read:
        if not _is_lowest(node, criteria) and criteria.level not in shown:
            yield (*path, "criteria", place), f"level {criteria.level} has no kind of evidence"


def _is_lowest(node: Node, criteria: Criteria) -> bool:
    # A scale that could not be read may have neither levels nor a range.
    scale = node.scale
    return scale is not None and bool(scale.levels or scale.range) and criteria.level == scale.lowest


def _wording(path: Path, kind: str, text: LocalizedText, glossary: Glossary) -> Iterator[tuple[Path, str]]:
    if set(text) != set(LANGUAGES):
        return
    for language, sentence in text.items():
        yield from (((*path, language), message) for message in _sentence(kind, sentence))
    yield from (((*path, language), message) for language, message in glossary.misuses(text))


def _sentence(kind: str, said: str) -> Iterator[str]:
    if kind == "condition" and len(said.split()) > MOST_WORDS:
        yield f"the condition has {len(said.split())} words, and may have {MOST_WORDS}"
    if kind in ("condition", "question", "gap"):
        end = "?" if kind == "question" else "."
        if not said.endswith(end) or _NEXT_SENTENCE.search(said):
            yield f'the {kind} must be one sentence that ends with "{end}"'
    if kind not in ("note", "doubt") and (age := _AGE.search(said)):
        yield f'"{age.group()}" must be a number: max_age_years, covers_years or years_after_review'
