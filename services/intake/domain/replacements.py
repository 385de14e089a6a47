"""A file in the place of a sealed one that was refused: the agency names it, and both stand beside each other."""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime

from services.intake.domain.file_types import allowed_extensions, extension
from services.intake.domain.inspection import Refusal
from services.intake.domain.submissions import Replacement, Submission
from services.intake.domain.uploads import Upload, UploadRequest, UploadRules, not_sealed, refused


def replaceable(
    submission: Submission, arrived: Set[str], refused: Mapping[str, str], types: Set[str]
) -> frozenset[str]:
    """The sealed files in whose place others may come: refused for what they are, or never to be taken by their name.

    `arrived` came and were kept; `refused` says why those that came were not.
    """
    allowed = allowed_extensions(types)
    settled = arrived | {replacement.sha256 for replacement in submission.replacements}
    return frozenset(
        file.sha256
        for file in submission.files
        if file.sha256 not in settled and (file.sha256 in refused or extension(file.name) not in allowed)
    )


def check_listed(rules: UploadRules, request: UploadRequest) -> None:
    """Refuse to begin what a seal does not list, or what cannot take the place of what it lists."""
    if refusal := unlisted(rules, request.replaces, request.sha256 or "", request.length):
        raise refused(refusal)


def unlisted(rules: UploadRules, replaces: str | None, sha256: str, size: int) -> Refusal | None:
    """Why a file may not come by what is sealed; None when it may, or nothing is."""
    if replaces is not None:
        return not_replaceable(rules, replaces, sha256)
    return not_sealed(rules.only, sha256, size) if rules.only is not None else None


def not_replaceable(rules: UploadRules, replaces: str, sha256: str) -> Refusal | None:
    """Why a file cannot take the place of a sealed one; None when it can."""
    if rules.only is None:
        return Refusal(
            "nothing-to-replace", "Nothing is sealed yet: name the right file in the answer instead."
        )
    if sha256 in rules.only:
        return Refusal(
            "nothing-to-replace", "This file is on the sealed list itself: send it without `replaces`."
        )
    if replaces not in rules.replaceable:
        return Refusal(
            "nothing-to-replace",
            f"No sealed file with the SHA-256 {replaces} was refused, or another one took its place already. "
            "Nothing was kept.",
        )
    return None


def replaced(submission: Submission, upload: Upload, now: datetime) -> Submission | Refusal:
    """The submission when the bytes of an upload take the place of a sealed file; why not, when others have it."""
    assert upload.replaces is not None
    assert upload.content_sha256 is not None
    if submission.completed_at or upload.replaces in {each.sha256 for each in submission.replacements}:
        return Refusal(
            "nothing-to-replace",
            "Another file took the place of that sealed one meanwhile. Nothing was kept.",
        )
    replacement = Replacement(upload.replaces, upload.content_sha256, upload.name, upload.length, now)
    return replace(submission, replacements=(*submission.replacements, replacement))
