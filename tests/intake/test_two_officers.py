"""Nobody makes officers alone, or gives themselves a role; and a role that was taken away still counts."""

import pytest
from werkzeug.test import TestResponse

from shared.core.ids import utcnow
from shared.events.intake import MemberSet
from tests.intake.rounds import Round, agency, good, problem
from tests.intake.test_people import command, person, role
from tests.intake.tus import ROOT


@pytest.fixture
def known(play: Round) -> Round:
    """One agency, and two officers more."""
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    for name in ("second", "third"):
        play.stage.person(name, "ministry")
    return play


def confirm(play: Round, who: str, rev: int | None, id: str = "p-ani") -> TestResponse:
    headers = {} if rev is None else {"If-Match": f'"{rev}"'}
    answer: TestResponse = play.as_(who).post(f"{ROOT}/people/{id}/confirm", headers=headers)
    return answer


def is_officer(play: Round, name: str = "ani") -> bool:
    return play.as_(name).get(f"{ROOT}/people").status_code == 200


# a second officer confirms


def test_an_officer_takes_effect_when_a_second_one_confirms(known: Round) -> None:
    body = person(known, "ani", role("ministry"), role("clerk", "kota-a"))
    made = known.put("minister", "/people/p-ani", body, status=201)
    assert [grant["role"] for grant in made["grants"]] == ["clerk"]
    (proposal,) = made["proposals"]
    assert (proposal["role"], proposal["agency"], proposal["proposed_by"]) == ("ministry", None, "p-minister")
    assert not is_officer(known)
    assert [grant.role for grant in known.stage.published(MemberSet)[-1].grants] == ["clerk"]
    assert [item["id"] for item in known.get("third", "/people?proposed=true")["items"]] == ["p-ani"]
    shown = good(confirm(known, "second", 1))
    assert (shown["proposals"], [grant["role"] for grant in shown["grants"]]) == ([], ["clerk", "ministry"])
    assert is_officer(known)
    assert [grant.role for grant in known.stage.published(MemberSet)[-1].grants] == ["clerk", "ministry"]
    assert known.stage.audited("person:p-ani") == ["member.set", "member.confirmed"]
    assert known.get("third", "/people?proposed=true")["items"] == []


def test_what_is_confirmed_again_or_set_again_changes_nothing(known: Round) -> None:
    body = person(known, "ani", role("ministry"))
    known.put("minister", "/people/p-ani", body, status=201)
    before = known.stage.state()
    (proposal,) = known.put("second", "/people/p-ani", body, status=201)["proposals"]
    assert proposal["proposed_by"] == "p-minister"
    assert known.stage.state() == before
    good(confirm(known, "second", 1))
    before = known.stage.state()
    assert good(confirm(known, "third", 1)) == good(confirm(known, "second", 2))
    assert known.put("minister", "/people/p-ani", body)["rev"] == 2
    assert known.stage.state() == before


@pytest.mark.parametrize(
    ("who", "code"),
    [("minister", "second-officer-needed"), ("ani", "role-needed"), ("clerk-a", "role-needed")],
)
def test_nobody_confirms_what_they_proposed(known: Round, who: str, code: str) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani", role("ministry")), status=201)
    before = known.stage.state()
    assert problem(confirm(known, who, 1)) == (403, code)
    assert known.stage.state() == before


def test_an_officer_confirms_the_version_that_they_saw(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani", role("ministry")), status=201)
    known.put("minister", "/people/p-ani", person(known, "mallory", role("ministry")), 1)
    assert problem(confirm(known, "second", 1)) == (409, "stale")
    assert problem(confirm(known, "second", None)) == (428, "precondition-needed")
    any_version = known.as_("second").post(f"{ROOT}/people/p-ani/confirm", headers={"If-Match": "*"})
    assert problem(any_version) == (428, "precondition-needed")
    assert problem(confirm(known, "second", 1, "p-nobody")) == (404, "not-found")
    assert not is_officer(known, "mallory")


def test_an_officers_record_never_means_somebody_else(known: Round) -> None:
    before = known.stage.state()
    later = role("ministry") | {"since": "2091-01-01T00:00:00Z"}
    for grants in ((role("ministry"),), (later,), (role("clerk", "kota-a"),), ()):
        refused = known.put_raw("minister", "/people/p-second", person(known, "mallory", *grants), 1)
        assert problem(refused) == (409, "officer-identity")
        assert refused.json is not None
        assert "take the role away first" in refused.json["detail"]
    assert known.stage.state() == before
    assert is_officer(known, "second")
    known.put("minister", "/people/p-second", person(known, "second"), 1)
    known.put("minister", "/people/p-second", person(known, "mallory", role("ministry")), 2)
    assert not is_officer(known, "mallory")


def test_the_audit_trail_tells_who_a_person_was_made(known: Round) -> None:
    issuer = known.stage.settings.oidc_issuer
    known.put("minister", "/people/p-ani", person(known, "ani", role("coordinator", "kota-a")), status=201)
    known.put("minister", "/people/p-ani", person(known, "mallory", role("coordinator", "kota-a")), 1)
    known.put("minister", "/people/p-ani", person(known, "mallory", role("clerk", "kota-a")), 2)
    rows = known.stage.db["audit"].find({"subject": "person:p-ani"}).sort("seq", 1)
    told = [{key: row["detail"].get(key) for key in ("issuer", "subject", "was_subject")} for row in rows]
    assert told == [
        {"issuer": issuer, "subject": "ani", "was_subject": None},
        {"issuer": issuer, "subject": "mallory", "was_subject": "ani"},
        dict.fromkeys(("issuer", "subject", "was_subject")),
    ]


def test_more_of_the_ministry_waits_and_less_of_it_does_not(known: Round) -> None:
    short = role("ministry", until="2090-01-01T00:00:00Z")
    known.put("minister", "/people/p-ani", person(known, "ani", short), status=201)
    good(confirm(known, "second", 1))
    longer = role("ministry", until="2091-01-01T00:00:00Z")
    made = known.put("minister", "/people/p-ani", person(known, "ani", longer), 2)
    assert [grant["until"][:4] for grant in made["grants"]] == ["2090"]
    assert [grant["until"][:4] for grant in made["proposals"]] == ["2091"]
    assert is_officer(known)
    made = good(confirm(known, "third", 3))
    assert [grant["until"][:4] for grant in made["grants"]] == ["2091"]
    made = known.put("minister", "/people/p-ani", person(known, "ani", short), 4)
    assert ([grant["until"][:4] for grant in made["grants"]], made["proposals"]) == (["2090"], [])
    assert known.put("minister", "/people/p-ani", person(known, "ani"), 5)["grants"] == []


def test_of_two_proposals_each_officer_confirms_the_others(known: Round) -> None:
    first = role("ministry", until="2090-01-01T00:00:00Z")
    later = role("ministry") | {"since": "2091-01-01T00:00:00Z"}
    known.put("minister", "/people/p-ani", person(known, "ani", first), status=201)
    known.put("second", "/people/p-ani", person(known, "ani", first, later), 1)
    made = good(confirm(known, "second", 2))
    assert [grant["until"][:4] for grant in made["grants"]] == ["2090"]
    assert [grant["proposed_by"] for grant in made["proposals"]] == ["p-second"]
    assert len(good(confirm(known, "minister", 3))["grants"]) == 2


# nobody to themselves


def test_nobody_changes_what_they_may_do_themselves(known: Round) -> None:
    grants = known.get("second", "/people/p-minister")["grants"]
    before = known.stage.state()
    refused = [
        known.put_raw("minister", path, person(known, subject, *given), rev)
        for path, subject, given, rev in (
            ("/people/p-minister", "minister", [*grants, role("clerk", "kota-a")], 1),
            ("/people/p-minister", "minister", [*grants, role("clerk", "kota-a")], None),
            ("/people/p-minister", "minister-2", grants, 1),
            ("/people/p-another", "minister", [role("machine")], None),
            ("/people/p-second", "minister", [role("machine")], 1),
        )
    ]
    assert [problem(each) for each in refused] == [(403, "own-roles")] * 5
    assert known.stage.state() == before
    same = known.put("minister", "/people/p-minister", person(known, "minister", *grants), status=201)
    assert same["rev"] == 1


def test_nobody_confirms_what_they_may_do_themselves(known: Round) -> None:
    more = role("ministry") | {"since": "1999-01-01T00:00:00Z"}
    known.put("minister", "/people/p-second", person(known, "second", role("ministry"), more), 1)
    assert problem(confirm(known, "second", 2, "p-second")) == (403, "own-roles")


# the command line


def test_a_second_officer_of_an_operator_waits_for_the_first(
    known: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = known.stage.settings.oidc_issuer
    second = ("grant", "--issuer", issuer, "--subject", "ani", "--role", "ministry")
    code, said = command(known, monkeypatch, *second, mode="production")
    id = said.partition(" ")[0]
    assert (code, f"POST /intake/api/v1/people/{id}/confirm" in said) == (0, True)
    before = known.stage.state()
    assert command(known, monkeypatch, *second, mode="production") == (0, said)
    assert known.stage.state() == before
    assert not is_officer(known)
    good(confirm(known, "minister", 1, id))
    assert is_officer(known)
    assert command(known, monkeypatch, *second, mode="production") == (0, f"{id} is ministry\n")


def test_a_proposed_officer_is_one_when_no_other_is_left_or_outside_of_production(
    known: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ani", "budi"):
        known.put("minister", f"/people/p-{name}", person(known, name, role("ministry")), status=201)
    who = ("grant", "--issuer", known.stage.settings.oidc_issuer, "--role", "ministry", "--subject")
    code, said = command(known, monkeypatch, *who, "ani", mode="local")
    assert (code, said.splitlines()) == (
        0,
        [
            "p-ani is ministry",
            "Mode local confirms its officers itself; in production a second officer does.",
        ],
    )
    assert is_officer(known)
    known.stage.db["people"].update_many({}, {"$set": {"grants": []}})
    assert command(known, monkeypatch, *who, "budi", mode="production") == (0, "p-budi is ministry\n")
    assert is_officer(known, "budi")


# what was held still counts


def test_a_role_that_is_taken_away_is_remembered_and_told(known: Round) -> None:
    never = role("member", "kota-a") | {"since": "2090-01-01T00:00:00Z"}
    grants = (role("clerk", "kota-a"), role("machine"), never)
    known.put("minister", "/people/p-ani", person(known, "ani", *grants), status=201)
    (shown,) = known.put("minister", "/people/p-ani", person(known, "ani"), 1)["past"]
    (event,) = known.stage.published(MemberSet)[-1].past
    assert (shown["role"], shown["agency"], shown["subject"]) == ("clerk", "kota-a", "ani")
    assert (event.role, event.agency, event.subject, event.since.year) == ("clerk", "kota-a", "ani", 2001)
    assert event.until <= utcnow()


def test_what_somebody_held_under_another_name_is_remembered_under_that(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani", role("clerk", "kota-a")), status=201)
    made = known.put("minister", "/people/p-ani", person(known, "bu-ani", role("clerk", "kota-a")), 1)
    assert [(each["subject"], each["role"]) for each in made["past"]] == [("ani", "clerk")]


def test_history_is_not_rewritten_by_an_end_in_the_past(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani", role("clerk", "kota-a")), status=201)
    never = role("clerk", "kota-a", until="2001-01-02T00:00:00Z")
    made = known.put("minister", "/people/p-ani", person(known, "ani", never), 1)
    assert [each["until"][:4] for each in made["past"]] == [str(utcnow().year)]


def test_a_role_taken_away_again_and_again_stays_one_row(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani"), status=201)
    for rev in (1, 3, 5):
        known.put("minister", "/people/p-ani", person(known, "ani", role("clerk", "kota-a")), rev)
        made = known.put("minister", "/people/p-ani", person(known, "ani"), rev + 1)
        assert len(made["past"]) == 1
