"""Saves of one agency do not wait for each other, and the seal joins their audit chains into one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from services.intake import commands
from services.intake.domain import Answer, AnswerDraft, Exhibit
from services.intake.schemas import SealInput
from shared.cli.audit import audit as audit_commands
from shared.core.errors import Conflict, Invalid
from shared.core.ids import utcnow
from shared.core.people import Caller
from shared.events.intake import SubmissionCompleted, SubmissionSealed
from shared.signing.keys import KeyRing
from shared.storage import audit
from shared.storage.joins import verify_joins
from shared.storage.reader import Doc
from shared.storage.transaction import Transaction
from tests.intake.files import digest
from tests.intake.rounds import CODES, FILE, A, Round, answer, problem
from tests.intake.test_promises import unlink
from tests.support.stage import Stage

Between = Callable[[], object]
"""What is committed between the first reads of a command and its writes."""


def interleaved(on: Round, who: str, between: Between, command: Callable[[Transaction], Any]) -> int:
    """Run a command, in whose first try another thread commits something after its snapshot; gives its tries."""
    tries = 0

    def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        tx.get("participations", A)
        if tries == 1:
            with ThreadPoolExecutor(1) as other:
                other.submit(between).result(30)
        command(tx)

    on.stage.run(work, caller=caller(on, who))
    return tries


def caller(on: Round, who: str) -> Caller:
    return on.stage.person(who, who.partition("-")[0], "kota-a")


def saving(code: str, value: int = 3, rev: int = 0) -> Callable[[Transaction], Answer]:
    answered = AnswerDraft(value, facts="", analysis="").of(A, code)
    return lambda tx: commands.save_answer(tx, answered, value, rev)


def put(on: Round, code: str, rev: int = 0, **changes: Any) -> Between:
    return lambda: on.put("clerk-a", f"/self-assessments/{A}/answers/{code}", answer(3, **changes), rev)


def sealing(on: Round) -> Callable[[Transaction], bytes]:
    order = SealInput().load(on.order())
    key = KeyRing.load(on.stage.settings.keys, "intake").signing("receipts", utcnow())
    return lambda tx: commands.seal(tx, A, order, key, "key-1")


@pytest.mark.parametrize("answered", [False, True], ids=["first", "again"])
def test_two_people_who_save_different_answers_do_not_conflict(open_round: Round, answered: bool) -> None:
    if answered:
        open_round.answer_all()
    rev = int(answered)
    assert interleaved(open_round, "officer-a", put(open_round, "1", rev), saving("2", rev=rev)) == 1
    assert [open_round.stage.audited(f"answer:{A}.{code}")[-1] for code in "12"] == ["answer.saved"] * 2


def test_of_two_people_who_save_one_answer_the_second_is_told(open_round: Round) -> None:
    with pytest.raises(Conflict) as refused:
        interleaved(open_round, "officer-a", put(open_round, "1"), saving("1", 2))
    assert refused.value.cause_code == "stale"


def test_a_save_in_whose_midst_the_seal_is_committed_is_refused(ready: Round) -> None:
    with pytest.raises(Conflict) as refused:
        interleaved(ready, "clerk-a", ready.seal, saving("2", 3, 1))
    assert refused.value.cause_code == "already-sealed"
    assert ready.stage.db["answers"].count_documents({"rev": {"$gt": 1}}) == 0


def test_a_seal_in_whose_midst_an_answer_is_saved_is_refused(ready: Round) -> None:
    with pytest.raises(Conflict) as refused:
        interleaved(ready, "officer-a", put(ready, "2", 1), sealing(ready))
    assert refused.value.extra == {"differing": ["2"]}


def test_a_seal_in_whose_midst_the_last_answer_is_saved_for_the_first_time_is_refused(
    open_round: Round,
) -> None:
    for code in CODES[:-1]:
        put(open_round, code)()
    with pytest.raises(Invalid) as refused:
        interleaved(open_round, "officer-a", put(open_round, CODES[-1]), sealing(open_round))
    assert (refused.value.cause_code, refused.value.extra) == ("answers-missing", {"missing": [CODES[-1]]})
    open_round.seal()
    assert len(open_round.stage.published(SubmissionSealed)) == 1


def test_a_first_save_in_whose_midst_a_seal_is_refused_is_kept(open_round: Round) -> None:
    for code in CODES[:-1]:
        put(open_round, code)()

    def seal_too_early() -> None:
        assert problem(open_round.seal_raw(open_round.order())) == (422, "answers-missing")

    assert interleaved(open_round, "clerk-a", seal_too_early, saving(CODES[-1])) == 1
    open_round.seal()


def test_what_does_not_touch_the_answers_lets_a_save_pass(open_round: Round) -> None:
    """More time, another activity, a file that comes: each gives what it would give before or after the save."""

    def between() -> None:
        later = {"deadline": "2100-02-01T00:00:00Z", "reason": "Banjir"}
        rev = open_round.post("minister", f"/participations/{A}/extension", later)["rev"]
        taking = {"activity": "evaluation", "visit": False}
        open_round.put("minister", f"/participations/{A}", taking, rev)
        open_round.upload(FILE)

    assert interleaved(open_round, "clerk-a", between, saving("1")) == 1


def naming(on: Round) -> Callable[[Transaction], Answer]:
    """A save whose answer names FILE, which is here."""
    on.answer_all()
    on.upload(FILE)
    exhibit = Exhibit(digest(FILE), "peraturan.pdf", len(FILE))
    answered = AnswerDraft(3, facts="", analysis="", evidence=(exhibit,)).of(A, "1")
    return lambda tx: commands.save_answer(tx, answered, 3, 1)


def comes_again(on: Round) -> bool:
    """Whether a seal now waits for FILE, and is complete when it has come again."""
    on.seal()
    waits = not on.stage.published(SubmissionCompleted)
    on.upload(FILE)
    return waits and [event.missing for event in on.stage.published(SubmissionCompleted)] == [()]


def test_a_file_that_is_unlinked_amid_a_save_that_names_it_has_to_come_again(open_round: Round) -> None:
    """Both pass, as if the unlinking came first: a save never asks whether its files are there."""
    save = naming(open_round)

    def unlink_it() -> None:
        assert unlink(open_round, FILE) == (204, "")

    assert interleaved(open_round, "officer-a", unlink_it, save) == 1
    assert comes_again(open_round)


def test_a_file_that_an_answer_names_amid_its_unlinking_has_to_come_again(open_round: Round) -> None:
    save = naming(open_round)
    clerk = caller(open_round, "clerk-a")
    tries = interleaved(
        open_round,
        "officer-a",
        lambda: open_round.stage.run(save, caller=clerk),
        lambda tx: commands.unlink_file(tx, A, digest(FILE)),
    )
    assert (tries, unlink(open_round, FILE)) == (1, (404, "not-found"))
    assert comes_again(open_round)


def test_a_file_that_a_saved_answer_names_is_not_unlinked(open_round: Round) -> None:
    open_round.stage.run(naming(open_round), caller=caller(open_round, "clerk-a"))
    assert unlink(open_round, FILE) == (409, "file-in-use")


def test_an_unlinking_in_whose_midst_the_seal_is_committed_runs_again_and_is_refused(
    open_round: Round,
) -> None:
    """The seal counts on the file, which it has read; the answer that names it is saved by the same person."""
    save = naming(open_round)

    def save_and_seal() -> None:
        open_round.stage.run(save, caller=caller(open_round, "clerk-a"))
        open_round.seal()

    with pytest.raises(Conflict) as refused:
        interleaved(
            open_round, "officer-a", save_and_seal, lambda tx: commands.unlink_file(tx, A, digest(FILE))
        )
    assert refused.value.cause_code == "file-in-use"
    assert [event.missing for event in open_round.stage.published(SubmissionCompleted)] == [()]


def test_the_seal_carries_the_last_entry_of_every_answers_chain(ready: Round) -> None:
    put(ready, "2", 1)()
    ready.seal()
    db = ready.stage.db
    sealed = db["audit"].find_one({"action": "participation.sealed"}) or {}
    heads = {head["_id"]: head for head in db["heads"].find({"_id": {"$regex": "^answer:"}})}
    assert sealed["detail"]["joins"] == {
        f"answer:{A}.{code}": [1 + (code == "2"), heads[f"answer:{A}.{code}"]["audit_hash"]] for code in CODES
    }
    assert verify_joins(db).ok


def forge(db: Database[Doc], subject: str) -> None:
    """Rewrite a chain of one entry, and its head to match, as somebody with the database's password could."""
    row = db["audit"].find_one({"subject": subject}) or {}
    row["detail"]["value"] = "3"
    row["hash"] = audit.row_hash(row)
    db["audit"].replace_one({"_id": row["_id"]}, row)
    db["heads"].update_one({"_id": subject}, {"$set": {"audit_hash": row["hash"]}})


def remove(db: Database[Doc], subject: str) -> None:
    """Take a whole chain away with its head."""
    db["audit"].delete_many({"subject": subject})
    db["heads"].delete_one({"_id": subject})


def audit_verify(on: Stage) -> Result:
    """`nilai audit intake verify` on the database of a test."""
    environment = {
        "NILAI_MODE": on.settings.mode,
        "MONGO_URI": on.settings.mongo_uri,
        "MONGO_DATABASE": on.settings.mongo_database,
        "AMQP_URI": on.settings.amqp_uri,
        "NILAI_KEYS": str(on.settings.keys),
        "OIDC_ISSUER": on.settings.oidc_issuer,
    }
    return CliRunner(env=environment).invoke(audit_commands, ["verify"], obj=on.service)


@pytest.mark.parametrize("tamper", [forge, remove])
def test_what_is_done_to_an_answers_whole_chain_after_the_seal_is_seen(
    ready: Round, tamper: Callable[[Database[Doc], str], None]
) -> None:
    ready.seal()
    db = ready.stage.db
    tamper(db, f"answer:{A}.2")
    rows = db["audit"].find().sort([("subject", 1), ("seq", 1)])
    assert audit.verify_all(db["heads"].find().sort("_id", 1), rows).ok
    report = verify_joins(db)
    assert (report.broken, [breach.subject for breach in report.breaches]) == (1, [f"answer:{A}.2"])
    verified = audit_verify(ready.stage)
    assert verified.exit_code == 1
    assert f"answer:{A}.2 #1: unjoined: participation:{A}#" in verified.output
    assert "1 chains broken" in verified.output
