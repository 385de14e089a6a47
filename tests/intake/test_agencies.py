"""Agencies: set one by one over known versions, or many together, all or none."""

from typing import Any

import pytest

from shared.events.intake import AgencySet
from tests.intake.rounds import Round, agency, good, problem
from tests.intake.tus import ROOT

URL = f"{ROOT}/agencies"
HEAD = "id,name,group,since,until\n"
SINCE = "2001-01-01T00:00:00Z"


def test_an_agency_is_made_changed_over_its_version_and_published(play: Round) -> None:
    first = play.as_("minister").put(f"{URL}/kota-a", json=agency())
    assert (good(first, 201)["rev"], first.headers["ETag"]) == (1, '"1"')
    changed = play.put("minister", "/agencies/kota-a", agency("Kota A Baru"), 1)
    assert (changed["rev"], changed["name"]) == (2, "Kota A Baru")
    assert [(event.agency, event.name) for event in play.stage.published(AgencySet)] == [
        ("kota-a", "Kota A"),
        ("kota-a", "Kota A Baru"),
    ]
    assert play.stage.audited("agency:kota-a") == ["agency.set", "agency.set"]
    assert play.as_("stranger").get(f"{URL}/kota-a").headers["ETag"] == '"2"'


def test_an_equal_put_changes_nothing(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    before = play.stage.state()
    assert play.put("minister", "/agencies/kota-a", agency(), status=201)["rev"] == 1
    assert play.stage.state() == before


def test_a_change_over_another_version_carries_both(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    changed = play.put("minister", "/agencies/kota-a", agency("Kedua"), 1)
    before = play.stage.state()
    refused = play.put_raw("minister", "/agencies/kota-a", agency("Ketiga"), 1)
    assert problem(refused) == (409, "stale")
    assert refused.json is not None
    assert (refused.json["yours"]["name"], refused.json["stored"]["name"]) == ("Ketiga", "Kedua")
    assert refused.json["stored"]["rev"] == 2
    assert refused.json["stored"]["since"] == changed["since"]
    assert problem(play.put_raw("minister", "/agencies/kota-a", agency("Ketiga"))) == (
        428,
        "precondition-needed",
    )
    assert problem(play.put_raw("minister", "/agencies/kota-new", agency(), 3)) == (409, "stale")
    assert play.stage.state() == before


@pytest.mark.parametrize(
    ("header", "status"), [('W/"1"', 200), ('"9", "1"', 200), ("*", 200), ('W/"2"', 409), ('"2", "3"', 409)]
)
def test_a_change_names_its_version_as_proxies_and_lists_do(play: Round, header: str, status: int) -> None:
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    before = play.stage.state()
    minister = play.as_("minister")
    answer = minister.put(f"{URL}/kota-a", json=agency("Kedua"), headers={"If-Match": header})
    assert answer.status_code == status
    assert (play.stage.state() == before) is (status == 409)


@pytest.mark.parametrize("header", [{"If-Match": "*"}, {"If-Match": '"1", "2"'}])
def test_a_version_of_what_does_not_exist_is_none(play: Round, header: dict[str, str]) -> None:
    before = play.stage.state()
    refused = play.as_("minister").put(f"{URL}/kota-a", json=agency(), headers=header)
    assert problem(refused) == (409, "stale")
    assert play.stage.state() == before


def test_an_agency_is_made_only_where_there_is_none(play: Round) -> None:
    minister, new = play.as_("minister"), {"If-None-Match": "*"}
    assert good(minister.put(f"{URL}/kota-a", json=agency(), headers=new), 201)
    assert problem(minister.put(f"{URL}/kota-a", json=agency("Kedua"), headers=new)) == (409, "stale")


def test_an_agency_that_is_known_already_is_not_sent_again(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    who = play.as_("minister")
    assert who.get(f"{URL}/kota-a", headers={"If-None-Match": 'W/"1"'}).status_code == 304
    play.put("minister", "/agencies/kota-a", agency("Kedua"), 1)
    assert who.get(f"{URL}/kota-a", headers={"If-None-Match": 'W/"1"'}).status_code == 200


BAD: list[dict[str, Any]] = [
    {"group": "Desa"},
    {"name": ""},
    {"name": " "},
    {"name": "a\nb"},
    {"name": "\u200b\u200b"},
    {"name": "\u2800"},
    {"name": "Kota\u00ad A"},
    {"name": "Kota\u200b A"},
    {"name": "Kota\u2067 A"},
    {"name": "Kota\ufe0f A"},
    {"name": "Kota\U000e0041 A"},
    {"name": "…"},
    {"name": "x" * 301},
    {"since": "2001-01-01"},
    {"since": "2001-01-01T00:00:00"},
    {"since": None},
    {"until": "2000-01-01T00:00:00Z"},
    {"until": SINCE},
    {"more": 1},
]


def test_a_bad_agency_is_refused_and_changes_nothing(play: Round) -> None:
    before = play.stage.state()
    for change in BAD:
        refused = play.put_raw("minister", "/agencies/kota-a", agency(**change))
        assert problem(refused)[0] == 422, change
    for id in ("Kota-A", "-a", "a", "x" * 64, "kota.a"):
        assert problem(play.put_raw("minister", f"/agencies/{id}", agency())) == (422, "bad-id"), id
    assert problem(play.as_("minister").put(f"{URL}/kota-a", data="{"))[0] in (400, 415)
    assert play.stage.state() == before


@pytest.mark.parametrize(
    "since",
    ["2001-01-01", "2001-01-01T00:00:00", "01/01/2001", "2001-W01-1T00:00:00Z", "20010101T000000Z"],
)
def test_who_sends_a_moment_amiss_is_shown_one(play: Round, since: str) -> None:
    refused = play.put_raw("minister", "/agencies/kota-a", agency(since=since))
    assert refused.json is not None
    assert [(error["pointer"], error["detail"]) for error in refused.json["errors"]] == [
        ("/since", "Must be a moment with its zone, like 2026-01-31T23:59:59Z.")
    ]


def send(play: Round, text: str | bytes, who: str = "minister", kind: str = "text/csv") -> Any:
    return play.as_(who).post(f"{URL}/import", data=text, content_type=kind)


def test_many_agencies_are_set_together(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency("Kota A"), status=201)
    lines = [
        f"kota-a,Kota A,Kota,{SINCE},",
        f'kota-b,"Kota B, baru",Kota,{SINCE},2030-01-01T00:00:00Z',
        "",
        f"prov-c,Provinsi C,Provinsi,{SINCE},",
    ]
    text = ("\ufeff" + HEAD + "\r\n".join(lines)).encode()
    assert good(send(play, text)) == {"set": 2, "unchanged": 1}
    assert good(send(play, text, kind="text/csv; charset=utf-8")) == {"set": 0, "unchanged": 3}
    assert play.get("minister", "/agencies/kota-b")["name"] == "Kota B, baru"
    assert [event.agency for event in play.stage.published(AgencySet)] == ["kota-a", "kota-b", "prov-c"]


def test_an_import_may_change_what_is_there(play: Round) -> None:
    play.put("minister", "/agencies/kota-a", agency("Kota A"), status=201)
    assert good(send(play, f"{HEAD}kota-a,Nama Baru,Kota,{SINCE},")) == {"set": 1, "unchanged": 0}
    assert play.get("minister", "/agencies/kota-a")["rev"] == 2


def test_every_wrong_line_of_an_import_is_named_and_nothing_is_set(play: Round) -> None:
    before = play.stage.state()
    lines = [
        f"kota-a,Kota A,Kota,{SINCE},",
        f"Kota-B,Kota B,Kota,{SINCE},",
        f"kota-c,,Desa,{SINCE},",
        "kota-d,Kota D,Kota",
        f"kota-a,Kota A lagi,Kota,{SINCE},",
        f"kota-e,Kota E,Kota,{SINCE},{SINCE}",
        "kota-f,Kota F,Kota,kemarin,",
    ]
    refused = send(play, HEAD + "\n".join(lines))
    assert problem(refused) == (422, "bad-lines")
    assert sorted({error["line"] for error in refused.json["errors"]}) == [3, 4, 5, 6, 7, 8]
    assert sorted(error["column"] for error in refused.json["errors"] if error["line"] == 4) == [
        "group",
        "name",
    ]
    assert play.stage.state() == before


@pytest.mark.parametrize(
    "text", ["", "id,name\na,b", "\x00", b"\xff\xfe", f'{HEAD}"kota-a', "id,id,id,id,id\n"]
)
def test_what_is_no_such_csv_is_refused(play: Round, text: str | bytes) -> None:
    before = play.stage.state()
    assert problem(send(play, text))[0] == 422
    assert play.stage.state() == before


def test_an_import_must_be_csv_and_not_too_long(play: Round) -> None:
    assert problem(send(play, "{}", kind="application/json"))[0] == 415
    many = HEAD + "".join(f"kota-{n},Kota,Kota,{SINCE},\n" for n in range(2001))
    assert problem(send(play, many)) == (422, "too-many-lines")


def test_the_whole_country_is_set_in_one_go(play: Round) -> None:
    many = HEAD + "".join(f"kota-{n},Kota {n},Kota,{SINCE},\n" for n in range(2000))
    assert good(send(play, many)) == {"set": 2000, "unchanged": 0}
    assert len(play.get("stranger", "/agencies?limit=200")["items"]) == 200


@pytest.mark.parametrize("id", ["ministry", "public", "anyone", "nilai", "clerk", "machine"])
def test_an_agency_that_is_called_like_somebody_else_is_refused(play: Round, id: str) -> None:
    before = play.stage.state()
    assert problem(play.put_raw("minister", f"/agencies/{id}", agency())) == (422, "reserved-id")
    line = f"{id},Kota A,Kota,{SINCE},\n"
    refused = play.as_("minister").post(f"{URL}/import", data=HEAD + line, content_type="text/csv")
    assert problem(refused) == (422, "bad-lines")
    assert play.stage.state() == before
