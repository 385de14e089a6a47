"""What a seal would take now, and what stands against it: the seal's own rules, asked beforehand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.domain.access import may_seal
from services.intake.domain.answers import Answer
from services.intake.domain.completion import ArrivedFile, check_quota, check_sizes, missing
from services.intake.domain.participations import Participation, check_writable, windows
from services.intake.domain.progress import Provisional, needs_evidence, provisional
from services.intake.domain.registry import Agency, check_exists
from services.intake.domain.rounds import Cycle
from services.intake.domain.sealing import Manifest, ManifestFile, check_manifest, manifest_of
from services.intake.domain.submissions import Replacement
from shared.core.errors import Conflict, Forbidden, Invalid
from shared.core.people import Caller
from shared.instrument import Edition
from shared.instrument.exact import exact
from shared.instrument.given import GivenValue


@dataclass(frozen=True)
class Draft:
    """What would be sealed of a participation: its files, and until when their bytes may come."""

    participation: str
    agency: str
    cycle: str
    manifest: Manifest
    bytes_until: datetime
    replacements: tuple[Replacement, ...] = ()

    @property
    def files(self) -> tuple[ManifestFile, ...]:
        """The files that would be listed."""
        return self.manifest.files


@dataclass(frozen=True)
class Gap:
    """Something that is missing at an indicator; it `blocks` when no seal is taken with it.

    `kind` is answer-missing, evidence-missing, size-unknown, size-differs, absent, too-large, wrong-type or refused;
    `code` says why a file was refused.
    """

    kind: str
    indicator: str
    blocks: bool
    sha256: str | None = None
    name: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Obstacle:
    """Why a seal would be refused now: the code and the sentence that it would be refused with."""

    code: str
    detail: str


@dataclass(frozen=True)
class Holdings:
    """What of a draft's files is here, why others were refused, and what else counts in the cycle."""

    arrived: Mapping[str, ArrivedFile]
    refused: Mapping[str, str]
    kept_bytes: int
    uploading: int


@dataclass(frozen=True)
class Round:
    """All that says whether and when an agency may seal; `given` are the values that nobody types."""

    cycle: Cycle
    participation: Participation
    agency: Agency
    edition: Edition
    given: Mapping[str, GivenValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Readiness:
    """What a seal would take as of a moment, and what stands against it."""

    draft: Draft
    at: datetime
    gaps: tuple[Gap, ...]
    obstacles: tuple[Obstacle, ...]
    holdings: Holdings
    provisional: Provisional

    @property
    def sealable(self) -> bool:
        """Whether a seal of this draft by this person would be taken now."""
        return not self.obstacles

    @property
    def answered(self) -> int:
        """How many answers there are."""
        return len(self.draft.manifest.answers)

    @property
    def files(self) -> int:
        """How many files would be listed."""
        return len(self.draft.files)

    @property
    def bytes(self) -> int:
        """How many bytes the listed files have."""
        return sum(file.size for file in self.draft.files)

    @property
    def arrived(self) -> int:
        """How many of the listed files are here."""
        return sum(file.sha256 in self.holdings.arrived for file in self.draft.files)


def draft_of(round: Round, answers: Mapping[str, Answer], sizes: Mapping[str, int]) -> Draft:
    """What would be sealed of these answers; `sizes` are those of the files that are here."""
    found = round.participation
    until = windows(round.cycle, found).bytes_until
    return Draft(found.id, found.agency, found.cycle, manifest_of(answers, sizes), until)


def readiness(
    caller: Caller, round: Round, answers: Mapping[str, Answer], held: tuple[Draft, Holdings], now: datetime
) -> Readiness:
    """What the caller's seal would take now, and what stands against it."""
    draft, holdings = held
    values = {code: answer.value for code, answer in answers.items()}
    return Readiness(
        draft,
        now,
        tuple(_gaps(round, answers, draft, holdings)),
        tuple(_obstacles(caller, round, answers, held, now)),
        holdings,
        provisional(round.edition, values),
    )


def _obstacles(
    caller: Caller, round: Round, answers: Mapping[str, Answer], held: tuple[Draft, Holdings], now: datetime
) -> Iterator[Obstacle]:
    """What each rule of the seal would refuse with, in the seal's order."""
    draft, holdings = held
    rules: tuple[Callable[[], object], ...] = (
        lambda: may_seal(caller, round.participation),
        lambda: check_exists(round.agency, now),
        lambda: check_writable(round.cycle, round.participation, now),
        lambda: check_manifest(round.edition.codes, answers, draft.manifest),
        lambda: check_sizes(draft, holdings.arrived),
        lambda: check_quota(draft, holdings.arrived, round.cycle.evidence, holdings.kept_bytes),
    )
    for rule in rules:
        try:
            rule()
        except (Forbidden, Invalid, Conflict) as refused:
            yield Obstacle(refused.cause_code, refused.detail)


def _gaps(round: Round, answers: Mapping[str, Answer], draft: Draft, holdings: Holdings) -> Iterator[Gap]:
    of_files = _file_gaps(round, draft, holdings)
    for code in round.edition.codes:
        answer = answers.get(code)
        if answer is None:
            yield Gap("answer-missing", code, blocks=True)
            continue
        if _is_bare(round, answer):
            yield Gap("evidence-missing", code, blocks=False)
        for exhibit in answer.evidence:
            kind, blocks, why = of_files.get(exhibit.sha256, ("size-unknown", True, None))
            if kind:
                yield Gap(kind, code, blocks, exhibit.sha256, exhibit.name, why)


def _is_bare(round: Round, answer: Answer) -> bool:
    """Whether an answer names no evidence although its value asks for some; what an index gives asks for none."""
    if answer.evidence or answer.indicator in round.given:
        return False
    return needs_evidence(round.edition.node(answer.indicator), exact(answer.value))


def _file_gaps(
    round: Round, draft: Draft, holdings: Holdings
) -> dict[str, tuple[str | None, bool, str | None]]:
    """What is wrong with each listed file, as (kind or None, whether it blocks, the code of its refusal)."""
    lacking = missing(draft, holdings.arrived, round.cycle.evidence, holdings.refused)
    reasons = {file.sha256: file.reason for file in lacking}
    return {file.sha256: _file_gap(file, reasons.get(file.sha256), holdings) for file in draft.files}


def _file_gap(
    file: ManifestFile, reason: str | None, holdings: Holdings
) -> tuple[str | None, bool, str | None]:
    came = holdings.arrived.get(file.sha256)
    if came and came.size != file.size:
        return "size-differs", True, None
    if reason is not None and reason == holdings.refused.get(file.sha256):
        return "refused", False, reason
    return reason, False, None
