"""An edition's YAML text as plain values, with the line that each of them stands on."""

import codecs
import re
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any, Final, TypeAlias

import yaml

from shared.core.errors import BadRequest
from shared.core.text import character_name, find_hidden
from shared.instrument.problems import EditionInvalid, Problem, cause

Path: TypeAlias = tuple[str | int, ...]

LONGEST: Final = 1_000_000
"""Bytes of a file, characters of a text."""
DEEPEST: Final = 40
"""Levels of lists and mappings within each other."""
MOST_EVENTS: Final = 60_000
"""YAML's events in a file: about four times what the largest edition with all its texts has."""

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML takes for no character of a text; the reader itself would not say on which line it stands.
_STRANGE: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BOOLEANS: Final = {"true": True, "false": False}


def read_file(file: File) -> str:
    """Read a file's text; raises BadRequest with the file's name."""
    try:
        with file.open("rb") as source:
            raw = source.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has no proper name"
        raise BadRequest(f"{file} cannot be read: {reason}") from None
    return decode(raw, str(file))


def decode(raw: bytes, name: str) -> str:
    """Read bytes as text, UTF-8 or marked UTF-16; raises BadRequest with their name and the line where it is none."""
    if len(raw) > LONGEST:
        raise BadRequest(f"{name} is longer than {LONGEST:,} bytes")
    try:
        return raw.decode("utf-16" if raw.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadRequest(f"{name} cannot be read: line {line}: it is not UTF-8 text") from None


def read(text: str) -> tuple[Any, Mapping[Path, int]]:
    """Read YAML without anchors: every number stays as it was written, and no key may stand twice.

    Gives the values and the line (from 1) of each path. Raises EditionInvalid.
    """
    if len(text) > LONGEST:
        raise EditionInvalid([Problem(cause("too-long", most=f"{LONGEST:,}"))])
    if (strange := _STRANGE.search(text)) is not None:
        line = text.count("\n", 0, strange.start()) + 1
        raise EditionInvalid(
            [Problem(cause("strange-character", character=ascii(strange.group())), line=line)]
        )
    for line, written in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if hidden := find_hidden(written.rstrip("\r").replace("\t", " ")):
            why = cause("hidden-character", character=character_name(hidden))
            raise EditionInvalid([Problem(why, line=line)])
    try:
        _refuse_tricks(text)
        top = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise EditionInvalid([_unreadable(error)]) from None
    if top is None:
        raise EditionInvalid([Problem(cause("empty-text"))])
    notes = _Notes()
    data = notes.value(top, ())
    if notes.problems:
        raise EditionInvalid(notes.problems)
    return data, notes.lines


def _refuse_tricks(text: str) -> None:
    depth = 0
    for place, event in enumerate(yaml.parse(text, Loader=_Loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            raise EditionInvalid([Problem(cause("alias"), line=line)])
        if place > MOST_EVENTS:
            raise EditionInvalid([Problem(cause("too-much"), line=line)])
        if depth > DEEPEST:
            raise EditionInvalid([Problem(cause("too-deep", most=DEEPEST), line=line)])


def _line(item: yaml.Event | yaml.Node) -> int | None:
    return item.start_mark.line + 1 if item.start_mark else None


def _unreadable(error: yaml.YAMLError) -> Problem:
    mark: yaml.Mark | None = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    return Problem(cause("not-yaml", said=said), line=mark.line + 1 if mark else None)


class _Notes:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found or not isinstance(key_node, yaml.ScalarNode):
                why = cause("key-twice", key=key) if key in found else cause("not-a-key")
                self.problems.append(Problem(why, line=line))
                continue
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if node.tag.endswith(":null"):
        return None
    if node.tag.endswith(":bool"):
        return _BOOLEANS.get(text.lower(), text)
    if node.tag.endswith(":int") and text.isascii() and text.isdigit() and len(text) < 16:
        return int(text) if text == "0" or text[0] != "0" else text
    return text
