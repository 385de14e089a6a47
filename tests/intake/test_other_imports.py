"""Who takes part in a cycle, and people of agencies, from files: shown row by row, then set, all or none."""

import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.intake.schemas import tables
from shared.events.intake import MemberSet, ParticipationSet
from shared.web.tables import read_table
from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import A, Round, agency, cycle, good, problem
from tests.intake.tus import ROOT

ROLL, STAFF = "/imports/participations/2026", "/imports/people"
HEAD, PEOPLE = "agency,activity,visit,deadline\n", "subject;role;agency\n"
GONE = "2020-01-01T00:00:00Z"


@pytest.fixture
def planned(play: Round) -> Round:
    """A planned cycle, three agencies, one of which is over."""
    play.load_edition()
    play.put("minister", "/cycles/2026", cycle(), status=201)
    for name in ("kota-a", "kota-b", "kota-c"):
        play.put("minister", f"/agencies/{name}", agency(name), status=201)
    play.put("minister", "/agencies/kota-lama", agency("kota-lama", until=GONE), status=201)
    return play


def send(play: Round, place: str, text: str, who: str = "minister") -> TestResponse:
    answer: TestResponse = play.as_(who).post(f"{ROOT}{place}", data=text, content_type="text/csv")
    return answer


def preview(play: Round, place: str, text: str) -> Any:
    return good(send(play, place, text), 201)


def rows(play: Round, place: str, made: Any, query: str = "") -> Any:
    return play.get("minister", f"{place}/{made['token']}/rows{query}")["items"]


def faults(play: Round, place: str, made: Any) -> list[tuple[int, list[tuple[str, str]]]]:
    return [
        (row["line"], sorted((one["column"], one["code"]) for one in row["problems"]))
        for row in rows(play, place, made)
    ]


def apply(play: Round, place: str, made: Any) -> TestResponse:
    answer: TestResponse = play.as_("minister").post(f"{ROOT}{place}/{made['token']}/apply")
    return answer


def counts(**states: int) -> dict[str, int]:
    return {"new": 0, "changed": 0, "unchanged": 0, "wrong": 0, **states}


def test_agencies_are_entered_into_a_cycle_once(planned: Round) -> None:
    planned.put("minister", f"/participations/{A}", {"activity": "monitoring", "visit": False}, status=201)
    text = f"{HEAD}kota-a,evaluation,Ya,31 Desember 2099\nkota-b,monitoring,,\n"
    made = preview(planned, ROLL, text)
    assert made["counts"] == counts(new=1, changed=1)
    changed, new = rows(planned, ROLL, made)
    assert changed["changes"] == [
        {"field": "activity", "before": "monitoring", "after": "evaluation"},
        {"field": "visit", "before": False, "after": True},
        {"field": "deadline", "before": None, "after": "2099-12-31T16:59:59.000Z"},
    ]
    assert (new["state"], new["changes"]) == ("new", [])
    for _ in range(2):
        assert good(apply(planned, ROLL, made)) == {"set": 2, "unchanged": 0}
    assert planned.get("minister", f"/participations/{A}")["visit"] is True
    assert [event.agency for event in planned.stage.published(ParticipationSet)] == [
        "kota-a",
        "kota-a",
        "kota-b",
    ]
    assert preview(planned, ROLL, text)["counts"] == counts(unchanged=2)
    assert planned.get("minister", f"{ROLL}/{preview(planned, ROLL, text)['token']}")["result"] is None
    assert planned.stage.audited("import:participations.2026.p-minister")[:2] == [
        "import.previewed",
        "import.applied",
    ]


def test_a_row_that_cannot_take_part_keeps_everything_back(planned: Round) -> None:
    lines = (
        "kota-a,monitoring,tidak,",
        "kota-z,monitoring,,",
        "kota-lama,monitoring,,",
        "kota-c,pengamatan,,",
        "Kota B,,mungkin,besok",
        "kota-b,monitoring,ya,",
        "kota-a,monitoring,,",
    )
    made = preview(planned, ROLL, HEAD + "\n".join(lines))
    assert made["counts"] == counts(new=1, wrong=6)
    assert faults(planned, ROLL, made)[1:] == [
        (3, [("", "unknown-agency")]),
        (4, [("", "agency-over")]),
        (5, [("", "unknown-activity")]),
        (
            6,
            [
                ("activity", "empty-cell"),
                ("agency", "bad-cell"),
                ("deadline", "bad-cell"),
                ("visit", "bad-cell"),
            ],
        ),
        (7, [("", "no-visit")]),
        (8, [("", "row-twice")]),
    ]
    before = planned.stage.state()
    assert problem(apply(planned, ROLL, made)) == (409, "import-faulty")
    assert planned.stage.state() == before


def test_what_became_of_a_participation_beside_it_keeps_nothing_back(planned: Round) -> None:
    """Review works while officers import: only what the file sets has to be as it was shown."""
    for name in ("kota-a", "kota-b"):
        taking = {"activity": "monitoring", "visit": False}
        planned.put("minister", f"/participations/2026.{name}", taking, status=201)
    made = preview(planned, ROLL, f"{HEAD}kota-a,monitoring,,2099-01-01\nkota-b,monitoring,,\n")
    planned.stage.db["participations"].update_one(
        {"_id": A}, {"$set": {"rev": 7, "case": {"task": None, "outcome": None}}}
    )
    assert good(apply(planned, ROLL, made)) == {"set": 1, "unchanged": 1}
    made = preview(planned, ROLL, f"{HEAD}kota-a,monitoring,,2099-02-01\n")
    planned.put(
        "minister", f"/participations/{A}", {"activity": "evaluation", "visit": False}, rev=8, status=200
    )
    assert problem(apply(planned, ROLL, made)) == (409, "import-outdated")


def test_a_sealed_participation_stays_as_it_is(planned: Round) -> None:
    planned.post("minister", "/cycles/2026/open")
    planned.put("minister", f"/participations/{A}", {"activity": "monitoring", "visit": False}, status=201)
    planned.stage.db["participations"].update_one({"_id": A}, {"$set": {"submission": "s"}})
    made = preview(planned, ROLL, f"{HEAD}kota-a,evaluation,,\n")
    assert faults(planned, ROLL, made) == [(2, [("", "already-sealed")])]
    made = preview(planned, ROLL, f"{HEAD}kota-b,monitoring,,2150-01-01\n")
    assert faults(planned, ROLL, made) == [(2, [("", "extension-needed")])]
    assert problem(send(planned, "/imports/participations/1999", HEAD)) == (404, "not-found")


def test_people_get_roles_once(planned: Round) -> None:
    planned.stage.person("ani", "clerk", "kota-a")
    text = f"{PEOPLE}ani;clerk;kota-a\nani;officer;kota-b\nbaru;clerk;kota-b\nbaru;member;kota-a\n"
    made = preview(planned, STAFF, text)
    assert made["counts"] == counts(new=3, unchanged=1)
    assert planned.get("minister", f"{STAFF}/{made['token']}")["counts"] == made["counts"]
    for _ in range(2):
        assert good(apply(planned, STAFF, made)) == {"set": 3, "unchanged": 1}
    told = planned.stage.published(MemberSet)
    assert [(one.subject, [(grant.role, grant.agency) for grant in one.grants]) for one in told] == [
        ("ani", [("clerk", "kota-a"), ("officer", "kota-b")]),
        ("baru", [("clerk", "kota-b"), ("member", "kota-a")]),
    ]
    assert preview(planned, STAFF, text)["counts"] == counts(unchanged=4)
    assert planned.get("baru", "/participations")["items"] == []


def test_a_row_of_people_that_is_wrong_keeps_everything_back(planned: Round) -> None:
    lines = (
        "ani;clerk;kota-z",
        "ani;ministry;kota-a",
        "minister;clerk;kota-a",
        "a b;clerk;kota-a",
        "ani;clerk;kota-a",
        "ani;clerk;kota-a",
        ";;",
        ";clerk;kota-a",
    )
    made = preview(planned, STAFF, PEOPLE + "\n".join(lines))
    assert made["counts"] == counts(new=1, wrong=6)
    assert faults(planned, STAFF, made) == [
        (2, [("", "unknown-agency")]),
        (3, [("role", "bad-cell")]),
        (4, [("", "own-roles")]),
        (5, [("", "bad-subject")]),
        (6, []),
        (7, [("", "row-twice")]),
        (9, [("subject", "empty-cell")]),
    ]
    assert problem(apply(planned, STAFF, made)) == (409, "import-faulty")
    assert planned.stage.published(MemberSet) == []


def upload(officer: Forms, place: str, body: bytes) -> TestResponse:
    return officer.client.post(
        f"/intake{place}?csrf_token={officer.csrf}",
        data={"file": (io.BytesIO(body), "daftar.csv")},
        headers=PAGE,
    )


def click(officer: Forms, place: str) -> TestResponse:
    return officer.client.post(place, data={"csrf_token": officer.csrf}, headers=PAGE)


@pytest.mark.parametrize(
    ("place", "layout", "done"),
    [
        (ROLL, tables.PARTICIPATIONS, "/intake/cycles/2026/participations?set=1&unchanged=0"),
        (STAFF, tables.PEOPLE, "/intake/people?set=1&unchanged=0"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_may_be_sent_as_it_is(
    planned: Round, place: str, layout: Any, done: str, ending: str
) -> None:
    planned.put("minister", "/agencies/kota-contoh", agency("Kota Contoh"), status=201)
    officer = Forms(planned, "minister")
    assert officer.client.get(f"/intake{place}", headers=PAGE).status_code == 200
    template = officer.client.get(f"/intake{place}/template.{ending}", headers=PAGE)
    (line,) = read_table(template.data, layout).lines
    assert line.cells["agency"] == "kota-contoh"
    sent = upload(officer, place, template.data)
    assert "Simpan persis seperti ini" in officer.client.get(sent.location, headers=PAGE).text
    saved = click(officer, sent.location)
    assert (saved.status_code, saved.location) == (303, done)
    assert "1 disimpan, 0 tetap" in officer.client.get(saved.location, headers=PAGE).text


@pytest.mark.parametrize(
    ("place", "body", "says"),
    [
        (
            ROLL,
            f"{HEAD}kota-a,evaluatio,,\nkota-z,monitoring,mungkin,besok\n",
            ["maksudnya “evaluation”?", "visit “mungkin”", "deadline"],
        ),
        (ROLL, f"{HEAD}kota-z,monitoring,,\n", ["Instansi itu tidak ada"]),
        (STAFF, f"{PEOPLE}ani;clark;Kota\n", ["maksudnya “clerk”?", "agency “Kota”: Tulis kode instansi"]),
        (STAFF, f"{PEOPLE}{'a' * 301};clerk;kota-a\n", ["Tulis paling banyak 300 karakter"]),
    ],
)
def test_a_page_says_what_is_wrong_with_a_row(planned: Round, place: str, body: str, says: list[str]) -> None:
    officer = Forms(planned, "minister")
    text = officer.client.get(upload(officer, place, body.encode()).location, headers=PAGE).text
    assert [one for one in says if one not in text] == []
