"""Office Open XML (ECMA-376): what it is and carries is said by content types and relationships, not by names."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from services.intake.domain.inspection import MACROS
from services.intake.inspection.notes import Notes
from services.intake.inspection.parts import Parts, known_as, local

CONTENT_TYPES = "[content_types].xml"
_KINDS = (
    (r"wordprocessingml\.document\.main|ms-word\.document\.macroenabled", "docx", "a Word document"),
    (r"spreadsheetml\.sheet\.main|ms-excel\.sheet\.macroenabled", "xlsx", "an Excel workbook"),
    (
        r"presentationml\.(?:presentation|slideshow)\.main|ms-powerpoint\.(?:presentation|slideshow)\.macroenabled",
        "pptx",
        "a PowerPoint presentation",
    ),
    (r"\.template|\.addin", None, "a template or add-in of an office program"),
    (r"ms-excel\.sheet\.binary", None, "a binary Excel workbook"),
)
_ROOTS = {"docx": {"document"}, "xlsx": {"workbook"}, "pptx": {"presentation"}}
_MACRO_TYPES = re.compile(r"vbaproject|vbadata|macroenabled|macrosheet")
_MACRO_RELATIONS = re.compile(r"vbaproject|wordvbadata|xl(?:intl)?macrosheet")
_MACRO_NAMES = re.compile(r"(?:.*/)?vbaproject[^/]*\.bin|xl/macrosheets/.+", re.DOTALL)
_SPEAKING = re.compile(
    r"wordprocessingml\.(?!styles|settings|fonttable|websettings)|presentationml\.slide|externallink"
)
_STARTING = re.compile(r"ppaction://(?:program|macro)", re.IGNORECASE)
_FIELDS: Mapping[str, Callable[[Any], str]] = {
    "fldChar": lambda _: "\n",
    "fldSimple": lambda field: "\n" + " ".join(field.values()) + "\n",
    "instrText": lambda field: field.text or "",
}
"""How a field says what it is told to do; one may be spread over many elements."""
_DDE = re.compile(r"^\s*DDE(?:AUTO)?\s", re.IGNORECASE | re.MULTILINE)
_FETCHED = re.compile(
    r"^\s*(?:INCLUDE(?:PICTURE|TEXT)|IMPORT)\s[^\n]*?(?:https?:|ftp:|file:|\\\\|//)",
    re.IGNORECASE | re.MULTILINE,
)
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z\d+.-]+:)?[/\\]{2}", re.IGNORECASE)
_HARMLESS_LINKS = frozenset({"hyperlink"})


def identify(parts: Parts) -> tuple[str | None, str]:
    """The type of the main part, as its content type says it."""
    try:
        said = _content_types(parts).get(_main(parts), "")
    except (ValueError, KeyError):
        return None, "a damaged office file"
    for pattern, type, description in _KINDS:
        if re.search(pattern, said):
            return type, description
    return None, "an Office Open XML file of no usual kind"


def inspect_office_xml(parts: Parts, notes: Notes) -> None:
    """Open its main part; look for macros and for what is fetched from elsewhere."""
    mark_macros(parts, notes)
    _mark_spoken(parts, notes)
    # Last, since it may be longer than what is looked at.
    slides = _look_at(parts.document(_main(parts), _ROOTS[notes.type or ""]), notes)
    if notes.type == "pptx":
        notes.pages = slides or None


def mark_macros(parts: Parts, notes: Notes) -> None:
    """Say which of its parts are macros, and what its parts are related to."""
    types = _content_types(parts)
    for name in parts.names:
        if _MACRO_NAMES.fullmatch(name) or _MACRO_TYPES.search(types.get(name, "")):
            notes.mark(MACROS, name)
    for name in filter(re.compile(r".*\.rels", re.DOTALL).fullmatch, parts.names):
        for relation in parts.elements(name):
            _mark_relation(relation, notes)


def _mark_relation(relation: Any, notes: Notes) -> None:
    kind = relation.get("Type", "").strip().rpartition("/")[2].casefold()
    target = relation.get("Target", "")
    if _MACRO_RELATIONS.fullmatch(kind):
        notes.mark(MACROS, target)
    elif kind in ("control", "activexcontrolbinary", "webextension", "webextensiontaskpanes"):
        notes.mark("controls", target)
    elif kind not in _HARMLESS_LINKS and (_is_external(relation) or _ELSEWHERE.match(target)):
        notes.mark("external", target)


def _mark_spoken(parts: Parts, notes: Notes) -> None:
    """Look at its other texts, slides and links; readers pass over what is broken of them."""
    main = _main(parts)
    for name, said in _content_types(parts).items():
        if name != main and _SPEAKING.search(said):
            with suppress(ValueError):
                _look_at(parts.elements(name), notes)


def _look_at(elements: Iterable[Any], notes: Notes) -> int:
    """Say what starts programs, or fetches something, without being a relation; gives how many slides are listed."""
    slides, fields = 0, []
    for each in elements:
        kind = local(each)
        slides += kind == "sldId"
        if kind in _FIELDS:
            fields.append(_FIELDS[kind](each))
        elif kind == "ddeLink":
            notes.mark("programs", f"DDE to {each.get('ddeService', '')}")
        elif _STARTING.match(each.get("action") or ""):
            notes.mark("programs", each.get("action"))
    _mark_instructions("".join(fields), notes)
    return slides


def _mark_instructions(said: str, notes: Notes) -> None:
    if _DDE.search(said):
        notes.mark("programs", "a field of DDE")
    if _FETCHED.search(said):
        notes.mark("external", "a field that includes something")


def _is_external(relation: Any) -> bool:
    return str(relation.get("TargetMode", "")).strip().casefold() == "external"


def _main(parts: Parts) -> str:
    """The name of the main part; KeyError when nothing says it."""
    for relation in parts.elements("_rels/.rels"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return known_as(relation.get("Target", ""))
    raise KeyError("officeDocument")


def _content_types(parts: Parts) -> dict[str, str]:
    """The content type of every part, in lower case: its own, or that of its extension."""
    own: dict[str, str] = {}
    default: dict[str, str] = {}
    for each in parts.elements(CONTENT_TYPES):
        said = each.get("ContentType", "").casefold()
        if local(each) == "Override":
            own[known_as(each.get("PartName", ""))] = said
        elif local(each) == "Default":
            default[each.get("Extension", "").casefold()] = said
    found = {name: own.get(name, default.get(name.rpartition(".")[2])) for name in parts.names}
    return {name: said for name, said in found.items() if said is not None}
