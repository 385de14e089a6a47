"""Asked for first, bytes later: what may come after a seal, and that the last byte completes the submission once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.intake import commands
from services.intake.domain import GRACE
from services.intake.schemas import SealInput
from shared.core.ids import utcnow
from shared.events.intake import SubmissionCompleted, SubmissionSealed
from shared.signing.keys import KeyRing
from shared.storage.transaction import Transaction
from tests.intake.files import digest, pdf
from tests.intake.rounds import FILE, SECOND, A, Round, exhibit, problem
from tests.intake.tus import Tus

OTHER = pdf("bukan yang dijanjikan", 3000)


@pytest.fixture
def promised(open_round: Round) -> Round:
    """Two files named in answers, and none of their bytes here."""
    open_round.answer_all(evidence={"1": [exhibit()], "2": [exhibit(SECOND, "laporan.pdf")]})
    return open_round


@pytest.fixture
def tus(promised: Round) -> Tus:
    return Tus(promised.as_("clerk-a"), A)


def test_the_last_byte_completes_the_submission(promised: Round) -> None:
    promised.seal()
    assert promised.upload(FILE).status_code == 204
    assert promised.stage.published(SubmissionCompleted) == []
    assert promised.upload(SECOND, "laporan.pdf").status_code == 204
    told = promised.stage.published(SubmissionCompleted)
    assert len(told) == 1
    assert {(file.sha256, file.type, file.size) for file in told[0].files} == {
        (digest(FILE), "pdf", len(FILE)),
        (digest(SECOND), "pdf", len(SECOND)),
    }
    assert told[0].missing == ()


def test_after_the_seal_only_sealed_files_may_begin(promised: Round, tus: Tus) -> None:
    promised.seal()
    before = promised.stage.state()
    assert problem(tus.begin("peraturan.pdf", len(FILE))) == (422, "sha256-needed")
    assert problem(tus.begin("lain.pdf", len(OTHER), sha256=digest(OTHER))) == (422, "not-in-manifest")
    assert promised.stage.state() == before


def test_what_began_before_the_seal_is_kept_only_when_it_was_sealed(promised: Round, tus: Tus) -> None:
    wanted, unwanted = tus.place("peraturan.pdf", len(FILE)), tus.place("lain.pdf", len(OTHER))
    promised.seal()
    assert tus.patch(wanted, 0, FILE).status_code == 204
    assert problem(tus.patch(unwanted, 0, OTHER)) == (422, "not-in-manifest")


def test_other_bytes_do_not_pass_for_a_sealed_file(promised: Round, tus: Tus) -> None:
    promised.seal()
    place = tus.place("peraturan.pdf", len(FILE), sha256=digest(FILE))
    assert problem(tus.patch(place, 0, OTHER)) == (422, "sha256-differs")
    assert promised.stage.published(SubmissionCompleted) == []
    assert promised.upload(FILE).status_code == 204


def test_a_sealed_file_of_a_wrong_type_is_missing_for_that_reason(open_round: Round) -> None:
    open_round.answer_all(evidence={"1": [exhibit(b"MZ" + bytes(98), "peraturan.pdf")]})
    open_round.seal()
    assert problem(open_round.upload(b"MZ" + bytes(98))) == (422, "wrong-type")
    submission = open_round.stage.published(SubmissionSealed)[0].submission
    late = open_round.stage.db["completions"].find_one({})
    assert late is not None
    over = late["bytes_until"] + GRACE * 2
    assert open_round.stage.run(commands.complete_overdue, submission, at=over) is True
    told = open_round.stage.published(SubmissionCompleted)
    assert [(file.name, file.reason) for file in told[0].missing] == [("peraturan.pdf", "wrong-type")]


def test_a_seal_and_the_last_byte_at_once_complete_the_submission(promised: Round) -> None:
    """Write skew, forced: the last file arrives after the seal began to look, so that the seal does not see it."""
    assert promised.upload(FILE).status_code == 204
    order = SealInput().load(promised.order())
    signing = KeyRing.load(promised.stage.settings.keys, "intake").signing("receipts", utcnow())
    seen: list[int] = []

    def seal_slowly(tx: Transaction) -> bytes:
        tx.get("participations", A)
        if not seen:
            with ThreadPoolExecutor(1) as somebody_else:
                sent = somebody_else.submit(promised.upload, SECOND, "laporan.pdf")
                assert sent.result().status_code == 204
        seen.append(tx.count("file_ownerships", {}))
        return commands.seal(tx, A, order, signing, "k")

    promised.stage.run(seal_slowly, caller=promised.stage.person("officer-a", "officer", "kota-a"))
    assert seen == [1, 2]
    assert len(promised.stage.published(SubmissionSealed)) == 1
    assert len(promised.stage.published(SubmissionCompleted)) == 1
