"""What an inspection finds goes on to the assessors, and what it refuses is missing for that reason."""

from datetime import timedelta

from services.intake import commands
from services.intake.domain import GRACE
from shared.events.files import FileFinding, MissingFile
from shared.events.intake import SubmissionCompleted, SubmissionSealed
from tests.intake.files import digest, pdf
from tests.intake.rounds import BYTES_UNTIL, Round, exhibit

DOUBTFUL = pdf(pages=3) + b"xy"
HARMFUL = pdf() + b"Rar!\x1a\x07\x00"
OVER = BYTES_UNTIL + GRACE * 2


def sealed(on: Round, *data: bytes) -> str:
    """Seal the first answer with these files; gives the submission."""
    on.answer_all(evidence={"1": [exhibit(each, f"{n}.pdf") for n, each in enumerate(data)]})
    on.seal()
    return on.stage.published(SubmissionSealed)[0].submission


def test_pages_and_findings_travel_with_the_file(open_round: Round) -> None:
    sealed(open_round, DOUBTFUL)
    open_round.upload(DOUBTFUL, "0.pdf")
    (completed,) = open_round.stage.published(SubmissionCompleted)
    (file,) = completed.files
    detail = "After its end follows what does not belong to it: 2 bytes."
    assert (file.pages, file.findings) == (3, (FileFinding(code="trailing-bytes", detail=detail),))


def test_a_file_that_its_inspection_refuses_is_missing_for_that_reason(open_round: Round) -> None:
    submission = sealed(open_round, HARMFUL)
    open_round.upload(HARMFUL, "0.pdf")
    assert open_round.stage.run(commands.complete_overdue, submission, at=OVER) is True
    (completed,) = open_round.stage.published(SubmissionCompleted)
    assert completed.missing == (MissingFile(sha256=digest(HARMFUL), name="0.pdf", reason="file-ambiguous"),)


def test_a_submission_is_complete_when_its_last_file_is_inspected(open_round: Round) -> None:
    submission = sealed(open_round, DOUBTFUL)
    open_round.stage.worker_away = True
    open_round.upload(DOUBTFUL, "0.pdf")
    assert open_round.stage.published(SubmissionCompleted) == []
    assert open_round.stage.run(commands.complete_overdue, submission, at=OVER + timedelta(days=9)) is False
    open_round.stage.run_jobs()
    assert [done.missing for done in open_round.stage.published(SubmissionCompleted)] == [()]
