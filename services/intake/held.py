"""The seam to evidence: which of a submission's files have come, and which were refused."""

from collections.abc import Iterable, Mapping, Set

from services.intake.domain import Held, Submission, is_over
from services.intake.evidence import store as evidence
from services.intake.evidence.domain import KINDS
from shared.storage.reader import Reader


def held_files(reader: Reader, submission: Submission) -> Mapping[str, Held]:
    """The submission's files that the agency possesses, by SHA-256; none that came after its time for bytes."""
    found = evidence.possessions(reader, submission.agency, [one.sha256 for one in submission.files])
    return {
        sha256: Held(one.size, one.type, KINDS[one.type].family, submission.cycle in one.cycles)
        for sha256, one in found.items()
        if not is_over(submission.bytes_until, one.at)  # another cycle takes files for longer
    }


def kept_bytes(reader: Reader, submission: Submission) -> int:
    """How many bytes the agency keeps in the submission's cycle."""
    return evidence.kept_bytes(reader, submission.agency, submission.cycle)


def wrong_types(reader: Reader, submission: Submission) -> Set[str]:
    """The hashes of the submission's files that came and were refused for their type."""
    shas = [one.sha256 for one in submission.files]
    refused = evidence.refusals(reader, submission.participation, shas)
    return {sha256 for sha256, code in refused.items() if code == "wrong-type"}


def held_hashes(reader: Reader, agency: str, shas: Iterable[str]) -> Set[str]:
    """Those of the hashes whose files the agency possesses."""
    return evidence.possessions(reader, agency, list(shas)).keys()
