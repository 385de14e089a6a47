"""What the agency handed in for a case: answers and files."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.core.errors import NotFound


@dataclass(frozen=True)
class SubmittedAnswer:
    """What the agency says of one indicator; its texts are None when they were too long for the event."""

    indicator: str
    value: str
    evidence: tuple[str, ...]
    words_sha256: str
    facts: str | None = None
    analysis: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class SubmittedFile:
    """A file of the submission: its size in bytes, its type by content (None when it is missing)."""

    sha256: str
    name: str
    size: int
    type: str | None = None


@dataclass(frozen=True)
class MissingFile:
    """A file of the submission that nobody can open: absent, wrong-type or too-large."""

    sha256: str
    name: str
    reason: str


@dataclass(frozen=True)
class Material:
    """What the agency handed in; `words_included` says whether the answers' texts are in it."""

    answers: tuple[SubmittedAnswer, ...]
    files: tuple[SubmittedFile, ...]
    missing: tuple[MissingFile, ...]
    words_included: bool

    @property
    def readable(self) -> Mapping[str, SubmittedFile]:
        """The files that an assessor can open, by hash."""
        gone = {file.sha256 for file in self.missing}
        return {file.sha256: file for file in self.files if file.sha256 not in gone}


def check_readable(material: Material, sha256: str) -> None:
    """Refuse a file that did not come with the submission, or that cannot be opened."""
    if sha256 not in material.readable:
        raise NotFound(
            "No such file that can be opened came with this submission: see `files` and `missing` of the case."
        )
