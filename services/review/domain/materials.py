"""What the agency handed in for a case: answers and files."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.core.errors import NotFound


@dataclass(frozen=True)
class SubmittedAnswer:
    """What the agency says of one indicator; its texts are None when they were too long for the event.

    `origin` says where a value comes from that nobody typed: external or assumed.
    """

    indicator: str
    value: str
    evidence: tuple[str, ...]
    words_sha256: str
    facts: str | None = None
    analysis: str | None = None
    subject: str | None = None
    origin: str = ""


@dataclass(frozen=True)
class FileFinding:
    """Something doubtful about a file that its inspection found: a code, and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True)
class SubmittedFile:
    """A file of the submission: its size in bytes, its type by content (None when it is missing).

    `pages` is None where it has none, or nobody can count them; `replaces` is the sealed file that was refused and in
    whose place the agency named this one.
    """

    sha256: str
    name: str
    size: int
    type: str | None = None
    pages: int | None = None
    findings: tuple[FileFinding, ...] = ()
    replaces: str | None = None


@dataclass(frozen=True)
class MissingFile:
    """A file of the submission that nobody can open: absent, too-large, or the code of its refusal."""

    sha256: str
    name: str
    reason: str
    replaced_by: str | None = None


@dataclass(frozen=True)
class Material:
    """What the agency handed in; `words_included` says whether the answers' texts are in it.

    `minutes_paragraphs` is None where the agency did not say how many its minutes have.
    """

    answers: tuple[SubmittedAnswer, ...]
    files: tuple[SubmittedFile, ...]
    missing: tuple[MissingFile, ...]
    words_included: bool
    minutes_paragraphs: int | None = None

    @property
    def readable(self) -> Mapping[str, SubmittedFile]:
        """The files that an assessor can open, by hash."""
        gone = {file.sha256 for file in self.missing}
        return {file.sha256: file for file in self.files if file.sha256 not in gone}

    @property
    def file_names(self) -> Mapping[str, str]:
        """How each file is called, by hash."""
        return {file.sha256: file.name for file in self.files}


def check_readable(material: Material, sha256: str) -> None:
    """Refuse a file that did not come with the submission, or that cannot be opened."""
    if sha256 not in material.readable:
        raise NotFound(
            "No such file that can be opened came with this submission: see `files` and `missing` of the case."
        )


def check_answered(material: Material, indicator: str) -> SubmittedAnswer:
    """What the agency says of an indicator; NotFound for what is none."""
    found = next((answer for answer in material.answers if answer.indicator == indicator), None)
    if found is None:
        raise NotFound(f"This submission has no answer to {indicator}: go on from its list of indicators.")
    return found
