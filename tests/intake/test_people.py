"""People: who may do what, published to all services, from the moment that it is so."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.intake.app import service
from services.intake.cli import grant, load_edition
from shared.events.intake import EditionPublished, MemberGrant, MemberSet
from tests.intake.rounds import SMALL, Round, agency, problem
from tests.intake.tus import ROOT
from tests.support.stage import LONG_AGO

SINCE = "2001-01-01T00:00:00Z"


def person(play: Round, subject: str = "ani", *grants: dict[str, Any]) -> dict[str, Any]:
    return {"issuer": play.stage.settings.oidc_issuer, "subject": subject, "grants": list(grants)}


def role(role: str, agency: str | None = None, **more: Any) -> dict[str, Any]:
    return {"role": role, "since": SINCE, **({"agency": agency} if agency else {}), **more}


@pytest.fixture
def known(play: Round) -> Round:
    """One agency is there."""
    play.put("minister", "/agencies/kota-a", agency(), status=201)
    return play


def test_a_person_may_do_what_was_granted_and_all_services_learn_it(known: Round) -> None:
    assert problem(known.as_("ani").get(f"{ROOT}/people")) == (403, "role-needed")
    body = person(known, "ani", role("machine"), role("clerk", "kota-a", until="2090-01-01T00:00:00Z"))
    made = known.put("minister", "/people/p-ani", body, status=201)
    assert made["rev"] == 1
    assert known.get("ani", "/participations")["items"] == []
    (event,) = known.stage.published(MemberSet)
    assert (event.person, event.subject) == ("p-ani", "ani")
    assert [(grant.role, grant.agency) for grant in event.grants] == [("machine", None), ("clerk", "kota-a")]
    assert known.stage.audited("person:p-ani") == ["member.set"]


def test_a_role_counts_only_in_its_time(known: Round) -> None:
    over = role("clerk", "kota-a", until="2002-01-01T00:00:00Z")
    known.put("minister", "/people/p-ani", person(known, "ani", over), status=201)
    assert problem(known.as_("ani").get(f"{ROOT}/participations")) == (403, "role-needed")
    later = role("clerk", "kota-a") | {"since": "2090-01-01T00:00:00Z"}
    known.put("minister", "/people/p-ani", person(known, "ani", later), 1)
    assert problem(known.as_("ani").get(f"{ROOT}/participations")) == (403, "role-needed")


def test_what_is_taken_away_is_gone_at_once(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani", role("clerk", "kota-a")), status=201)
    known.get("ani", "/participations")
    known.put("minister", "/people/p-ani", person(known, "ani"), 1)
    assert problem(known.as_("ani").get(f"{ROOT}/participations")) == (403, "role-needed")


def test_grants_that_no_role_allows_are_refused(known: Round) -> None:
    before = known.stage.state()
    bad = [
        role("assessor"),
        role("king"),
        role("clerk"),
        role("clerk", "nowhere"),
        role("ministry", "kota-a"),
        role("machine", until=SINCE),
    ]
    for refused_grant in bad:
        refused = known.put_raw(
            "minister", "/people/p-ani", person(known, "ani", role("machine"), refused_grant)
        )
        assert problem(refused) == (422, "bad-grants"), refused_grant
        assert refused.json is not None
        assert [each["pointer"] for each in refused.json["errors"]] == ["/grants/1"]
    assert known.stage.state() == before


@pytest.mark.parametrize("form", ["{}/", "{} ", "https://elsewhere.example", "HTTP{}", "nilai"])
def test_a_person_of_an_identity_provider_that_nobody_trusts_is_refused(known: Round, form: str) -> None:
    before, issuer = known.stage.state(), known.stage.settings.oidc_issuer
    said = form.replace("HTTP{}", issuer.replace("http", "HTTP", 1)).format(issuer)
    refused = known.put_raw("minister", "/people/p-ani", person(known, "ani") | {"issuer": said})
    assert problem(refused) == (422, "unknown-issuer")
    assert refused.json is not None
    assert issuer in refused.json["detail"]
    assert ("only by the slash at the end" in refused.json["detail"]) is (form == "{}/")
    assert [one["pointer"] for one in refused.json["errors"]] == ["/issuer"]
    assert known.stage.state() == before


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (" p1 ", "U+0020 SPACE"),
        ("p 1", "U+0020 SPACE"),
        ("p1\u00a0", "U+00A0 NO-BREAK SPACE"),
        ("p\u200b1", "U+200B ZERO WIDTH SPACE"),
        ("p1\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("p1\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
        ("\u2800p1", "U+2800 BRAILLE PATTERN BLANK"),
        ("p1\u3164", "U+3164 HANGUL FILLER"),
        ("👨\u200d👩", "U+200D ZERO WIDTH JOINER"),
    ],
    ids=ascii,
)
def test_a_subject_with_what_nobody_sees_is_refused(known: Round, subject: str, said: str) -> None:
    before = known.stage.state()
    refused = known.put_raw("minister", "/people/p-ani", person(known, subject))
    assert problem(refused) == (422, "bad-subject")
    assert refused.json is not None
    assert said in refused.json["detail"]
    assert [one["pointer"] for one in refused.json["errors"]] == ["/subject"]
    assert known.stage.state() == before


@pytest.mark.parametrize("subject", ["auth0|5f7c", "a.b@kota.go.id", "00u1-x_Y", "é", "--"])
def test_a_subject_may_be_whatever_can_be_seen(known: Round, subject: str) -> None:
    assert known.put("minister", "/people/p-ani", person(known, subject), status=201)["subject"] == subject


def test_an_id_that_audit_entries_use_for_the_command_line_is_refused(known: Round) -> None:
    before = known.stage.state()
    refused = known.put_raw("minister", "/people/operator", person(known))
    assert problem(refused) == (422, "reserved-id")
    assert known.stage.state() == before


def test_bad_people_are_refused(known: Round) -> None:
    before = known.stage.state()
    good = person(known, "ani", role("machine"))
    bad: list[dict[str, Any]] = [
        {"subject": ""},
        {"grants": None},
        {"grants": [{}]},
        {"issuer": 3},
        {"more": 1},
    ]
    for change in bad:
        assert problem(known.put_raw("minister", "/people/p-ani", good | change)) == (422, "invalid"), change
    assert problem(known.put_raw("minister", "/people/P.ANI", good)) == (422, "bad-id")
    assert known.stage.state() == before


def test_nobody_is_two_people(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani"), status=201)
    refused = known.put_raw("minister", "/people/p-ani-2", person(known, "ani"))
    assert problem(refused) == (409, "already-exists")
    assert "p-ani" in refused.text


def test_a_change_over_another_version_is_refused(known: Round) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani"), status=201)
    changed = person(known, "ani", role("machine", "kota-a"))
    assert problem(known.put_raw("minister", "/people/p-ani", changed)) == (428, "precondition-needed")
    assert problem(known.put_raw("minister", "/people/p-ani", changed, 7)) == (409, "stale")
    assert known.put("minister", "/people/p-ani", changed, 1)["grants"][0]["agency"] == "kota-a"


def test_people_are_listed_in_pages(known: Round) -> None:
    first = known.get("minister", "/people?limit=3")
    rest = known.get("minister", f"/people?limit=200&after={first['next']}")
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == sorted(set(ids))
    assert len(ids) == known.stage.state()["people"]
    assert problem(known.as_("minister").get(f"{ROOT}/people?after=xyz")) == (400, "bad-cursor")
    assert problem(known.as_("minister").get(f"{ROOT}/people/p-none")) == (404, "not-found")


# the command line


def command(
    play: Round, monkeypatch: pytest.MonkeyPatch, *arguments: str, mode: str = "test"
) -> tuple[int, str]:
    """Run an operator's command on the stage's own database, as its process would."""
    found = play.stage.settings
    for name, value in {
        "NILAI_MODE": mode,
        "MONGO_URI": found.mongo_uri,
        "MONGO_DATABASE": found.mongo_database,
        "NILAI_KEYS": str(found.keys),
        "OIDC_ISSUER": found.oidc_issuer,
    }.items():
        monkeypatch.setenv(name, value)
    by_name = {"grant": grant, "load-edition": load_edition}
    done = CliRunner().invoke(by_name[arguments[0]], arguments[1:], obj=service)
    return done.exit_code, done.output


def test_an_operator_makes_the_first_officer(play: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    play.stage.empty()
    issuer = play.stage.settings.oidc_issuer
    first = ("grant", "--issuer", issuer, "--subject", "ani", "--role", "ministry")
    code, said = command(play, monkeypatch, *first)
    assert (code, "is ministry" in said) == (0, True)
    assert play.get("ani", "/people?limit=1")
    (event,) = play.stage.published(MemberSet)
    before = play.stage.state()
    assert command(play, monkeypatch, *first) == (code, said)
    other = ("grant", "--issuer", f"{issuer}/", "--subject", "ani", "--role", "machine")
    assert command(play, monkeypatch, *other)[0] == 1
    assert play.stage.state() == before
    row = play.stage.db["audit"].find_one({"subject": f"person:{event.person}"})
    assert row is not None
    assert row["actor"] == "operator"


def test_an_operator_adds_a_role_to_somebody_known(known: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    known.put("minister", "/people/p-ani", person(known, "ani", role("machine")), status=201)
    issuer = known.stage.settings.oidc_issuer
    ani = ("grant", "--issuer", issuer, "--subject", "ani", "--role", "clerk")
    assert command(known, monkeypatch, *ani, "--agency", "kota-a") == (0, "p-ani is clerk for kota-a\n")
    event = known.stage.published(MemberSet)[-1]
    assert event.grants[0] == MemberGrant(
        role="machine", agency=None, since=LONG_AGO.replace(year=2001), until=None
    )
    assert [grant.role for grant in event.grants] == ["machine", "clerk"]


def test_an_operator_loads_and_publishes_an_edition(play: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = command(play, monkeypatch, "load-edition", "pemdi-8-2026", "--publish")
    assert (code, "published" in said) == (0, True)
    assert [event.edition for event in play.stage.published(EditionPublished)] == ["pemdi-8-2026"]
    path = "services/intake/instruments/spbe-5-2018.yaml"
    assert "draft" in command(play, monkeypatch, "load-edition", path)[1]
    code, said = command(play, monkeypatch, "load-edition", "nowhere")
    assert (code, "pemdi-8-2026" in said) == (1, True)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_edition_that_an_editor_of_windows_saved_is_loaded(
    play: Round, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "edition.yaml"
    path.write_text(SMALL, encoding)
    code, said = command(play, monkeypatch, "load-edition", str(path))
    assert (code, said.split()[-1]) == (0, "draft")
