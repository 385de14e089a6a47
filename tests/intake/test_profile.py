"""One's profile: name, roles, zone and language; kept for each person, and for nobody else to see."""

from typing import Any

import pytest

from tests.intake.forms import PAGE, Forms
from tests.intake.rounds import A, Round, agency, answer, good, problem
from tests.intake.tus import ROOT

HERE = f"{ROOT}/profile"


def choose(play: Round, who: str, zone: str | None = None, language: str | None = None) -> Any:
    return play.as_(who).put(HERE, json={"zone": zone, "language": language})


def test_a_profile_says_who_one_is_and_what_one_may_do(open_round: Round) -> None:
    found = open_round.get("clerk-a", "/profile")
    assert (found["subject"], found["person"], found["zone"], found["language"]) == (
        "clerk-a",
        "p-clerk-a",
        None,
        None,
    )
    ((role, id, name),) = [(one["role"], one["agency"], one["agency_name"]) for one in found["roles"]]
    assert (role, id, name) == ("clerk", "kota-a", "kota-a")
    assert open_round.get("minister", "/profile")["roles"][0]["agency_name"] is None
    assert open_round.get("stranger", "/profile")["roles"] == []


def test_what_is_chosen_is_kept_for_oneself_alone(open_round: Round) -> None:
    chosen = good(choose(open_round, "clerk-a", "Asia/Jayapura", "en"))
    assert (chosen["zone"], chosen["language"]) == ("Asia/Jayapura", "en")
    assert open_round.get("clerk-a", "/profile") == chosen
    assert open_round.get("officer-a", "/profile")["zone"] is None
    before = open_round.stage.state()
    assert good(choose(open_round, "clerk-a", "Asia/Jayapura", "en")) == chosen
    assert open_round.stage.state() == before
    assert good(choose(open_round, "clerk-a"))["zone"] is None
    assert good(choose(open_round, "stranger", "Asia/Makassar"))["zone"] == "Asia/Makassar"


@pytest.mark.parametrize(
    "body",
    [
        {"zone": "Europe/London", "language": None},
        {"zone": "WIB", "language": None},
        {"zone": None, "language": "fr"},
        {"zone": {"$gt": ""}, "language": None},
        {"language": "id"},
        {},
    ],
)
def test_what_is_no_choice_is_refused(open_round: Round, body: dict[str, Any]) -> None:
    before = open_round.stage.state()
    assert problem(open_round.as_("clerk-a").put(HERE, json=body)) == (422, "invalid")
    assert open_round.stage.state() == before


def test_an_agency_has_a_zone_which_a_list_of_agencies_leaves_as_it_is(open_round: Round) -> None:
    wrong = open_round.put_raw("minister", "/agencies/kota-a", agency(zone="UTC"), 1)
    assert problem(wrong) == (422, "invalid")
    set_ = open_round.put("minister", "/agencies/kota-a", agency(zone="Asia/Makassar"), 1)
    assert set_["zone"] == "Asia/Makassar"
    assert open_round.get("clerk-a", "/profile")["agency_zone"] == "Asia/Makassar"
    csv = "id,name,group,since,until\nkota-a,Kota Baru,Kota,2001-01-01T00:00:00Z,\n"
    headers = {"Content-Type": "text/csv"}
    good(open_round.as_("minister").post(f"{ROOT}/agencies/import", data=csv, headers=headers))
    found = open_round.get("minister", "/agencies/kota-a")
    assert (found["name"], found["zone"]) == ("Kota Baru", "Asia/Makassar")


def test_ones_data_are_ones_own(open_round: Round) -> None:
    for who, indicator in (("clerk-a", "1"), ("officer-a", "2")):
        open_round.put(who, f"/self-assessments/{A}/answers/{indicator}", answer(1), 0)
        body = {"indicator": indicator, "text": f"Catatan {who}"}
        place = f"{ROOT}/self-assessments/{A}/comments"
        open_round.as_(who).post(place, json=body, headers={"Idempotency-Key": "k"})
    found = open_round.get("clerk-a", "/profile/data")
    assert found["profile"] == open_round.get("clerk-a", "/profile")
    (acts,) = found["acts"]
    assert (acts["participation"], [one["indicator"] for one in acts["answers"]]) == (A, ["1"])
    assert [one["text"] for one in acts["comments"]] == ["Catatan clerk-a"]
    assert "officer" not in str(found)
    assert open_round.get("clerk-b", "/profile/data")["acts"] == []


# the page


def page(play: Round, who: str, **fields: str) -> Any:
    forms = Forms(play, who)
    if not fields:
        return forms.client.get("/intake/profile", headers=PAGE)
    return forms.client.post("/intake/profile", data={"csrf_token": forms.csrf, **fields}, headers=PAGE)


def test_a_page_shows_and_saves_it_and_this_browser_follows_at_once(open_round: Round) -> None:
    shown = page(open_round, "clerk-a").text
    assert "Seperti instansi (WIB)" in shown
    assert "sejak" in shown
    answer = page(open_round, "clerk-a", zone="Asia/Makassar", language="en")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/intake/profile?saved")
    given = [one.partition(";")[0] for one in answer.headers.getlist("Set-Cookie")]
    assert given == ["zone=Asia/Makassar", "lang=en"]
    assert open_round.get("clerk-a", "/profile")["zone"] == "Asia/Makassar"
    assert page(open_round, "clerk-a", zone="Mars", language="").status_code == 400


def test_whoever_has_no_role_has_a_profile_too(open_round: Round) -> None:
    assert "Anda tidak punya peran di instansi atau kementerian." in page(open_round, "stranger").text
