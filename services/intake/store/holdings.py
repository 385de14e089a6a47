"""Which of a submission's files have come, and which were refused."""

from collections.abc import Iterable, Mapping, Set
from typing import Protocol

from services.intake.domain import ArrivedFile, arrived_in_time
from services.intake.domain.completion import Promise
from services.intake.domain.inspection import CONTENT_REFUSALS
from services.intake.store import evidence
from shared.storage.reader import Reader


class Promised(Promise, Protocol):
    """What a participation of an agency promises, or would promise."""

    @property
    def agency(self) -> str: ...
    @property
    def participation(self) -> str: ...


def find_arrived_files(reader: Reader, submission: Promised) -> Mapping[str, ArrivedFile]:
    """The submission's files, and those in their place, that the agency owns and that came in time, by SHA-256."""
    hashes = [file.sha256 for file in submission.files]
    hashes += [replacement.by for replacement in submission.replacements]
    return arrived_in_time(submission, evidence.find_ownerships(reader, submission.agency, hashes))


def get_kept_bytes(reader: Reader, submission: Promised) -> int:
    """How many bytes the agency keeps in the submission's cycle."""
    return evidence.get_kept_bytes(reader, submission.agency, submission.cycle)


def find_refusals(reader: Reader, submission: Promised) -> Mapping[str, str]:
    """Why those of the submission's files that came were refused for what they are: the code by SHA-256."""
    hashes = [file.sha256 for file in submission.files]
    codes = evidence.list_refusal_codes(reader, submission.participation, hashes)
    return {sha256: code for sha256, code in codes.items() if code in CONTENT_REFUSALS}


def find_arrived_hashes(reader: Reader, agency: str, hashes: Iterable[str]) -> Set[str]:
    """Those of the hashes whose files the agency owns."""
    return evidence.find_ownerships(reader, agency, list(hashes)).keys()
