"""OpenDocument (ISO/IEC 26300): text, spreadsheet, presentation."""

import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from typing import Any

from services.intake.domain.inspection import ENCRYPTED, MACROS
from services.intake.inspection.notes import Notes
from services.intake.inspection.parts import Parts, local

_PREFIX = "application/vnd.oasis.opendocument."
_KINDS = {
    "text": ("odt", "an OpenDocument text"),
    "spreadsheet": ("ods", "an OpenDocument spreadsheet"),
    "presentation": ("odp", "an OpenDocument presentation"),
}
MANIFEST = "meta-inf/manifest.xml"
_SCRIPTS = re.compile(r"(?:.*/)?(?:basic|scripts|dialogs)/.+", re.DOTALL)
_CONTENT = re.compile(r"(?:.+/)?(?:content|styles)\.xml", re.DOTALL)
_CALLS = re.compile(r"[\s\0-\x1f]*(?:vnd\.sun\.star\.script|macro|vnd\.libreoffice\.command):", re.IGNORECASE)
_COMMANDS = re.compile(r"[\s\0-\x1f]*(?:vnd\.sun\.star\.uno|\.uno|slot|service):", re.IGNORECASE)
"""What menus and keys call of the program itself; in a text it is a way around the question before a macro."""
_ELSEWHERE = re.compile(r"\s*(?:(?:https?|ftp|file|smb|webdavs?):|[/\\]{2}|\.\./)", re.IGNORECASE)
_CLICKED = frozenset({"a", "form", "button", "event-listener", "template", "library"})
"""What leads elsewhere only when somebody clicks on it, or only says where it came from."""
_LISTS = re.compile(r"(?:.*/)?(?:script|dialog)-l[bc]\.xml", re.DOTALL)


def identify(mimetype: bytes) -> tuple[str | None, str]:
    """The type that the entry `mimetype` says."""
    said = mimetype.strip(b"\xef\xbb\xbf \r\n\t\0").decode("latin-1")
    return _KINDS.get(said.removeprefix(_PREFIX), (None, f"a {said!r} file"))


def inspect_open_document(parts: Parts, notes: Notes) -> None:
    """Open its content; look for passwords and macros."""
    if any(local(each) == "encryption-data" for each in _elements(parts, MANIFEST)):
        notes.mark(ENCRYPTED, "it asks for one to be opened")
        return
    _mark_modules(parts, notes)
    pages = 0
    for each in parts.document("content.xml", {"document-content"}):
        pages += local(each) == "page"
        _mark_element(each, notes)
    if notes.type == "odp":
        notes.pages = pages or None
    _mark_others(parts, notes)


def _mark_modules(parts: Parts, notes: Notes) -> None:
    """Say which modules, scripts and dialogs it and its objects carry."""
    for name in filter(_SCRIPTS.fullmatch, parts.names):
        if not _LISTS.fullmatch(name):
            notes.mark(MACROS, name)


def _mark_others(parts: Parts, notes: Notes) -> None:
    """Look at styles, objects, menus, keys and all that is XML; readers pass over what is broken of the last."""
    others = (name for name in parts.names if name.endswith(".xml") and name not in ("content.xml", MANIFEST))
    for name in others:
        with nullcontext() if _CONTENT.fullmatch(name) else suppress(ValueError):
            for each in parts.elements(name):
                _mark_element(each, notes)


def _mark_element(element: Any, notes: Notes) -> None:
    """Say whether an element carries a script, calls one, starts a program, or fetches something."""
    kind = local(element)
    said = {name.rpartition("}")[2]: value for name, value in element.items()} if element.attrib else {}
    link = said.get("href", "")
    if script := _script_of(element, kind, said):
        notes.mark(MACROS, script)
    if kind == "event-listener" and said.get("action") == "execute":
        notes.mark("programs", f"an event starts {link}")
    if kind in ("applet", "plugin"):
        notes.mark("controls", link or kind)
    if kind in ("dde-source", "dde-connection-decl"):
        notes.mark("external", said.get("dde-application", "DDE"))
    elif kind not in _CLICKED and _ELSEWHERE.match(link):
        notes.mark("external", link)


def _script_of(element: Any, kind: str, said: Mapping[str, str]) -> str | None:
    """In which way an element carries a script, or calls one."""
    if kind == "event-listener" and "script" in element.tag.rpartition("}")[0]:
        return "an event calls a script"
    if kind == "script" and (len(element) or (element.text or "").strip() or said):
        return "a script stands in the text"
    if kind == "library" and said.get("link") == "true":
        return "a library of macros elsewhere"
    return "a link calls a script" if _calls_script(kind, said) else None


def _calls_script(kind: str, said: Mapping[str, str]) -> bool:
    calls = any(_CALLS.match(said.get(name, "")) for name in ("href", "id", "command"))
    return calls or (kind == "a" and bool(_COMMANDS.match(said.get("href", ""))))


def _elements(parts: Parts, name: str) -> Iterator[Any]:
    """Every element of a part, none where there is no such part."""
    return parts.elements(name) if name in parts else iter(())
