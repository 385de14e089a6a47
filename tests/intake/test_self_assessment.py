"""The self-assessment: each answer saved by itself, over the version that its writer saw."""

from typing import Any

import pytest

from services.intake.domain import MOST_FILES
from services.intake.schemas import SealInput
from tests.intake.files import digest
from tests.intake.rounds import (
    CODES,
    DEADLINE,
    FILE,
    SECOND,
    A,
    Round,
    agency,
    answer,
    cycle,
    exhibit,
    good,
    problem,
)
from tests.intake.tus import ROOT

ONE = f"/self-assessments/{A}/answers/1"


@pytest.mark.parametrize("role", ["coordinator", "officer", "clerk", "member"])
def test_every_role_of_the_agency_may_answer(open_round: Round, role: str) -> None:
    saved = open_round.as_(f"{role}-a").put(f"{ROOT}{ONE}", json=answer(3), headers={"If-Match": '"0"'})
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"1"')
    assert saved.json is not None
    assert (saved.json["value"], saved.json["saved_by"]) == ("3", f"p-{role}-a")


def test_a_self_assessment_shows_what_is_there_and_what_is_missing(open_round: Round) -> None:
    open_round.upload(FILE)
    body = answer(evidence=[exhibit(), exhibit(SECOND, "laporan.pdf")], subject="Layanan izin")
    open_round.put("clerk-a", ONE, body, 0)
    shown = open_round.get("member-a", f"/self-assessments/{A}")
    assert (shown["answered"], shown["of"], shown["missing"]) == (1, 4, ["2", "3", "4-1"])
    assert (shown["codes"], shown["state"], shown["edition"]) == (list(CODES), "answering", "small-1")
    assert shown["answers"][0]["subject"] == "Layanan izin"
    assert [(file["sha256"], file["arrived"]) for file in shown["files"]] == [
        (digest(FILE), True),
        (digest(SECOND), False),
    ]


def test_the_ministry_sees_only_how_far_it_is(open_round: Round) -> None:
    open_round.put("clerk-a", ONE, answer(), 0)
    assert open_round.get("minister", f"/self-assessments/{A}") == {
        "participation": A,
        "edition": "small-1",
        "state": "answering",
        "deadline": "2100-01-01T00:00:00.000Z",
        "answered": 1,
        "of": 4,
    }


def test_every_version_is_kept(open_round: Round) -> None:
    for rev, value in enumerate((1, 2, 3)):
        open_round.put("clerk-a", ONE, answer(value), rev)
    first = open_round.get("member-a", f"{ONE}/versions?limit=2")
    rest = open_round.get("member-a", f"{ONE}/versions?limit=2&after={first['next']}")
    kept = [(version["rev"], version["value"]) for version in first["items"] + rest["items"]]
    assert (kept, rest["next"]) == ([(1, "1"), (2, "2"), (3, "3")], None)
    assert open_round.stage.audited(f"answer:{A}.1") == ["answer.saved"] * 3


def test_a_page_of_long_versions_ends_before_it_is_too_large_and_the_next_goes_on(open_round: Round) -> None:
    files = [exhibit(str(n).encode(), f"{n}{'名' * 80}") for n in range(200)]
    for rev in range(16):
        open_round.put("clerk-a", ONE, answer(1, facts=f"{rev}" + "\x01" * 19_000, evidence=files), rev)
    path, after, seen = f"{ONE}/versions?limit=200", None, list[int]()
    for _ in range(16):
        found = open_round.as_("clerk-a").get(f"{ROOT}{path}{f'&after={after}' if after else ''}")
        assert len(found.data) < 2_500_000
        seen += [version["rev"] for version in good(found)["items"]]
        after = good(found)["next"]
        if after is None:
            break
    assert seen == list(range(1, 17))


def test_two_people_at_one_answer_both_keep_their_text(open_round: Round) -> None:
    open_round.put("clerk-a", ONE, answer(1), 0)
    open_round.put("officer-a", ONE, answer(2, facts="Fakta petugas"), 1)
    before = open_round.stage.state()
    refused = open_round.put_raw("clerk-a", ONE, answer(3, facts="Fakta operator"), 1)
    assert problem(refused) == (409, "stale")
    assert refused.json is not None
    yours, stored = refused.json["yours"], refused.json["stored"]
    assert (yours["facts"], stored["facts"], stored["rev"]) == ("Fakta operator", "Fakta petugas", 2)
    assert open_round.stage.state() == before


@pytest.mark.parametrize("evidence", [[], [exhibit(), exhibit(SECOND, "laporan.pdf")]])
def test_a_save_that_is_sent_again_after_a_lost_answer_changes_nothing(
    open_round: Round, evidence: list[dict[str, Any]]
) -> None:
    body = answer(1, evidence=evidence)
    open_round.put("clerk-a", ONE, body, 0)
    before = open_round.stage.state()
    assert open_round.put("clerk-a", ONE, body, 0)["rev"] == 1
    assert open_round.stage.state() == before


def test_a_save_says_which_version_it_changes(open_round: Round) -> None:
    before = open_round.stage.state()
    clerk = open_round.as_("clerk-a")
    assert problem(clerk.put(f"{ROOT}{ONE}", json=answer())) == (428, "precondition-needed")
    refused = clerk.put(f"{ROOT}{ONE}", json=answer(), headers={"If-Match": "*"})
    assert problem(refused) == (409, "stale")
    assert problem(open_round.put_raw("clerk-a", ONE, answer(), 1)) == (409, "stale")
    assert open_round.stage.state() == before


@pytest.mark.parametrize(("sent", "kept"), [(2.75, "2.75"), ("2.50", "2.50"), ("7/6", "7/6"), (3, "3")])
def test_a_value_is_kept_as_it_was_written(open_round: Round, sent: Any, kept: str) -> None:
    path = f"/self-assessments/{A}/answers/3"
    assert open_round.put("clerk-a", path, answer(sent), 0)["value"] == kept


BAD: list[tuple[dict[str, Any], str]] = [
    ({"value": 4}, "value-not-allowed"),
    ({"value": "2.5"}, "value-not-allowed"),
    ({"value": "two"}, "value-not-allowed"),
    ({"value": "1" * 60}, "invalid"),
    ({"value": True}, "invalid"),
    ({"value": None}, "invalid"),
    ({"value": [2]}, "invalid"),
    ({"facts": "x" * 20_001}, "invalid"),
    ({"analysis": "a\x00b"}, "invalid"),
    ({"facts": None}, "invalid"),
    ({"evidence": [{"sha256": "A" * 64, "name": "a.pdf"}]}, "invalid"),
    ({"evidence": [{"sha256": "a" * 64}]}, "invalid"),
    ({"evidence": [{"sha256": "a" * 64, "name": "a.pdf", "size": -1}]}, "invalid"),
    ({"evidence": [{"sha256": "a" * 64, "name": "a.pdf", "size": 0}]}, "invalid"),
    ({"evidence": [exhibit(), exhibit()]}, "evidence-twice"),
    ({"subject": ""}, "invalid"),
    ({"more": 1}, "invalid"),
]


def test_an_answer_that_is_not_allowed_is_refused_and_changes_nothing(open_round: Round) -> None:
    before = open_round.stage.state()
    for change, code in BAD:
        refused = open_round.put_raw("clerk-a", ONE, answer() | change, 0)
        assert problem(refused) == (422, code), change
        assert isinstance((refused.json or {}).get("errors", []), list), change
    other = open_round.put_raw("clerk-a", f"/self-assessments/{A}/answers/2", answer(subject="Layanan"), 0)
    assert problem(other) == (422, "no-subject")
    none = open_round.put_raw("clerk-a", f"/self-assessments/{A}/answers/99", answer(), 0)
    assert problem(none) == (422, "unknown-indicator")
    assert open_round.stage.state() == before


def test_another_agencys_self_assessment_is_not_there(open_round: Round) -> None:
    open_round.put("clerk-a", ONE, answer(), 0)
    before = open_round.stage.state()
    clerk = open_round.as_("clerk-b")
    first = {"If-Match": '"0"'}
    for theirs, nothing in (
        (f"/self-assessments/{A}", "/self-assessments/2026.nowhere"),
        (f"{ONE}/versions", "/self-assessments/2026.nowhere/answers/1/versions"),
    ):
        answers = [clerk.get(f"{ROOT}{path}") for path in (theirs, nothing)]
        assert [problem(refused) for refused in answers] == [(404, "not-found")] * 2
        assert len({(refused.json or {})["detail"] for refused in answers}) == 1
    answers = [
        clerk.put(f"{ROOT}{path}", json=answer(), headers=first)
        for path in (ONE, "/self-assessments/2026.nowhere/answers/1")
    ]
    assert [problem(refused) for refused in answers] == [(404, "not-found")] * 2
    assert open_round.stage.state() == before


def test_nothing_is_saved_before_the_cycle_opens_after_the_deadline_or_after_the_seal(play: Round) -> None:
    past = {"opens": "2021-01-01T00:00:00Z", "deadline": "2021-02-01T00:00:00Z"}
    play.load_edition()
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    play.put("minister", "/cycles/2026", cycle(), status=201)
    play.put("minister", f"/participations/{A}", {"activity": "monitoring", "visit": False}, status=201)
    assert problem(play.put_raw("clerk-a", ONE, answer(), 0)) == (409, "not-open-yet")
    play.put("minister", "/cycles/2026", cycle(**past), 1)
    play.post("minister", "/cycles/2026/open")
    before = play.stage.state()
    refused = play.put_raw("clerk-a", ONE, answer(), 0)
    assert problem(refused) == (409, "deadline-passed")
    assert "ministry can extend" in refused.text
    assert play.stage.state() == before
    more = {"deadline": DEADLINE.isoformat(), "reason": "Banjir"}
    play.post("minister", f"/participations/{A}/extension", more)
    play.answer_all(A)
    play.seal()
    assert problem(play.put_raw("clerk-a", ONE, answer(3), 1)) == (409, "already-sealed")


def test_uploads_are_taken_only_while_there_is_something_to_come(play: Round) -> None:
    play.load_edition()
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    play.put("minister", "/cycles/2026", cycle(), status=201)
    play.put("minister", f"/participations/{A}", {"activity": "monitoring", "visit": False}, status=201)
    assert problem(play.begin_upload("clerk-a")) == (409, "not-open-yet")
    play.put("minister", "/cycles/2026", cycle(deadline="2021-02-01T00:00:00Z"), 1)
    play.post("minister", "/cycles/2026/open")
    assert problem(play.begin_upload("clerk-a")) == (409, "uploads-closed")
    assert problem(play.begin_upload("clerk-b")) == (404, "not-found")
    assert problem(play.begin_upload("minister"))[0] == 403
    more = {"deadline": DEADLINE.isoformat(), "reason": "Banjir"}
    play.post("minister", f"/participations/{A}/extension", more)
    assert play.begin_upload("clerk-a").status_code == 201


@pytest.mark.parametrize(
    "name",
    ["../a.pdf", "a\\b.pdf", "a\tb.pdf", "<a>.pdf", 'a"b.pdf', "a\u200fb.pdf", "a\u061cb.pdf", ".a", " ", ""],
)
def test_evidence_is_named_as_the_door_of_uploads_would_take_it(open_round: Round, name: str) -> None:
    before = open_round.stage.state()
    body = answer(2, evidence=[exhibit(), exhibit(SECOND, name)])
    refused = open_round.put_raw("clerk-a", f"/self-assessments/{A}/answers/1", body, 0)
    assert problem(refused) == (422, "invalid")
    assert [error["pointer"] for error in (refused.json or {})["errors"]] == ["/evidence/1/name"]
    assert open_round.stage.state() == before


def test_a_name_is_kept_in_one_spelling(open_round: Round) -> None:
    body = answer(2, evidence=[exhibit(name=" Re\u0301sume\u0301.pdf")])
    saved = open_round.put("clerk-a", f"/self-assessments/{A}/answers/1", body, 0)
    assert [exhibit["name"] for exhibit in saved["evidence"]] == ["R\u00e9sum\u00e9.pdf"]


def with_files(play: Round, number: int) -> list[Any]:
    """An answer to indicator 2 that names so many files."""
    play.put("clerk-a", f"/self-assessments/{A}/answers/2", answer(), 0)
    named = [exhibit(str(n).encode(), "berkas.pdf") for n in range(number)]
    play.stage.db["answers"].update_one({"_id": f"{A}.2"}, {"$set": {"evidence": named}})
    return named


def test_no_more_files_are_named_in_all_than_a_seal_lists(open_round: Round) -> None:
    named, before = with_files(open_round, MOST_FILES - 1), open_round.stage.audited(f"answer:{A}.1")
    two = answer(evidence=[exhibit(), exhibit(SECOND, "laporan.pdf")])
    refused = open_round.as_("clerk-a").put(f"{ROOT}{ONE}", json=two, headers={"If-Match": '"0"'})
    assert problem(refused) == (422, "too-many-files")
    assert refused.json is not None
    assert (refused.json["limit"], refused.json["named"]) == (MOST_FILES, MOST_FILES + 1)
    assert open_round.stage.audited(f"answer:{A}.1") == before
    open_round.put("clerk-a", ONE, answer(evidence=[exhibit(), *named[:199]]), 0)
    open_round.put("clerk-a", ONE, two | {"evidence": [exhibit(SECOND, "laporan.pdf"), *named[:10]]}, 1)
    for code in CODES[2:]:
        open_round.put("clerk-a", f"/self-assessments/{A}/answers/{code}", answer(evidence=named[:3]), 0)
    order = open_round.order()
    assert len(order["manifest"]["files"]) == MOST_FILES
    order["manifest"]["answers"][1][
        "evidence"
    ] = []  # that answer has more of them than one can be saved with
    SealInput().load(order)


def test_what_names_too_many_files_already_may_name_fewer(open_round: Round) -> None:
    named = with_files(open_round, MOST_FILES + 50)
    open_round.put("clerk-a", ONE, answer(evidence=named[:3]), 0)
    more = answer(evidence=[*named[:3], exhibit()])
    refused = open_round.as_("clerk-a").put(f"{ROOT}{ONE}", json=more, headers={"If-Match": '"1"'})
    assert problem(refused) == (422, "too-many-files")
    two = f"/self-assessments/{A}/answers/2"
    open_round.put("clerk-a", two, answer(evidence=named[:150]), 1)
    open_round.put("clerk-a", ONE, more, 1)


def test_near_that_limit_saves_wait_for_each_other_and_far_from_it_they_do_not(open_round: Round) -> None:
    def head() -> int:
        row = open_round.stage.db["heads"].find_one({"_id": f"participation:{A}"}) or {"rev": 0}
        return int(row["rev"])

    named, before = with_files(open_round, 3), head()
    open_round.put("clerk-a", ONE, answer(evidence=[exhibit()]), 0)
    assert head() == before
    more = [exhibit(str(n).encode(), "berkas.pdf") for n in range(MOST_FILES // 2)]
    open_round.stage.db["answers"].update_one({"_id": f"{A}.2"}, {"$set": {"evidence": named + more[3:]}})
    open_round.put("clerk-a", ONE, answer(evidence=[exhibit(SECOND, "laporan.pdf")]), 1)
    assert head() == before + 1
