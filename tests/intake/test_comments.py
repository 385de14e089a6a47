"""Comments of an agency's people to each other: kept for them alone, sealed and sent nowhere."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.intake.domain import comments
from tests.intake.forms import HOME, Forms
from tests.intake.rounds import A, Json, Round, good, problem
from tests.intake.tus import ROOT

HERE = f"{ROOT}/self-assessments/{A}/comments"
SECRET = "Jangan dikirim: menunggu tanda tangan"


def send(play: Round, who: str, key: str = "k", **changes: Any) -> TestResponse:
    body = {"indicator": "1", "text": SECRET, **changes}
    return play.as_(who).post(HERE, json=body, headers={"Idempotency-Key": key})


def left(play: Round, who: str = "clerk-a", key: str = "k", **changes: Any) -> Json:
    made: Json = good(send(play, who, key, **changes), 201)
    return made


def mark(play: Round, who: str, id: str, settled: bool) -> TestResponse:
    return play.as_(who).patch(f"{HERE}/{id}", json={"settled": settled})


def listed(play: Round, who: str = "member-a", query: str = "") -> list[Json]:
    found: list[Json] = play.get(who, f"/self-assessments/{A}/comments{query}")["items"]
    return found


def test_a_comment_is_there_for_all_of_the_agency_with_who_and_when(open_round: Round) -> None:
    made = left(open_round)
    assert listed(open_round) == [made]
    assert listed(open_round, query="?indicator=1") == [made]
    assert listed(open_round, query="?indicator=2") == []
    assert (made["text"], made["indicator"], made["by"], made["by_name"]) == (
        SECRET,
        "1",
        "p-clerk-a",
        "p-clerk-a",
    )
    assert (made["settled_at"], made["settled_by"], made["settled_by_name"]) == (None, None, None)


def test_the_same_request_again_leaves_one_comment(open_round: Round) -> None:
    assert left(open_round) == left(open_round)
    assert len(listed(open_round)) == 1
    assert problem(send(open_round, "clerk-a", text="Lain")) == (422, "idempotency-key-reused")
    assert problem(open_round.as_("clerk-a").post(HERE, json={"indicator": "1", "text": "x"})) == (
        428,
        "idempotency-key-needed",
    )
    left(open_round, "officer-a")
    assert len(listed(open_round)) == 2


def test_anybody_of_the_agency_settles_and_reopens(open_round: Round) -> None:
    made = left(open_round)
    settled = good(mark(open_round, "officer-a", made["id"], True))
    assert (settled["settled_by"], settled["settled_by_name"]) == ("p-officer-a", "p-officer-a")
    assert settled["settled_at"]
    before = open_round.stage.state()
    assert good(mark(open_round, "member-a", made["id"], True)) == settled
    assert open_round.stage.state() == before
    assert good(mark(open_round, "member-a", made["id"], False)) == made


def test_only_its_author_withdraws_a_comment_and_only_while_it_is_open(open_round: Round) -> None:
    id = left(open_round)["id"]
    assert problem(open_round.as_("officer-a").delete(f"{HERE}/{id}")) == (403, "not-the-author")
    good(mark(open_round, "officer-a", id, True))
    assert problem(open_round.as_("clerk-a").delete(f"{HERE}/{id}")) == (409, "comment-settled")
    good(mark(open_round, "clerk-a", id, False))
    assert open_round.as_("clerk-a").delete(f"{HERE}/{id}").status_code == 204
    assert listed(open_round) == []
    assert problem(open_round.as_("clerk-a").delete(f"{HERE}/{id}")) == (404, "not-found")


def test_others_see_none_of_it_and_what_is_said_leaves_no_trace_elsewhere(open_round: Round) -> None:
    id = left(open_round)["id"]
    elsewhere = f"{ROOT}/self-assessments/2026.kota-b/comments/{id}"
    for who, refusal in (("minister", (403, "role-needed")), ("clerk-b", (404, "not-found"))):
        client = open_round.as_(who)
        assert problem(client.get(HERE)) == refusal
        assert problem(send(open_round, who)) == refusal
        assert problem(mark(open_round, who, id, True)) == refusal
        assert problem(client.delete(f"{HERE}/{id}")) == refusal
    assert problem(open_round.as_("clerk-b").patch(elsewhere, json={"settled": True})) == (404, "not-found")
    open_round.answer_all(A)
    open_round.seal()
    db = open_round.stage.db
    assert [name for name in db.list_collection_names() if SECRET in str(list(db[name].find()))] == [
        "comments"
    ]
    assert open_round.stage.audited(f"comments:{A}") == ["comment.added"]
    told = [bytes(row["body"]) for row in open_round.stage.db["outbox"].find()]
    assert not [body for body in told if SECRET.encode() in body or id.encode() in body]


def test_after_the_seal_comments_are_read_and_not_written(open_round: Round) -> None:
    made = left(open_round)
    open_round.answer_all(A)
    open_round.seal()
    assert listed(open_round) == [made]
    for refused in (
        send(open_round, "clerk-a", "other"),
        mark(open_round, "clerk-a", made["id"], True),
        open_round.as_("clerk-a").delete(f"{HERE}/{made['id']}"),
    ):
        assert problem(refused) == (409, "already-sealed")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": ""}, "invalid"),
        ({"text": " \n"}, "invalid"),
        ({"text": "x" * 2001}, "invalid"),
        ({"text": "a\0b"}, "invalid"),
        ({"indicator": "99"}, "unknown-indicator"),
        ({"indicator": {"$gt": ""}}, "invalid"),
    ],
)
def test_a_comment_that_cannot_be_is_refused(open_round: Round, changes: Json, code: str) -> None:
    before = open_round.stage.state()
    assert problem(send(open_round, "clerk-a", **changes)) == (422, code)
    assert open_round.stage.state() == before


def test_no_more_comments_are_kept_than_a_self_assessment_takes(
    open_round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "MOST_COMMENTS", 3)
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda at: send(open_round, "clerk-a", str(at)).status_code, range(6)))
    assert sorted(sent) == [201, 201, 201, 409, 409, 409]
    assert problem(send(open_round, "clerk-a", "last")) == (409, "too-many-comments")
    assert len(listed(open_round)) == 3


# pages


def test_a_form_leaves_settles_reopens_and_withdraws(open_round: Round) -> None:
    clerk, officer = Forms(open_round, "clerk-a"), Forms(open_round, "officer-a")
    answer = clerk.post("/indicators/1/comments", text=f"{SECRET}\r\nBaris kedua", key="k")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HOME}/indicators/1#comments")
    (made,) = listed(open_round)
    assert made["text"] == f"{SECRET}\nBaris kedua"
    place = f"/indicators/1/comments/{made['id']}"
    refused = officer.post(place, do="withdraw")
    assert refused.status_code == 422
    assert "Hanya penulisnya" in refused.text
    assert officer.post(place, do="settle").status_code == 303
    assert listed(open_round)[0]["settled_by"] == "p-officer-a"
    assert clerk.post(place, do="reopen").status_code == 303
    assert clerk.post(place, do="burn").status_code == 400
    assert clerk.post(place, do="withdraw").status_code == 303
    assert listed(open_round) == []
    assert "sudah tidak ada" in clerk.post(place, do="settle").text


@pytest.mark.parametrize("text", ["", "x" * 2001, "<script>a\0</script>"])
def test_a_form_that_cannot_be_kept_says_why_and_keeps_the_text(open_round: Round, text: str) -> None:
    answer = Forms(open_round, "clerk-a").post("/indicators/1/comments", text=text, key="k")
    assert answer.status_code == 422
    assert "paling banyak 2.000 karakter." in answer.text
    assert "<script>a" not in answer.text
    assert listed(open_round) == []


def test_pages_say_where_comments_are_open(open_round: Round) -> None:
    forms = Forms(open_round, "clerk-a")
    assert "Tidak ada komentar terbuka." in forms.get("").text
    first = left(open_round)
    left(open_round, key="2", indicator="3")
    left(open_round, "officer-a", key="3", indicator="3")
    assert "3 komentar terbuka" in forms.get("").text
    assert "p-officer-a memberi komentar pada indikator" in forms.get("").text
    shown = forms.get("/indicators?show=commented").text
    assert "Ada komentar 2" in shown
    assert [code for code in ("1", "2", "3", "4-1") if f'/indicators/{code}"' in shown] == ["1", "3"]
    good(mark(open_round, "clerk-a", first["id"], True))
    assert "Ada komentar 1" in forms.get("/indicators").text
    assert "Selesai" in forms.get("/indicators/1").text


def test_a_sealed_page_shows_comments_without_forms(open_round: Round) -> None:
    left(open_round)
    open_round.answer_all(A)
    open_round.seal()
    page = Forms(open_round, "clerk-a").get("/indicators/1").text
    assert SECRET in page
    assert "Komentar baru" not in page
    assert "Tandai selesai" not in page
