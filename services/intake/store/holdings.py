"""Which of a submission's files have come, and which were refused."""

from collections.abc import Iterable, Mapping, Set

from services.intake.domain import ArrivedFile, Submission, arrived_in_time
from services.intake.store import evidence
from shared.storage.reader import Reader


def find_arrived_files(reader: Reader, submission: Submission) -> Mapping[str, ArrivedFile]:
    """The submission's files that the agency owns, by SHA-256; none that came after its time for bytes."""
    hashes = [file.sha256 for file in submission.files]
    return arrived_in_time(submission, evidence.find_ownerships(reader, submission.agency, hashes))


def get_kept_bytes(reader: Reader, submission: Submission) -> int:
    """How many bytes the agency keeps in the submission's cycle."""
    return evidence.get_kept_bytes(reader, submission.agency, submission.cycle)


def find_wrong_types(reader: Reader, submission: Submission) -> Set[str]:
    """The hashes of the submission's files that came and were refused for their type."""
    hashes = [file.sha256 for file in submission.files]
    codes = evidence.list_refusal_codes(reader, submission.participation, hashes)
    return {sha256 for sha256, code in codes.items() if code == "wrong-type"}


def find_arrived_hashes(reader: Reader, agency: str, hashes: Iterable[str]) -> Set[str]:
    """Those of the hashes whose files the agency owns."""
    return evidence.find_ownerships(reader, agency, list(hashes)).keys()
