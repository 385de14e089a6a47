"""What is handed in, and whether it may be sealed: the manifest against the saved answers."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from services.intake.domain.answers import Answer, Exhibit, unanswered
from shared.core.errors import Conflict, Invalid
from shared.instrument.exact import exact
from shared.signing.receipts import explanation_hash


@dataclass(frozen=True)
class ManifestAnswer:
    """One answer as its sender sees it: value, hashes of its evidence, and the version whose words were read."""

    indicator: str
    value: str
    rev: int
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class ManifestFile:
    """One file that comes along; size in bytes."""

    sha256: str
    name: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """Everything that is sealed."""

    answers: tuple[ManifestAnswer, ...]
    files: tuple[ManifestFile, ...] = ()


@dataclass(frozen=True)
class Minutes:
    """The Berita Acara: its number, date and place, the coordinator who signed it; its numbered paragraphs if said."""

    number: str
    date: date
    place: str
    coordinator_name: str
    coordinator_position: str
    paragraphs: int | None = None


@dataclass(frozen=True)
class Consent:
    """The consent to publication, and who gave it."""

    publication: bool
    name: str
    position: str


@dataclass(frozen=True)
class SealOrder:
    """What a seal is asked with."""

    manifest: Manifest
    minutes: Minutes
    consent: Consent


def explanation_of(answer: Answer) -> dict[str, str]:
    """What an answer says beside its value: {facts, analysis}, and {subject} where the agency named one."""
    explanation = {"facts": answer.facts, "analysis": answer.analysis}
    return explanation | ({"subject": answer.subject} if answer.subject else {})


def explanation_hash_of(answer: Answer) -> str:
    """SHA-256 of the canonical JSON of an answer's explanation."""
    return explanation_hash(explanation_of(answer))


def check_statement(order: SealOrder) -> None:
    """Refuse to seal without the consent to publication."""
    if not order.consent.publication:
        raise Invalid(
            "Sealing needs the consent to publication: `consent.publication` must be true.", "consent-needed"
        )


def check_minutes(minutes: Minutes, opens: datetime, ends: datetime) -> None:
    """Refuse minutes of a day outside of the years in which the cycle runs."""
    if not opens.year <= minutes.date.year <= ends.year:
        raise Invalid(
            f"The minutes are dated {minutes.date}; the cycle runs in the years {opens.year} to {ends.year}.",
            "bad-date",
        )


def check_manifest(codes: Sequence[str], answers: Mapping[str, Answer], manifest: Manifest) -> None:
    """Compare the manifest with the saved answers, `codes` being all indicators of the edition.

    Raises Invalid for what is incomplete, Conflict when an answer was saved since the manifest was made.
    """
    missing = unanswered(codes, answers)
    if missing:
        raise Invalid(
            f"Not all indicators are answered; missing: {', '.join(missing)}.",
            "answers-missing",
            {"missing": missing},
        )
    differing = _differing(codes, answers, {claim.indicator: claim for claim in manifest.answers})
    if differing or len(manifest.answers) > len(codes):
        raise Conflict(
            "The manifest is not what is saved: somebody changed an answer or its words meanwhile, or the manifest "
            f"is incomplete. Read the answers again. Indicators: {', '.join(differing) or 'some stand twice'}.",
            "changed-meanwhile",
            {"differing": differing},
        )
    _check_files(answers, manifest)


def manifest_of(answers: Mapping[str, Answer], sizes: Mapping[str, int]) -> Manifest:
    """The manifest that seals these answers; `sizes` are those of the files that are here, by SHA-256.

    A file of which nobody has said the size is left out, so that no seal takes it.
    """
    listed: dict[str, ManifestFile] = {}
    for exhibit in (each for answer in answers.values() for each in answer.evidence):
        size = exhibit.size or sizes.get(exhibit.sha256)
        if size is not None:
            listed.setdefault(exhibit.sha256, ManifestFile(exhibit.sha256, exhibit.name, size))
    rows = tuple(
        ManifestAnswer(code, saved.value, saved.rev, tuple(each.sha256 for each in saved.evidence))
        for code, saved in answers.items()
    )
    return Manifest(rows, tuple(listed.values()))


def _differing(
    codes: Sequence[str], answers: Mapping[str, Answer], claimed: Mapping[str, ManifestAnswer]
) -> list[str]:
    strangers = [code for code in claimed if code not in codes]
    return [code for code in codes if not _same(answers[code], claimed.get(code))] + strangers


def _same(saved: Answer, claimed: ManifestAnswer | None) -> bool:
    if claimed is None or claimed.rev != saved.rev:
        return False
    if sorted(claimed.evidence) != sorted(exhibit.sha256 for exhibit in saved.evidence):
        return False
    return _number(saved.value) == _number(claimed.value)


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(exact(text))
    except ValueError:
        return None


def _check_files(answers: Mapping[str, Answer], manifest: Manifest) -> None:
    listed = {file.sha256: file for file in manifest.files}
    exhibits = [exhibit for answer in answers.values() for exhibit in answer.evidence]
    problems = [*_unlisted(exhibits, listed), *_misnamed(exhibits, manifest.files)]
    used = {exhibit.sha256 for exhibit in exhibits}
    problems += [
        f"{file.name} is listed and no answer's evidence"
        for file in listed.values()
        if file.sha256 not in used
    ]
    if len(listed) < len(manifest.files):
        problems.append("a file is listed twice")
    if problems:
        raise Invalid(
            f"The list of files does not fit the answers: {'; '.join(problems[:5])}.",
            "files-differ",
            {"problems": problems[:200]},
        )


def _unlisted(exhibits: Sequence[Exhibit], listed: Mapping[str, ManifestFile]) -> list[str]:
    problems = [
        f"{exhibit.name} is evidence and not listed" for exhibit in exhibits if exhibit.sha256 not in listed
    ]
    return problems + [
        f"{exhibit.name} has {exhibit.size} bytes in the answer and {listed[exhibit.sha256].size} in the list"
        for exhibit in exhibits
        if exhibit.sha256 in listed and exhibit.size not in (None, listed[exhibit.sha256].size)
    ]


def _misnamed(exhibits: Sequence[Exhibit], files: Sequence[ManifestFile]) -> list[str]:
    names: dict[str, set[str]] = {}
    # A manifest's names are in NFC; an answer may have been saved before its own were.
    for exhibit in exhibits:
        names.setdefault(exhibit.sha256, set()).add(unicodedata.normalize("NFC", exhibit.name))
    return [
        f"{file.name} is {', '.join(sorted(names[file.sha256]))} in the answers"
        for file in files
        if file.name not in names.get(file.sha256, {file.name})
    ]
