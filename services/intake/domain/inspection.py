"""What the inspection of a file says, and what follows: what is forbidden refuses it, what is doubtful goes with it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from services.intake.domain.file_types import FILE_TYPES, extension

ENCRYPTED = "file-encrypted"
MACROS = "file-macros"
TRUNCATED = "file-truncated"
UNREADABLE = "file-unreadable"
AMBIGUOUS = "file-ambiguous"
INFECTED = "file-infected"


@dataclass(frozen=True)
class Refusal:
    """Why finished bytes were not kept: a problem's code, and its sentence."""

    code: str
    detail: str


FORBIDDEN = (
    Refusal("file-infected", "the virus scanner found {}"),
    Refusal("file-macros", "it carries macros ({}): save it without them"),
    Refusal("file-encrypted", "it is under a password ({}), so that nobody can open it: save it without one"),
    Refusal("file-ambiguous", "it is two things at once ({}): send each as a file of its own"),
    Refusal("file-truncated", "it is incomplete ({}): send the whole file"),
    Refusal("file-unreadable", "it cannot be read ({}): open it, save it anew, and send that"),
)
"""What refuses a file, as codes and words about a mark, the gravest first."""

CONTENT_REFUSALS = frozenset({"wrong-type", *(refusal.code for refusal in FORBIDDEN)})
"""The codes of all refusals of a file for what it is."""

DOUBTFUL: Mapping[str, str] = {
    "not-scanned": "The virus scanner did not look through it: {}.",
    "trailing-bytes": "After its end follows what does not belong to it: {}.",
    "leading-bytes": "Before its beginning stands what does not belong to it: {}.",
    "repaired": "It is damaged, and readers repair it: {}.",
    "restricted": "It opens without a password, but its author restricted what may be done with it: {}.",
    "scripts": "It carries scripts: {}.",
    "attachments": "Other files are attached inside it: {}.",
    "external": "Opening it may fetch something from elsewhere: {}.",
    "controls": "It carries controls that programs may run: {}.",
    "programs": "It holds programs or files with macros: {}.",
    "unsafe-names": "Names inside it lead out of the folder into which it is unpacked: {}.",
    "same-name-twice": "Two files inside it have one name: {}.",
    "not-examined": "Not all of it could be examined: {}.",
}
"""What goes with a file as a finding: code and sentence."""

CARRIED = frozenset({"scripts", "external", "controls", "programs", "unsafe-names", "not-examined"})
"""What a file inside another says of that one too."""


@dataclass(frozen=True)
class Mark:
    """Something that an inspection came upon: a code of FORBIDDEN or DOUBTFUL, and where or what."""

    code: str
    what: str


@dataclass(frozen=True)
class Inspection:
    """What a file is by its content: a type or None, how to call it, its pages where it has some, and its marks."""

    type: str | None
    description: str
    pages: int | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Examined:
    """An inspection that is over: how many seconds it took, and whether the virus scanner took part."""

    inspection: Inspection
    seconds: float
    scanned: bool


@dataclass(frozen=True)
class Finding:
    """Something doubtful that goes with a file to whoever opens it: a code, and its sentence."""

    code: str
    detail: str


def findings_of(inspection: Inspection) -> tuple[Finding, ...]:
    """The doubtful marks in words, each code once."""
    told = {mark.code: mark.what for mark in reversed(inspection.marks) if mark.code in DOUBTFUL}
    return tuple(Finding(code, words.format(told[code])) for code, words in DOUBTFUL.items() if code in told)


def content_refusal(types: Set[str], name: str, inspection: Inspection) -> Refusal | None:
    """Why a file of that name may not be kept where files of these families may; None when it may."""
    called = f"{name!r} was refused: by its content it is {inspection.description}"
    for forbidden in FORBIDDEN:
        for mark in inspection.marks:
            if mark.code == forbidden.code:
                return replace(forbidden, detail=f"{called}, and {forbidden.detail.format(mark.what)}.")
    wrong = _wrong_type(types, name, inspection.type)
    return Refusal("wrong-type", f"{called}{wrong}") if wrong else None


def _wrong_type(types: Set[str], name: str, type: str | None) -> str | None:
    """How the sentence about a file of a wrong type ends."""
    file_type = FILE_TYPES.get(type or "")
    if file_type is None or file_type.family not in types:
        return f". Allowed: {', '.join(sorted(types))}."
    if extension(name) not in file_type.extensions:
        return f". Check what you are sending; if that is right, name it *.{file_type.extensions[0]}."
    return None
