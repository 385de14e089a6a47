"""The fixed words of an edition's texts: which words to use in each language, and which not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from shared.instrument.model import LANGUAGES, LocalizedText
from shared.instrument.problems import EditionInvalid, Unreadable, remark
from shared.instrument.reader import NodeReader, Notes, localized, text
from shared.instrument.source import read, read_file

FILE: Final = "glossary.yaml"

Forms = Mapping[str, tuple[str, ...]]

_CAPITAL: Final = re.compile(r"(?<![\w-])[^\W\d_a-z][\w-]*")
# Indonesian doubles a word for the plural and hangs particles on it: "isu-isu", "penyempurnaannya".
_BENT: Final = {"id": r"(?:-(?P=word))?(?:nya|lah|kah|pun)?", "en": ""}
_OPENING: Final = re.compile(r"(?:^|[.?!] |: )\W*$")


class GlossaryInvalid(EditionInvalid):
    """The glossary cannot be used; `extra["errors"]` lists every problem."""

    code = "glossary-invalid"
    subject = "glossary"


@dataclass(frozen=True)
class Term:
    """A word with its partner in the other language: the forms to use, and words that are not used for it.

    A name is written just as it stands here, and may have capitals within a sentence.
    """

    forms: Forms
    avoid: Forms
    means: LocalizedText | None = None
    name: bool = False


@dataclass(frozen=True)
class Glossary:
    """All terms, and what they make of a text that is said in both languages."""

    terms: tuple[Term, ...]

    def misuses(self, said: LocalizedText) -> Iterator[tuple[str, str]]:
        """Give what is wrong with the words of a text: the language, and what to do."""
        found = {language: self._found(said[language], language) for language in LANGUAGES}
        for language, hits in found.items():
            rest = _without(said[language], hits)
            yield from ((language, message) for message in self._avoided(rest, language))
            yield from ((language, message) for message in self._misspelt(said[language], hits, language))
            yield from ((language, message) for message in _unknown_names(rest))
        yield from self._without_partner(found)

    def _found(self, said: str, language: str) -> dict[re.Match[str], int]:
        at = self._places[language]
        return {hit: at[hit.group().lower()] for hit in self._patterns[language].finditer(said)}

    def _avoided(self, rest: str, language: str) -> Iterator[str]:
        for hit in self._avoid_patterns[language].finditer(rest):
            instead = self._instead[language][hit["word"].lower()]
            yield f'"{hit.group()}" is not used; the glossary says "{instead}"'

    def _misspelt(self, said: str, hits: Mapping[re.Match[str], int], language: str) -> Iterator[str]:
        for hit, place in hits.items():
            term, found = self.terms[place], hit.group()
            allowed = term.forms[language]
            opening = {form[0].upper() + form[1:] for form in allowed} if _opens(said, hit.start()) else set()
            if found not in allowed and found not in opening and (term.name or not found.islower()):
                yield f'"{found}" is written "{allowed[0]}" in the glossary'

    def _without_partner(self, found: Mapping[str, Mapping[re.Match[str], int]]) -> Iterator[tuple[str, str]]:
        for language, other in (LANGUAGES, LANGUAGES[::-1]):
            said = {place: hit.group() for hit, place in found[language].items()}
            for place in sorted(said.keys() - set(found[other].values())):
                one_of = " or ".join(f'"{form}"' for form in self.terms[place].forms[other])
                yield other, f'{one_of} is missing, as the other language says "{said[place]}"'

    @cached_property
    def _places(self) -> Mapping[str, dict[str, int]]:
        return {
            language: {
                form.lower(): place for place, term in enumerate(self.terms) for form in term.forms[language]
            }
            for language in LANGUAGES
        }

    @cached_property
    def _instead(self) -> Mapping[str, dict[str, str]]:
        return {
            language: {
                word.lower(): term.forms[language][0]
                for term in self.terms
                for word in term.avoid.get(language, ())
            }
            for language in LANGUAGES
        }

    @cached_property
    def _patterns(self) -> Mapping[str, re.Pattern[str]]:
        return {language: _any_of(self._places[language]) for language in LANGUAGES}

    @cached_property
    def _avoid_patterns(self) -> Mapping[str, re.Pattern[str]]:
        return {language: _any_of(self._instead[language], _BENT[language]) for language in LANGUAGES}


def load_glossary(source: str) -> Glossary:
    """Read a glossary from YAML; raises GlossaryInvalid with all that is wrong with it."""
    try:
        data, lines = read(source)
        notes = Notes(lines, strict=True)
        glossary = _build(NodeReader(notes, data))
        notes.refuse()
    except EditionInvalid as error:
        raise GlossaryInvalid(error.problems) from None
    return glossary


def glossary_beside(folder: Path) -> Glossary:
    """Read the glossary of a folder of editions, an empty one where there is none.

    Raises GlossaryInvalid, or BadRequest for a file that cannot be read.
    """
    file = folder / FILE
    return load_glossary(read_file(file)) if file.exists() else Glossary(())


def _build(reader: NodeReader) -> Glossary:
    glossary = Glossary(
        reader.parts("terms", lambda part: _term(part, name=False), needed=True)
        + reader.parts("names", lambda part: _term(part, name=True))
    )
    reader.close()
    for language in LANGUAGES:
        forms = [form.lower() for term in glossary.terms for form in term.forms[language]]
        for twice in sorted({form for form in forms if forms.count(form) > 1}):
            reader.wrong(remark(f'"{twice}" stands twice in {language}'))
        for both in sorted({word for word in _avoided_words(glossary, language) if word in forms}):
            reader.wrong(remark(f'"{both}" is a term in {language}, and cannot be avoided for another'))
    return glossary


def _avoided_words(glossary: Glossary, language: str) -> Iterator[str]:
    for term in glossary.terms:
        yield from (word.lower() for word in term.avoid.get(language, ()))


def _term(reader: NodeReader, name: bool) -> Term:
    return Term(
        forms={language: reader.require(language, _forms, ()) for language in LANGUAGES},
        avoid=reader.optional("avoid", _avoid, {}),
        means=reader.optional_or_none("means", localized),
        name=name,
    )


def _forms(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw:
        raise Unreadable(remark("must be a list of words"))
    return tuple(text(item) for item in raw)


def _avoid(raw: object) -> Forms:
    if not isinstance(raw, Mapping) or not set(raw) <= set(LANGUAGES):
        raise Unreadable(remark(f"must give words in {' or '.join(LANGUAGES)}"))
    return {language: _forms(items) for language, items in raw.items()}


def _any_of(forms: Mapping[str, Any], bent: str = "") -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, forms), key=len, reverse=True)
    # Nothing at all may match where there are no forms.
    word = f"(?P<word>{'|'.join(longest_first) or '(?!)'})"
    return re.compile(rf"(?<![\w-]){word}{bent}(?![\w-])", re.IGNORECASE)


def _without(said: str, hits: Sequence[re.Match[str]] | Mapping[re.Match[str], int]) -> str:
    for hit in hits:
        said = said[: hit.start()] + "_" * (hit.end() - hit.start()) + said[hit.end() :]
    return said


def _opens(said: str, start: int) -> bool:
    return _OPENING.search(said[:start]) is not None


def _unknown_names(rest: str) -> Iterator[str]:
    for hit in _CAPITAL.finditer(rest):
        if not _opens(rest, hit.start()):
            yield f'"{hit.group()}" has a capital, but is no name of the glossary'
