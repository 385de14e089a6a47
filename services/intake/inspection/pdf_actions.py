"""What a PDF does by itself or at a click: scripts, programs that it starts, what it fetches and where it sends."""

import re
from collections.abc import Iterable, Iterator

import pikepdf

from services.intake.inspection.notes import Notes
from services.intake.inspection.pdf_objects import content_of, inside

_ACTIONS = {
    "/JavaScript": "scripts",
    "/RichMediaExecute": "scripts",
    "/Launch": "programs",
    "/SubmitForm": "external",
    "/ImportData": "external",
}
_OTHER_FILES = ("/GoToR", "/GoToE", "/Thread")
_ELSEWHERE = re.compile(r"(?:[a-z][a-z\d+.-]+:)?[/\\]{2}", re.IGNORECASE)
_SCRIPT_LINK = re.compile(r"(?:java|vb)script:", re.IGNORECASE)
_PASSED_OVER = re.compile(r"[\x00-\x20\ufeff]")
"""What browsers leave out of an address before they look for its scheme."""
_FORM_SCRIPT = re.compile(rb"<(?:[\w.-]+:)?script\b")


def mark_actions(objects: Iterable[pikepdf.Object], notes: Notes) -> None:
    """Say what may happen; an action is known by its kind, wherever it stands and whatever leads to it."""
    for obj in objects:
        kind = _named(obj, "/S")
        if kind in _ACTIONS:
            notes.mark(_ACTIONS[kind], f"an action {kind[1:]}")
        elif "/JS" in obj or "/OnInstantiate" in obj:
            notes.mark("scripts", "JavaScript")
        if _named(obj, "/Subtype") == "/RichMedia":
            notes.mark("controls", "RichMedia")
        if _has_form_script(obj.get("/XFA")):
            notes.mark("scripts", "an XFA form")
        for address in _script_links(obj):
            notes.mark("scripts", f"a link {address}")
        for place in (*_files_elsewhere(obj, kind), *_asked_for(obj)):
            notes.mark("external", place)


def _named(obj: pikepdf.Object, key: str) -> str:
    value = obj.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _files_elsewhere(obj: pikepdf.Object, kind: str) -> Iterator[str]:
    """Files on other computers that an action opens, or a stream takes its bytes from."""
    if kind in _OTHER_FILES or isinstance(obj, pikepdf.Stream):
        said = obj.get("/F")
        for name in (said, *inside(said)):
            if isinstance(name, pikepdf.String) and _ELSEWHERE.match(str(name)):
                yield str(name)


def _script_links(obj: pikepdf.Object) -> Iterator[str]:
    """Addresses that run a script at a click, or make one of all that are added to them."""
    for said in (obj.get("/URI"), obj.get("/Base")):
        if isinstance(said, pikepdf.String) and _SCRIPT_LINK.match(_PASSED_OVER.sub("", str(said))):
            yield str(said)


def _asked_for(obj: pikepdf.Object) -> Iterator[str]:
    """Addresses that are asked for without a click."""
    for action in (obj.get("/OpenAction"), *inside(obj.get("/AA"))):
        if isinstance(action, pikepdf.Dictionary) and _named(action, "/S") == "/URI":
            yield str(action.get("/URI", ""))


def _has_form_script(form: object) -> bool:
    """Whether a form of XML, in one stream or in several, carries scripts in whatever language."""
    packets = (each for each in (form, *inside(form)) if isinstance(each, pikepdf.Stream))
    return any(_FORM_SCRIPT.search(content_of(packet).replace(b"\0", b"")) for packet in packets)
