"""A sealed submission is completed once: with its last byte, or when the time for bytes is over."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from services.intake import commands, domain
from services.intake.app import service
from services.intake.sweeps.submissions import complete_overdue
from shared.core.ids import utcnow
from shared.events.files import MissingFile
from shared.events.intake import ParticipationSet, SubmissionCompleted
from shared.events.review import TaskFinished
from shared.service import resolve
from shared.signing.keys import KeyRing
from shared.signing.links import PURPOSE, Link, sign_link
from shared.signing.receipts import explanation_hash
from tests.intake.files import DOCX, digest
from tests.intake.rounds import (
    BYTES_UNTIL,
    CONSENT,
    FILE,
    MINUTES,
    SECOND,
    A,
    B,
    Round,
    answer,
    exhibit,
    good,
    problem,
)
from tests.intake.tus import ROOT, Tus

WORDS = f"{ROOT}/linked/words"
LONG = "ä" * 20_000
TWO = {"1": [exhibit()], "3": [exhibit(), exhibit(SECOND, "laporan.pdf")]}


def published_completion(play: Round) -> SubmissionCompleted:
    (only,) = play.stage.published(SubmissionCompleted)
    return only


def state(play: Round, id: str = A) -> str:
    return str(play.get("officer-a", f"/participations/{id}")["state"])


def test_a_submission_without_files_is_complete_at_once(open_round: Round) -> None:
    open_round.answer_all(A)
    sealed = open_round.seal()
    event = published_completion(open_round)
    assert (event.submission, event.files, event.missing) == (sealed["submission"], (), ())
    assert (event.activity, event.visit, event.words_included) == ("monitoring", False, True)
    assert event.answers[0].facts == "Peraturan 1/2020, pasal 3"
    assert state(open_round) == "completed"
    assert open_round.stage.published_types()[-2:] == ["submission.sealed.v1", "submission.completed.v1"]


@pytest.mark.parametrize("paragraphs", [None, 4])
def test_the_minutes_paragraphs_are_sealed_and_published(open_round: Round, paragraphs: int | None) -> None:
    open_round.answer_all(A)
    order = open_round.order()
    if paragraphs:
        order = order | {"minutes": MINUTES | {"paragraphs": paragraphs}}
    sealed = good(open_round.seal_raw(order), 201)
    assert published_completion(open_round).minutes_paragraphs == paragraphs
    statement = {"minutes": order["minutes"], "consent": CONSENT}
    assert sealed["receipt"]["statement_sha256"] == explanation_hash(statement)


def test_bytes_that_came_before_the_seal_count(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    assert open_round.upload(FILE).status_code == 204
    open_round.seal()
    (file,) = published_completion(open_round).files
    assert (file.sha256, file.name, file.size, file.type) == (digest(FILE), "peraturan.pdf", 3000, "pdf")


def test_the_decision_on_the_visit_is_the_newest_and_says_which_one_it_is(open_round: Round) -> None:
    def decide(visit: bool) -> None:
        rev = open_round.get("minister", f"/participations/{A}")["rev"]
        open_round.put("minister", f"/participations/{A}", {"activity": "evaluation", "visit": visit}, rev)

    decide(False)
    open_round.answer_all(A, {"1": [exhibit()]})
    open_round.seal()
    decide(True)
    open_round.upload(FILE)
    decide(False)
    event = published_completion(open_round)
    assert (event.activity, event.visit, event.participation_sequence) == ("evaluation", True, 3)
    assert open_round.stage.published(ParticipationSet)[-1].visit is False


def test_the_last_file_completes_a_sealed_submission_once(open_round: Round) -> None:
    open_round.answer_all(A, TWO)
    open_round.seal()
    assert state(open_round) == "sealed"
    assert open_round.upload(FILE).status_code == 204
    assert open_round.stage.published(SubmissionCompleted) == []
    assert open_round.upload(SECOND, "laporan.pdf").status_code == 204
    assert {file.type for file in published_completion(open_round).files} == {"pdf"}
    assert published_completion(open_round).missing == ()
    assert problem(Tus(open_round.as_("clerk-a"), A).begin("a.pdf", 3)) == (409, "already-completed")
    assert open_round.stage.audited(f"submission:{published_completion(open_round).submission}") == [
        "submission.sealed",
        "submission.completed",
    ]


def at_once(*calls: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_last_files_that_end_at_once_complete_it_once(open_round: Round) -> None:
    open_round.answer_all(A, TWO)
    open_round.seal()
    files = [(FILE, "peraturan.pdf"), (SECOND, "laporan.pdf")]
    at_once(*(partial(open_round.upload, *file) for file in files))
    assert published_completion(open_round).missing == ()


def test_a_file_that_ends_while_the_seal_is_made_is_not_forgotten(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    order = open_round.order()
    at_once(partial(open_round.upload, FILE), partial(open_round.seal_raw, order))
    assert published_completion(open_round).missing == ()


def test_a_file_that_comes_in_another_cycle_completes_the_submission_that_waits(open_round: Round) -> None:
    other = open_round.another_cycle()
    open_round.answer_all(A, TWO)
    open_round.seal()
    assert open_round.upload(FILE, id=other).status_code == 204
    assert open_round.stage.published(SubmissionCompleted) == []
    assert open_round.upload(SECOND, "laporan.pdf", id=other).status_code == 204
    assert (published_completion(open_round).participation, published_completion(open_round).missing) == (
        A,
        (),
    )
    assert state(open_round) == "completed"
    assert state(open_round, other) == "answering"


def test_two_last_files_that_end_at_once_in_two_cycles_complete_it_once(open_round: Round) -> None:
    other = open_round.another_cycle()
    open_round.answer_all(A, TWO)
    open_round.seal()
    files = [(FILE, "peraturan.pdf", A), (SECOND, "laporan.pdf", other)]
    at_once(*(partial(open_round.upload, *file) for file in files))
    assert published_completion(open_round).missing == ()


def test_bytes_of_another_size_than_the_sealed_one_do_not_count_from_another_cycle(open_round: Round) -> None:
    other = open_round.another_cycle()
    open_round.answer_all(A, {"1": [exhibit() | {"size": 7}]})
    open_round.seal()
    assert open_round.upload(FILE, id=other).status_code == 204
    overdue(open_round)
    complete_overdue(open_round.stage.store)
    assert published_completion(open_round).missing == (
        MissingFile(sha256=digest(FILE), name="peraturan.pdf", reason="absent"),
    )
    assert [(file.size, file.type) for file in published_completion(open_round).files] == [(7, None)]


def test_the_same_files_do_not_count_for_another_agency(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    open_round.upload(FILE, id=B)
    open_round.seal()
    assert open_round.stage.published(SubmissionCompleted) == []


def overdue(play: Round) -> None:
    """Let the time for bytes of every submission be over, as the clock would; what came had come in time."""
    past = utcnow() - domain.GRACE - timedelta(seconds=1)
    play.stage.db["completions"].update_many({}, {"$set": {"bytes_until": past}})
    play.stage.db["file_ownerships"].update_many({}, {"$set": {"at": past}})


def test_when_the_time_for_bytes_is_over_what_is_missing_is_published(open_round: Round) -> None:
    huge = {"sha256": "f" * 64, "name": "film.pdf", "size": 8_000_001}
    disguised = {"sha256": digest(DOCX), "name": "surat.pdf", "size": len(DOCX)}
    open_round.answer_all(
        A, {"1": [exhibit()], "2": [exhibit(SECOND, "laporan.pdf")], "3": [huge, disguised]}
    )
    open_round.seal()
    assert open_round.upload(FILE).status_code == 204
    assert open_round.upload(DOCX, "surat.pdf").status_code == 204
    complete_overdue(open_round.stage.store)
    assert open_round.stage.published(SubmissionCompleted) == []
    overdue(open_round)
    complete_overdue(open_round.stage.store)
    complete_overdue(open_round.stage.store)
    assert sorted(published_completion(open_round).missing, key=lambda file: file.name) == [
        MissingFile(sha256="f" * 64, name="film.pdf", reason="too-large"),
        MissingFile(sha256=digest(SECOND), name="laporan.pdf", reason="absent"),
        MissingFile(sha256=digest(DOCX), name="surat.pdf", reason="wrong-type"),
    ]
    shown = open_round.get("officer-a", f"/submissions/{published_completion(open_round).submission}")
    assert (shown["state"], len(shown["missing"])) == ("completed", 3)
    assert [file.type for file in published_completion(open_round).files if file.name == "peraturan.pdf"] == [
        "pdf"
    ]


def test_a_file_too_large_ever_to_come_is_not_waited_for(open_round: Round) -> None:
    huge = {"sha256": "f" * 64, "name": "film.pdf", "size": 8_000_001}
    open_round.answer_all(A, {"1": [huge]})
    open_round.seal()
    assert published_completion(open_round).missing == (
        MissingFile(sha256="f" * 64, name="film.pdf", reason="too-large"),
    )


def test_a_late_file_changes_nothing_that_was_published(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    sealed = open_round.seal()
    overdue(open_round)
    complete_overdue(open_round.stage.store)
    open_round.stage.run(commands.file_arrived, A, digest(FILE))
    assert published_completion(open_round).missing == (
        MissingFile(sha256=digest(FILE), name="peraturan.pdf", reason="absent"),
    )
    assert open_round.stage.audited(f"submission:{sealed['submission']}").count("submission.completed") == 1


def test_more_time_for_bytes_is_more_time_for_the_sweep(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    sealed = open_round.seal()
    later = BYTES_UNTIL + timedelta(days=3)
    body = {"deadline": "2100-01-01T00:00:00Z", "bytes_until": later.isoformat(), "reason": "Banjir"}
    open_round.post("minister", f"/participations/{A}/extension", body)
    at = BYTES_UNTIL + timedelta(days=1)
    assert open_round.stage.run(commands.complete_overdue, sealed["submission"], at=at) is False
    at = later + domain.GRACE
    assert open_round.stage.run(commands.complete_overdue, sealed["submission"], at=at) is False
    at += timedelta(milliseconds=1)
    assert open_round.stage.run(commands.complete_overdue, sealed["submission"], at=at) is True
    again = open_round.as_("minister").post(f"{ROOT}/participations/{A}/extension", json=body)
    assert problem(again) == (422, "bad-extension")
    longer = body | {"bytes_until": (later + timedelta(days=9)).isoformat()}
    again = open_round.as_("minister").post(f"{ROOT}/participations/{A}/extension", json=longer)
    assert problem(again) == (409, "already-completed")


def test_the_worker_looks_after_submissions_and_evidence(open_round: Round) -> None:
    sweeps = resolve(service.sweeps, open_round.stage.settings)
    assert {"submissions", "uploads", "blobs", "orphaned_chunks"} <= sweeps.keys()
    assert sweeps["submissions"].every <= 10


def test_after_the_seal_only_sealed_files_are_taken(open_round: Round) -> None:
    open_round.answer_all(A, {"1": [exhibit()]})
    open_round.seal()
    before = open_round.stage.state()
    clerk = Tus(open_round.as_("clerk-a"), A)
    assert problem(clerk.begin("b.pdf", 10, sha256="a" * 64)) == (422, "not-in-manifest")
    assert open_round.stage.state() == before
    assert clerk.begin("peraturan.pdf", len(FILE), sha256=digest(FILE)).status_code == 201


# words by link


def long_words(play: Round) -> str:
    """Seal a submission whose words do not fit into an event; gives its id."""
    for code in ("1", "2", "3", "4-1"):
        body = answer(2, facts=LONG, analysis=LONG)
        play.put("clerk-a", f"/self-assessments/{A}/answers/{code}", body, 0)
    return str(play.seal()["submission"])


def words_link(
    play: Round, submission: str, subject: str = "ani", sha256: str = "words", minutes: int = 5
) -> str:
    at = utcnow()
    ring = KeyRing.load(play.stage.settings.keys, "review")
    until = at + timedelta(minutes=minutes)
    link = Link(sha256, submission, subject, play.stage.settings.oidc_issuer, until, "task-1", 7)
    return sign_link(link, ring.signing(PURPOSE, at))


def test_words_that_do_not_fit_into_the_event_are_left_out_and_had_by_link(open_round: Round) -> None:
    submission = long_words(open_round)
    event = published_completion(open_round)
    assert (event.words_included, event.answers[0].facts, event.answers[0].analysis) == (False, None, None)
    link = words_link(open_round, submission)
    words = good(open_round.as_("ani").get(WORDS, query_string={"link": link}))
    assert words["submission"] == submission
    assert [answer["words_sha256"] for answer in words["answers"]] == [
        answer.words_sha256 for answer in event.answers
    ]
    assert words["answers"][0]["analysis"] == LONG
    assert open_round.stage.audited(f"reading:{submission}") == ["explanations.opened"]


def test_a_link_opens_no_words_for_the_agencys_own_people_or_when_its_claim_is_over(
    open_round: Round,
) -> None:
    submission = long_words(open_round)
    link = {"link": words_link(open_round, submission)}
    open_round.stage.person("ani", "member", "kota-a")
    assert problem(open_round.as_("ani").get(WORDS, query_string=link)) == (403, "link-refused")
    open_round.stage.person("ani", "member", "kota-b")
    good(open_round.as_("ani").get(WORDS, query_string=link))
    over = TaskFinished(
        task="task-1", case=submission, agency="kota-a", stage="document", assessor="a", fence=7
    )
    assert open_round.stage.consume(f"case:{submission}", over) == "done"
    assert problem(open_round.as_("ani").get(WORDS, query_string=link)) == (403, "link-refused")


def test_a_link_opens_words_for_its_bearer_only_while_it_lasts(open_round: Round) -> None:
    submission = long_words(open_round)
    before = open_round.stage.state()
    links = {
        "of another person": words_link(open_round, submission, "budi"),
        "to a file": words_link(open_round, submission, sha256=digest(FILE)),
        "over": words_link(open_round, submission, minutes=-1),
        "to nothing": words_link(open_round, "0" * 32),
        "changed": words_link(open_round, submission)[:-3] + "AAA",
    }
    for what, link in links.items():
        answered = open_round.as_("ani").get(WORDS, query_string={"link": link})
        assert answered.status_code == 403, what
        assert problem(answered)[1] in ("link-refused", "link-over"), what
    assert problem(open_round.as_(None).get(WORDS, query_string={"link": "x"})) == (401, "unauthenticated")
    assert problem(open_round.as_("ani").get(WORDS)) == (422, "invalid")
    assert open_round.stage.state() == before
