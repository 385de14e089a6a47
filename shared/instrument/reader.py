"""Reading a document field by field: what cannot be read is noted with its place, and reading goes on."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from shared.core.text import is_visible
from shared.instrument.exact import Exact, exact
from shared.instrument.model import LANGUAGES, LocalizedText
from shared.instrument.problems import Cause, EditionInvalid, Problem, Unreadable, cause, unreadable
from shared.instrument.source import Path

T = TypeVar("T")

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")


class Notes:
    """The problems found so far, each at the nearest line that is known."""

    def __init__(self, lines: Mapping[Path, int], strict: bool) -> None:
        self.lines, self.strict = lines, strict
        self.problems: list[Problem] = []

    def add(self, path: Path, node: str | None, why: Cause, about: str = "") -> None:
        """Note a problem at a path of the document; `about` is the name of a field before its sentence."""
        places = (path[:end] for end in range(len(path), -1, -1))
        line = next((self.lines[place] for place in places if place in self.lines), None)
        self.problems.append(Problem(why, node, line, ".".join(map(str, path)), about))

    def refuse(self) -> None:
        """Raise EditionInvalid with all problems in the order of their lines, if there are any."""
        if self.problems:
            raise EditionInvalid(self.in_order())

    def in_order(self) -> list[Problem]:
        """Give the problems in the order of their lines."""
        return sorted(self.problems, key=lambda problem: problem.line or 0)


class NodeReader:
    """One mapping of the document; a field that is missing or wrong is noted, and the fallback stands in."""

    def __init__(self, notes: Notes, raw: object, path: Path = (), node: str | None = None) -> None:
        self.notes, self.path, self.node = notes, path, node
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self.known_keys: set[str] = set()
        if not isinstance(raw, Mapping):
            self.wrong(cause("not-a-mapping"))

    def wrong(self, why: Cause, *below: str | int, about: str = "") -> None:
        """Note a problem here, or at a field below."""
        self.notes.add((*self.path, *below), self.node, why, about)

    def lacks(self, key: str, code: str) -> None:
        """Note that a field is not as it must be, at its place where it has one."""
        self.wrong(cause(code), *([key] if key in self.raw else []), about=key)

    def require(self, key: str, convert: Callable[[Any], T], fallback: T) -> T:
        """Read a field that must be there."""
        if self.raw.get(key) is None:
            self.known_keys.add(key)
            self.lacks(key, "missing")
            return fallback
        return self.optional(key, convert, fallback)

    def optional(self, key: str, convert: Callable[[Any], T], fallback: T) -> T:
        """Read a field that may be left out."""
        self.known_keys.add(key)
        raw = self.raw.get(key)
        if raw is None:
            return fallback
        try:
            return convert(raw)
        except Unreadable as error:
            self.wrong(error.cause, key, about=key)
            return fallback

    def optional_or_none(self, key: str, convert: Callable[[Any], T]) -> T | None:
        """Read a field that is None when it is left out."""
        return self.optional(key, convert, None)

    def part(self, key: str, build: Callable[["NodeReader"], T]) -> T | None:
        """Build a value from a mapping that may be left out."""
        self.known_keys.add(key)
        if self.raw.get(key) is None:
            return None
        return self._build(build, self.raw[key], key)

    def parts(self, key: str, build: Callable[["NodeReader"], T], needed: bool = False) -> tuple[T, ...]:
        """Build a value from each mapping of a list."""
        self.known_keys.add(key)
        raw = self.raw.get(key)
        if not isinstance(raw, list | tuple):
            if needed or raw is not None:
                self.lacks(key, "not-a-list")
            return ()
        if needed and not raw:
            self.lacks(key, "empty-list")
        return tuple(self._build(build, item, key, place) for place, item in enumerate(raw))

    def _build(self, build: Callable[["NodeReader"], T], raw: object, *below: str | int) -> T:
        reader = NodeReader(self.notes, raw, (*self.path, *below), self.node)
        built = build(reader)
        reader.close()
        return built

    def close(self) -> None:
        """Note the fields that nobody read: a misspelt key would else be lost in silence."""
        if self.notes.strict:
            for key in self.raw.keys() - self.known_keys:
                self.lacks(key, "unknown-field")


def text(raw: object) -> str:
    """Take a string of which something can be seen; raises Unreadable."""
    if not isinstance(raw, str) or not any(map(is_visible, raw)):
        raise unreadable("not-a-text")
    return raw.strip()


def label(raw: object) -> str:
    """Take a text or a whole number as a text; raises Unreadable."""
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else text(raw)


def code(raw: object) -> str:
    """Take a code: letters, digits, hyphens, at most 32; raises Unreadable."""
    found = label(raw)
    if not _CODE.fullmatch(found):
        raise unreadable("not-a-code", code=repr(found))
    return found


def localized(raw: object) -> LocalizedText:
    """Take one text per language; raises Unreadable."""
    if not isinstance(raw, Mapping) or set(raw) != set(LANGUAGES):
        raise unreadable("not-in-every-language", languages=", ".join(LANGUAGES))
    return {language: text(raw[language]) for language in LANGUAGES}


def flag(raw: object) -> bool:
    """Take true or false; raises Unreadable."""
    if not isinstance(raw, bool):
        raise unreadable("not-a-flag")
    return raw


def count(raw: object) -> int:
    """Take a whole number from 0 to 99; raises Unreadable."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 99:
        raise unreadable("not-a-count", least=0, most=99)
    return raw


def years(raw: object) -> int:
    """Take a whole number from 1 to 99; raises Unreadable."""
    if raw == 0:
        raise unreadable("not-a-count", least=1, most=99)
    return count(raw)


def one_of(*known: str) -> Callable[[object], str]:
    """Make a check for one of a few words."""

    def convert(raw: object) -> str:
        if raw not in known:
            raise unreadable("not-a-choice", value=repr(raw), known=", ".join(known))
        return str(raw)

    return convert


def number(raw: object) -> Exact:
    """Take an exact number; raises Unreadable."""
    return exact(raw)
