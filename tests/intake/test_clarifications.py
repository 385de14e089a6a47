"""Questions of the assessors to an agency: shown, answered with files that come after the seal, sent for good."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.intake.commands import save_clarification_answer
from services.intake.domain import Exhibit
from services.intake.domain.answers import MOST_WRITTEN
from services.intake.domain.clarification_answers import MOST_NAMED, ClarificationDraft
from shared.core.errors import Invalid
from shared.core.ids import utcnow
from shared.core.people import Caller, Grant
from shared.events.intake import ClarificationAnswered
from shared.events.review import ClarificationWithdrawn, StageCompleted
from shared.signing.links import Link
from tests.intake.files import digest, pdf
from tests.intake.linked import follow
from tests.intake.questions import ASKED, ID, LATER, SUBJECT, question
from tests.intake.rounds import A, B, Json, Round, exhibit, problem
from tests.intake.tus import ROOT, Tus
from tests.support.stage import Stage

CLERK = Caller("", "", "p-clerk-a", (Grant("clerk", "kota-a"),))
NEW = pdf("Keputusan", 700)
PLACE = f"/self-assessments/{A}/clarifications"
PAGE = f"/intake/self-assessments/{A}/questions"


def withdrawn() -> ClarificationWithdrawn:
    return ClarificationWithdrawn(
        clarification=ID, case="s", participation=A, agency="kota-a", indicator="1", withdrawn_at=ASKED
    )


def completed(stage: str) -> StageCompleted:
    return StageCompleted(
        case="s",
        submission="s",
        participation=A,
        cycle="2026",
        agency="kota-a",
        edition="small-1",
        stage=stage,
        completed_at=ASKED,
        set_hash="",
        ratings=(),
    )


def taking_part(play: Round) -> Round:
    """A round with a sealed submission, complete and without files, of an agency that will be visited."""
    play.open()
    play.put("minister", f"/participations/{A}", {"activity": "evaluation", "visit": True}, rev=1)
    play.answer_all()
    play.seal()
    return play


@pytest.fixture
def sealed(play: Round) -> Round:
    """An agency that may be asked something."""
    return taking_part(play)


@pytest.fixture
def asked(sealed: Round) -> Round:
    """And the assessors ask something."""
    said = sealed.stage.db["submissions"].find_one({}) or {}
    assert sealed.stage.consume(SUBJECT, question(submission=said["_id"], case=said["_id"])) == "done"
    return sealed


def shown(play: Round, who: str = "clerk-a") -> Json:
    found: Json = play.get(who, f"{PLACE}/{ID}")
    return found


def save(play: Round, words: str, *files: Json, rev: int | None = 0, who: str = "clerk-a") -> TestResponse:
    body = {"words": words, "evidence": list(files)}
    return play.put_raw(who, f"{PLACE}/{ID}/answer", body, rev)


def send(play: Round, rev: int | None = 1, who: str = "officer-a") -> TestResponse:
    headers = {} if rev is None else {"If-Match": f'"{rev}"'}
    return play.as_(who).post(f"{ROOT}{PLACE}/{ID}/send", headers=headers)


def begin(play: Round, **more: str) -> TestResponse:
    return Tus(play.as_("clerk-a"), A).begin("keputusan.pdf", len(NEW), **more)


def upload(play: Round, data: bytes = NEW) -> TestResponse:
    tus = Tus(play.as_("clerk-a"), A)
    return tus.patch(tus.place("keputusan.pdf", len(data), clarification=ID), 0, data)


def close(stage: Stage, **fields: Any) -> None:
    stage.db["clarifications"].update_one({"_id": ID}, {"$set": fields})


def test_a_question_is_shown_to_the_agency_and_to_nobody_else(asked: Round) -> None:
    one = shown(asked)
    assert (one["state"], one["question"], one["indicator"], one["answer"]) == (
        "open",
        "Di mana keputusannya?",
        "1",
        None,
    )
    assert asked.get("member-a", PLACE)["items"] == [one]
    assert problem(asked.as_("officer-b").get(f"{ROOT}{PLACE}/{ID}"))[0] == 404
    assert problem(asked.as_("minister").get(f"{ROOT}{PLACE}/{ID}"))[0] == 403
    assert problem(asked.as_("officer-b").get(f"{ROOT}{PLACE}"))[0] == 404
    theirs = PLACE.replace(A, B)
    assert problem(asked.as_("officer-b").get(f"{ROOT}{theirs}/{ID}"))[0] == 404
    assert asked.stage.audited(SUBJECT) == ["clarification.noted"]


def test_the_agency_answers_in_words_and_with_a_file_that_comes_after_the_seal(asked: Round) -> None:
    before = asked.stage.db["submissions"].find_one({}), asked.stage.db["completions"].find_one({})
    assert upload(asked).status_code == 204
    assert save(asked, "Terlampir.", exhibit(NEW, "keputusan.pdf")).status_code == 200
    assert asked.stage.published(ClarificationAnswered) == []
    sent = send(asked)
    assert sent.status_code == 200, sent.text
    (told,) = asked.stage.published(ClarificationAnswered)
    assert (told.clarification, told.words, told.version, told.participation) == (ID, "Terlampir.", 1, A)
    (file,) = told.files
    assert (file.sha256, file.name, file.type, file.pages) == (digest(NEW), "keputusan.pdf", "pdf", 1)
    one = shown(asked)
    assert (one["state"], one["answer"]["sent_by"]) == ("answered", "p-officer-a")
    assert one["answer"]["words_sha256"] == told.words_sha256
    assert asked.stage.audited(SUBJECT) == [
        "clarification.noted",
        "clarification.answer-saved",
        "clarification.answered",
    ]
    assert "Terlampir." not in repr(list(asked.stage.db["audit"].find()))
    assert (asked.stage.db["submissions"].find_one({}), asked.stage.db["completions"].find_one({})) == before
    versions = asked.stage.db["clarification_answer_versions"].find().sort("rev", 1)
    assert [(row["rev"], row["sent_at"] is None) for row in versions] == [(1, True), (2, False)]


def test_what_was_sent_stands_for_good(asked: Round) -> None:
    upload(asked)
    save(asked, "Terlampir.", exhibit(NEW, "keputusan.pdf"))
    first = send(asked)
    again = send(asked, who="coordinator-a")
    assert (again.status_code, again.json) == (200, first.json)
    assert problem(save(asked, "Lain.", rev=2)) == (409, "question-answered")
    assert problem(begin(asked, clarification=ID)) == (409, "question-answered")
    unlinked = asked.as_("clerk-a").delete(f"{ROOT}/evidence/{A}/{digest(NEW)}")
    assert problem(unlinked) == (409, "file-in-use")
    assert len(asked.stage.published(ClarificationAnswered)) == 1


def test_nothing_may_be_uploaded_after_the_seal_but_for_an_open_question(asked: Round) -> None:
    assert problem(begin(asked)) == (409, "already-completed")
    assert problem(begin(asked, clarification="task-1.2")) == (404, "not-found")
    theirs = Tus(asked.as_("clerk-b"), B).begin("keputusan.pdf", len(NEW), clarification=ID)
    assert problem(theirs) == (404, "not-found")
    assert begin(asked, clarification=ID).status_code == 201
    place = Tus(asked.as_("clerk-a"), A).place("keputusan.pdf", len(NEW), clarification=ID)
    close(asked.stage, until=utcnow() - timedelta(seconds=2))
    assert problem(begin(asked, clarification=ID)) == (409, "question-over")
    late = Tus(asked.as_("clerk-a"), A).patch(place, 0, NEW)
    assert problem(late) == (409, "question-over")
    assert asked.stage.db["file_ownerships"].count_documents({}) == 0
    assert shown(asked)["state"] == "late"
    assert problem(save(asked, "Terlambat.")) == (409, "question-over")


def test_quota_and_inspection_hold_as_before(asked: Round) -> None:
    refused = Tus(asked.as_("clerk-a"), A).begin("keputusan.pdf", 8_000_001, clarification=ID)
    assert problem(refused) == (413, "file-too-large")
    assert problem(Tus(asked.as_("clerk-a"), A).begin("a.exe", 10, clarification=ID)) == (
        422,
        "type-not-allowed",
    )
    assert problem(upload(asked, b"no PDF at all"))[0] == 422
    replaced = begin(asked, clarification=ID, replaces="0" * 64)
    assert problem(replaced) == (422, "nothing-to-replace")


def test_an_answer_is_sent_by_those_who_seal_and_only_when_it_is_whole(asked: Round) -> None:
    assert problem(send(asked, 0)) == (422, "answer-empty")
    save(asked, "", exhibit(NEW, "keputusan.pdf"))
    assert problem(send(asked)) == (422, "answer-empty")
    save(asked, "Terlampir.", exhibit(NEW, "keputusan.pdf"), rev=1)
    for who in ("clerk-a", "member-a"):
        assert problem(send(asked, 2, who)) == (403, "role-needed")
    assert problem(send(asked, 2, "officer-b"))[0] == 404
    assert problem(send(asked, None)) == (428, "precondition-needed")
    assert problem(send(asked, 1)) == (409, "stale")
    awaited = send(asked, 2)
    assert problem(awaited) == (422, "files-awaited")
    assert (awaited.json or {})["files"] == ["keputusan.pdf"]
    upload(asked)
    assert send(asked, 2, "coordinator-a").status_code == 200


def test_who_is_an_officer_elsewhere_and_a_clerk_here_does_not_send(asked: Round) -> None:
    save(asked, "Ada.")
    people = asked.stage.db["people"]
    known = [people.find_one({"_id": id}) or {} for id in ("p-clerk-a", "p-officer-b")]
    grants = [grant for one in known for grant in one["grants"]]
    people.update_one({"_id": "p-clerk-a"}, {"$set": {"grants": grants}})
    assert problem(send(asked, 1, "clerk-a")) == (403, "sender-needed")


def test_two_who_write_at_once_lose_nothing(asked: Round) -> None:
    assert save(asked, "Satu.").status_code == 200
    stale = save(asked, "Dua.", who="officer-a")
    assert problem(stale) == (409, "stale")
    assert (stale.json or {})["stored"]["words"] == "Satu."
    again = save(asked, "Satu.", who="officer-a")
    assert (again.status_code, (again.json or {})["rev"]) == (200, 1)
    twice = save(asked, "Dua.", exhibit(), exhibit(), rev=1)
    assert problem(twice) == (422, "evidence-twice")
    many = [exhibit(str(number).encode()) for number in range(MOST_NAMED + 1)]
    assert problem(save(asked, "Dua.", *many, rev=1))[0] == 422
    draft = ClarificationDraft("Dua.", tuple(Exhibit(one["sha256"], "a.pdf") for one in many))
    with pytest.raises(Invalid, match="at most 50"):
        asked.stage.run(save_clarification_answer, A, ID, draft, 1, caller=CLERK)


def test_versions_of_an_answer_have_a_limit(asked: Round) -> None:
    save(asked, "Satu.")
    asked.stage.db["clarification_answers"].update_one({}, {"$set": {"written": MOST_WRITTEN}})
    assert problem(save(asked, "Dua.", rev=1)) == (409, "too-many-versions")


def test_a_question_that_was_taken_back_is_answered_no_more(asked: Round) -> None:
    save(asked, "Belum.")
    assert asked.stage.consume(SUBJECT, withdrawn()) == "done"
    assert shown(asked)["state"] == "withdrawn"
    assert problem(send(asked)) == (409, "question-withdrawn")
    assert problem(begin(asked, clarification=ID)) == (409, "question-withdrawn")
    again = question(version=2, question="Pasal berapa?")
    assert asked.stage.consume(SUBJECT, again) == "done"
    assert (shown(asked)["state"], shown(asked)["question"]) == ("open", "Pasal berapa?")
    assert shown(asked)["answer"]["words"] == "Belum."
    assert send(asked).status_code == 200
    assert asked.stage.published(ClarificationAnswered)[0].version == 2


def test_an_answer_keeps_the_question_that_it_answered(asked: Round) -> None:
    save(asked, "Terlampir.")
    send(asked)
    assert asked.stage.consume(SUBJECT, question(version=2, question="Pasal berapa?")) == "done"
    assert (shown(asked)["state"], shown(asked)["question"]) == ("answered", "Di mana keputusannya?")


def test_the_end_of_the_stage_ends_its_questions_whichever_comes_first(sealed: Round) -> None:
    assert sealed.stage.consume("case:s", completed("self")) == "done"
    sealed.stage.consume(SUBJECT, question())
    assert shown(sealed)["state"] == "open"
    assert sealed.stage.consume("case:s", completed("visit")) == "done"
    assert shown(sealed)["state"] == "over"
    assert problem(save(sealed, "Terlambat.")) == (409, "question-over")
    sealed.stage.db["participations"].update_one(
        {"_id": A},
        {
            "$set": {
                "result": {
                    "index": "3",
                    "predicate": "Baik",
                    "version": 1,
                    "published_at": ASKED,
                    "sequence": 1,
                },
                "stage": None,
            }
        },
    )
    assert shown(sealed)["state"] == "over"


def test_events_of_a_question_come_twice_late_and_in_any_order(sealed: Round) -> None:
    stage = sealed.stage
    events = [
        stage.envelope(SUBJECT, question()),
        stage.envelope(SUBJECT, withdrawn()),
        stage.envelope(SUBJECT, question(version=2, question="Pasal berapa?")),
    ]
    for order in permutations([*events, events[0]]):
        for name in ("clarifications", "inbox", "deferred_events"):
            stage.db[name].delete_many({})
        stage.db["heads"].delete_many({"_id": SUBJECT})
        stage.db["audit"].delete_many({"subject": SUBJECT})
        for event in order:
            stage.consume_all(event)
        while stage.wake():
            pass
        one = shown(sealed)
        assert (one["question"], one["state"]) == ("Pasal berapa?", "open"), order
        assert stage.deferred() == []


def test_a_question_to_nobody_known_waits(sealed: Round) -> None:
    assert sealed.stage.consume(SUBJECT, question(participation="2026.kota-z")) == "waiting"
    assert sealed.stage.consume(f"{SUBJECT}9", withdrawn()) == "waiting"


def test_a_withdrawal_that_comes_after_a_later_asking_changes_nothing(sealed: Round) -> None:
    stage = sealed.stage
    first, gone = stage.envelope(SUBJECT, question()), stage.envelope(SUBJECT, withdrawn())
    last = stage.envelope(SUBJECT, question(version=2))
    assert [stage.consume_all(one)[one.id] for one in (first, last, gone)] == ["done", "done", "superseded"]


def ask_page(play: Round, who: str, path: str = "", **form: Any) -> TestResponse:
    """A page of the questions, or a form that is sent to it."""
    client = play.as_(who)
    place = f"{PAGE}{path}"
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    answered: TestResponse = (
        client.post(place, data=form, headers=headers) if form else client.get(place, headers=headers)
    )
    return answered


def test_the_pages_show_what_is_asked_and_what_is_left(asked: Round) -> None:
    for place in (f"/intake/self-assessments/{A}", f"/intake/self-assessments/{A}/indicators/1", PAGE):
        page = asked.as_("clerk-a").get(place)
        assert page.status_code == 200
        assert "Di mana keputusannya?" in page.text
        assert f"{PAGE}/{ID}" in page.text
    assert "Di mana" not in asked.as_("clerk-a").get(f"/intake/self-assessments/{A}/indicators/2").text
    assert 'value="send"' in ask_page(asked, "officer-a", f"/{ID}").text
    assert 'value="send"' not in ask_page(asked, "clerk-a", f"/{ID}").text
    assert ask_page(asked, "officer-b", f"/{ID}").status_code == 404
    assert ask_page(asked, "clerk-a", "/task-1.2").status_code == 404
    assert ask_page(asked, "clerk-a", f"/{ID}/files").location == f"{PAGE}/{ID}"


def test_what_becomes_of_a_question_without_an_answer_is_said_only_while_it_has_none(asked: Round) -> None:
    def said() -> tuple[bool, bool, bool]:
        page = ask_page(asked, "officer-a", f"/{ID}").text
        return (
            "If none comes in time" in page,
            "goes by your answer." in page,
            "No answer came in time" in page,
        )

    assert said() == (True, True, False)
    save(asked, "Terlampir.")
    close(asked.stage, until=utcnow() - timedelta(seconds=2))
    assert said() == (False, False, True)
    close(asked.stage, until=LATER)
    send(asked)
    assert said() == (False, True, False)
    close(asked.stage, answered_at=None, withdrawn_at=ASKED)
    assert said() == (False, False, False)


def test_forms_save_an_answer_and_send_it(asked: Round) -> None:
    saved = ask_page(asked, "clerk-a", f"/{ID}", words="Satu.\r\nDua.", rev="0", deed="save")
    assert (saved.status_code, saved.location) == (303, f"{PAGE}/{ID}")
    assert shown(asked)["answer"]["words"] == "Satu.\nDua."
    stale = ask_page(asked, "clerk-a", f"/{ID}", words="Lain.", rev="0")
    assert stale.status_code == 422
    assert "Lain." in stale.text
    assert "Dua." in stale.text
    long = ask_page(asked, "clerk-a", f"/{ID}", words="x" * 10_001, rev="1")
    assert long.status_code == 422
    refused = ask_page(asked, "clerk-a", f"/{ID}", words="Tiga.", rev="1", deed="send")
    assert refused.status_code in (403, 422)
    sent = ask_page(asked, "officer-a", f"/{ID}", words="Empat.", rev="2", deed="send")
    assert sent.status_code == 303
    assert asked.stage.published(ClarificationAnswered)[0].words == "Empat."
    page = ask_page(asked, "clerk-a", f"/{ID}").text
    assert "Empat." in page
    assert 'name="words"' not in page


def test_a_plain_form_brings_a_file_for_the_answer_and_takes_it_out_again(asked: Round) -> None:
    head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\nContent-Type: x/y\r\n\r\n'
    kind = {"content_type": "multipart/form-data; boundary=edge", "headers": {"Accept": "text/html"}}

    def take(data: bytes, name: str = "keputusan.pdf") -> TestResponse:
        body = head.format(name).encode() + data + b"\r\n--edge--\r\n"
        sent: TestResponse = asked.as_("clerk-a").post(f"{PAGE}/{ID}/files", data=body, **kind)
        return sent

    assert take(NEW).status_code == 303
    asked.stage.run_jobs()
    assert [file["name"] for file in shown(asked)["answer"]["evidence"]] == ["keputusan.pdf"]
    assert take(b"no PDF").status_code == 422
    out = ask_page(asked, "clerk-a", f"/{ID}/files/{digest(NEW)}/remove", x="1")
    assert out.status_code == 303
    assert shown(asked)["answer"]["evidence"] == []
    close(asked.stage, until=utcnow() - timedelta(seconds=2))
    assert take(NEW).status_code == 409
    assert ask_page(asked, "clerk-a", f"/{ID}/files/{digest(NEW)}/remove", x="1").status_code == 422
    late = ask_page(asked, "clerk-a", f"/{ID}", words="Ditulis terlambat.", rev="1")
    assert late.status_code == 422
    assert "Ditulis terlambat." in late.text


def test_what_was_written_and_never_sent_is_still_read(asked: Round) -> None:
    save(asked, "Hampir.")
    close(asked.stage, until=utcnow() - timedelta(seconds=2))
    page = ask_page(asked, "clerk-a", f"/{ID}").text
    assert "Hampir." in page
    close(asked.stage, withdrawn_at=ASKED)
    assert ask_page(asked, "clerk-a", f"/{ID}").status_code == 200
    asked.stage.db["clarification_answers"].delete_many({})
    assert ask_page(asked, "clerk-a", f"/{ID}").status_code == 200


def test_a_link_opens_a_file_of_an_answer_once_it_is_sent_and_writes_that_down(asked: Round) -> None:
    asked.stage.person("asesor", "assessor")
    upload(asked)
    save(asked, "Terlampir.", exhibit(NEW, "keputusan nomor 7.pdf"))
    submission = str((asked.stage.db["submissions"].find_one({}) or {})["_id"])
    soon = utcnow() + timedelta(minutes=5)
    link = Link(digest(NEW), submission, "asesor", asked.stage.settings.oidc_issuer, soon, "task-2", 1)
    assert problem(follow(asked.stage, link)) == (403, "link-refused")
    send(asked)
    opened = follow(asked.stage, link)
    assert (opened.status_code, opened.data) == (200, NEW)
    assert "keputusan nomor 7.pdf" in opened.headers["Content-Disposition"]
    assert asked.stage.audited(f"evidence:kota-a.{digest(NEW)}") == ["evidence.opened"]
    other = replace(link, submission="0" * 32)
    assert problem(follow(asked.stage, other)) == (403, "link-refused")
    assert problem(follow(asked.stage, link, "clerk-a"))[0] == 403
