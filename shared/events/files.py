"""The files that events of submissions and answers name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFinding:
    """Something doubtful about a file that its inspection found: a code, and a sentence for whoever opens it."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A sealed file: SHA-256, the agency's name for it, bytes, and its type by content (None when missing).

    `pages` is None where it has none, or nobody can count them; `replaces` is the SHA-256 of the sealed file that was
    refused and in whose place the agency named this one, which was not sealed itself.
    """

    sha256: str
    name: str
    size: int
    type: str | None = None
    pages: int | None = None
    findings: tuple[FileFinding, ...] = ()
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFile:
    """A sealed file that never came or may not be used: absent, too-large, or the code of its refusal (wrong-type)."""

    sha256: str
    name: str
    reason: str
    replaced_by: str | None = None
