"""Every door of intake: whom it refuses at once, and that refusing changes nothing."""

import flask
import pytest

from shared.auth import guard
from shared.core.people import AGENCY_ROLES, ROLES
from tests.intake.rounds import A, Round, problem
from tests.support.routes import Route, operation_pages, routes

MINISTRY = frozenset({"ministry"})
AGENCY = frozenset(AGENCY_ROLES)
INVITERS = frozenset({"ministry", "coordinator"})
EXPECTED = {
    "GET /agencies": {guard.ANYONE},
    "GET /agencies/<id>": {guard.ANYONE},
    "PUT /agencies/<id>": MINISTRY,
    "POST /agencies/import": MINISTRY,
    "POST /imports/agencies": MINISTRY,
    "GET /imports/agencies/<token>": MINISTRY,
    "GET /imports/agencies/<token>/rows": MINISTRY,
    "POST /imports/agencies/<token>/apply": MINISTRY,
    "POST /imports/participations/<cycle>": MINISTRY,
    "GET /imports/participations/<cycle>/<token>": MINISTRY,
    "GET /imports/participations/<cycle>/<token>/rows": MINISTRY,
    "POST /imports/participations/<cycle>/<token>/apply": MINISTRY,
    "POST /imports/people": MINISTRY,
    "GET /imports/people/<token>": MINISTRY,
    "GET /imports/people/<token>/rows": MINISTRY,
    "POST /imports/people/<token>/apply": MINISTRY,
    "POST /imports/external-indices": MINISTRY,
    "GET /imports/external-indices/<token>": MINISTRY,
    "GET /imports/external-indices/<token>/rows": MINISTRY,
    "POST /imports/external-indices/<token>/apply": MINISTRY,
    "GET /external-indices": MINISTRY,
    "GET /external-indices/<id>": MINISTRY,
    "GET /external-indices/<id>/versions": MINISTRY,
    "PUT /external-indices/<agency>/<source>/<year>": MINISTRY,
    "GET /cycles": {guard.ANYONE},
    "GET /cycles/<id>": {guard.ANYONE},
    "PUT /cycles/<id>": MINISTRY,
    "GET /cycles/<id>/agencies": MINISTRY,
    "GET /cycles/<id>/control": MINISTRY,
    "GET /cycles/<id>/counts": MINISTRY,
    "POST /cycles/<id>/open": MINISTRY,
    "GET /editions": {guard.ANYONE},
    "POST /editions": MINISTRY,
    "GET /editions/<id>": {guard.ANYONE},
    "POST /editions/<id>/publish": MINISTRY,
    "GET /evidence/<participation>": AGENCY,
    "DELETE /evidence/<participation>/<sha256>": AGENCY,
    "GET /evidence/<participation>/<sha256>": AGENCY,
    "POST /evidence/<participation>/<sha256>/take-back": AGENCY,
    "GET /linked/evidence": {guard.ANYONE},
    "GET /linked/find": {guard.ANYONE},
    "GET /linked/page": {guard.ANYONE},
    "GET /linked/words": {guard.ANYONE},
    "GET /participations": MINISTRY | AGENCY,
    "GET /participations/<id>": MINISTRY | AGENCY,
    "PUT /participations/<id>": MINISTRY,
    "POST /participations/<id>/extension": MINISTRY,
    "GET /participations/<id>/extensions": MINISTRY | AGENCY,
    "POST /participations/extensions": MINISTRY,
    "GET /people": MINISTRY,
    "GET /people/<id>": MINISTRY,
    "POST /people/<id>/confirm": MINISTRY,
    "PUT /people/<id>": MINISTRY,
    "GET /self-assessments/<participation>": MINISTRY | AGENCY,
    "PATCH /self-assessments/<participation>/answers": AGENCY,
    "PUT /self-assessments/<participation>/answers/<indicator>": AGENCY,
    "GET /self-assessments/<participation>/answers/<indicator>/versions": AGENCY,
    "GET /self-assessments/<participation>/answers/<indicator>/earlier": AGENCY,
    "GET /self-assessments/<participation>/acts": AGENCY,
    "GET /self-assessments/<participation>/team": AGENCY,
    "POST /upload-failures": AGENCY,
    "GET /self-assessments/<participation>/comments": AGENCY,
    "POST /self-assessments/<participation>/comments": AGENCY,
    "PATCH /self-assessments/<participation>/comments/<id>": AGENCY,
    "DELETE /self-assessments/<participation>/comments/<id>": AGENCY,
    "GET /self-assessments/<participation>/presence": AGENCY,
    "PUT /self-assessments/<participation>/presence": AGENCY,
    "PATCH /self-assessments/<participation>/ticks/<indicator>": AGENCY,
    "GET /self-assessments/<participation>/progress": AGENCY,
    "GET /self-assessments/<participation>/readiness": AGENCY,
    "GET /self-assessments/<participation>/clarifications": AGENCY,
    "GET /self-assessments/<participation>/clarifications/<id>": AGENCY,
    "PUT /self-assessments/<participation>/clarifications/<id>/answer": AGENCY,
    "POST /self-assessments/<participation>/clarifications/<id>/send": {"coordinator", "officer"},
    "POST /self-assessments/<participation>/seal": ("coordinator", "officer"),
    "GET /profile": {guard.ANYONE},
    "PUT /profile": {guard.ANYONE},
    "GET /profile/data": {guard.ANYONE},
    "GET /search": MINISTRY | AGENCY,
    "GET /submissions/<id>": MINISTRY | AGENCY,
    "GET /submissions/<id>/proof": MINISTRY | AGENCY,
    "GET /submissions/<id>/receipt": MINISTRY | AGENCY,
    "GET /uploads/<participation>": AGENCY,
    "GET /uploads/<participation>/<id>": AGENCY,
    "POST /uploads/<participation>": AGENCY,
    "PATCH /uploads/<participation>/<id>": AGENCY,
    "DELETE /uploads/<participation>/<id>": AGENCY,
    "GET /intake/token": {guard.ANYONE},
    "GET /invitations": INVITERS,
    "POST /invitations": INVITERS,
    "POST /invitations/<id>/revoke": INVITERS,
    "POST /invitations/accept": {guard.ANYONE},
    # pages
    "POST /intake/invitation": {guard.ANYONE},
    "GET /intake/agencies": MINISTRY,
    "GET /intake/agencies/<id>": MINISTRY,
    "GET /intake/agencies/<id>/change": MINISTRY,
    "POST /intake/agencies/<id>/change": MINISTRY,
    "GET /intake/new-agency": MINISTRY,
    "POST /intake/new-agency": MINISTRY,
    "GET /intake/imports/agencies": MINISTRY,
    "POST /intake/imports/agencies": MINISTRY,
    "GET /intake/imports/agencies/<token>": MINISTRY,
    "POST /intake/imports/agencies/<token>": MINISTRY,
    "GET /intake/imports/agencies/template.<ending>": MINISTRY,
    "GET /intake/imports/participations/<cycle>": MINISTRY,
    "POST /intake/imports/participations/<cycle>": MINISTRY,
    "GET /intake/imports/participations/<cycle>/<token>": MINISTRY,
    "POST /intake/imports/participations/<cycle>/<token>": MINISTRY,
    "GET /intake/imports/participations/<cycle>/template.<ending>": MINISTRY,
    "GET /intake/imports/people": MINISTRY,
    "POST /intake/imports/people": MINISTRY,
    "GET /intake/imports/people/<token>": MINISTRY,
    "POST /intake/imports/people/<token>": MINISTRY,
    "GET /intake/imports/people/template.<ending>": MINISTRY,
    "GET /intake/imports/external-indices": MINISTRY,
    "POST /intake/imports/external-indices": MINISTRY,
    "GET /intake/imports/external-indices/<token>": MINISTRY,
    "POST /intake/imports/external-indices/<token>": MINISTRY,
    "GET /intake/imports/external-indices/template.<ending>": MINISTRY,
    "GET /intake/external-indices": MINISTRY,
    "GET /intake/external-indices/<id>": MINISTRY,
    "GET /intake/external-indices/<id>/change": MINISTRY,
    "POST /intake/external-indices/<id>/change": MINISTRY,
    "GET /intake/new-external-index": MINISTRY,
    "POST /intake/new-external-index": MINISTRY,
    "GET /intake/cycles": MINISTRY,
    "GET /intake/cycles/<id>": MINISTRY,
    "POST /intake/cycles/<id>/open": MINISTRY,
    "GET /intake/cycles/<id>/change": MINISTRY,
    "POST /intake/cycles/<id>/change": MINISTRY,
    "GET /intake/new-cycle": MINISTRY,
    "POST /intake/new-cycle": MINISTRY,
    "GET /intake/new-edition": MINISTRY,
    "POST /intake/new-edition": MINISTRY,
    "POST /intake/editions/<id>/publish": MINISTRY,
    "GET /intake/cycles/<id>/control": MINISTRY,
    "GET /intake/cycles/<id>/participations": MINISTRY,
    "GET /intake/cycles/<id>/extension": MINISTRY,
    "POST /intake/cycles/<id>/extension": MINISTRY,
    "GET /intake/participations/<id>": MINISTRY,
    "GET /intake/editions": MINISTRY,
    "GET /intake/editions/<id>": MINISTRY,
    "GET /intake/editions/<id>/file": MINISTRY,
    "GET /intake/keys": MINISTRY,
    "POST /intake/keys/<kid>/revocation": MINISTRY,
    "POST /intake/keys/<kid>/confirmation": MINISTRY,
    "GET /intake/people": INVITERS,
    "POST /intake/people/invite": INVITERS,
    "POST /intake/people/invitations/<id>/revoke": INVITERS,
    "POST /intake/people/<id>/confirm": MINISTRY,
    "GET /intake/profile": {guard.ANYONE},
    "POST /intake/profile": {guard.ANYONE},
    "GET /intake/search": MINISTRY | AGENCY,
    "GET /intake/self-assessments/": AGENCY,
    "GET /intake/self-assessments/<participation>": AGENCY,
    "GET /intake/self-assessments/<participation>/indicators": AGENCY,
    "GET /intake/self-assessments/<participation>/indicators/<indicator>": AGENCY,
    "POST /intake/self-assessments/<participation>/indicators/<indicator>": AGENCY,
    "POST /intake/self-assessments/<participation>/indicators/<indicator>/comments": AGENCY,
    "POST /intake/self-assessments/<participation>/indicators/<indicator>/comments/<id>": AGENCY,
    "GET /intake/self-assessments/<participation>/indicators/<indicator>/files": AGENCY,
    "POST /intake/self-assessments/<participation>/indicators/<indicator>/files": AGENCY,
    "POST /intake/self-assessments/<participation>/indicators/<indicator>/files/again": AGENCY,
    "POST /intake/self-assessments/<participation>/indicators/<indicator>/files/<sha256>/remove": AGENCY,
    "GET /intake/self-assessments/<participation>/indicators/<indicator>/versions": AGENCY,
    "GET /intake/self-assessments/<participation>/questions": AGENCY,
    "GET /intake/self-assessments/<participation>/questions/<id>": AGENCY,
    "POST /intake/self-assessments/<participation>/questions/<id>": AGENCY,
    "GET /intake/self-assessments/<participation>/questions/<id>/files": AGENCY,
    "POST /intake/self-assessments/<participation>/questions/<id>/files": AGENCY,
    "POST /intake/self-assessments/<participation>/questions/<id>/files/<sha256>/remove": AGENCY,
    "GET /intake/self-assessments/<participation>/seal": AGENCY,
    "POST /intake/self-assessments/<participation>/seal": {"coordinator", "officer"},
    **{f"{method} {path}": MINISTRY for method, path in operation_pages("intake")},
}
ROOT = "/intake/api/v1"


def guarded(app: flask.Flask) -> list[Route]:
    """The routes that are not for the whole world."""
    return [route for route in routes(app) if guard.PUBLIC not in (route.audience or ())]


def test_every_door_is_for_those_whom_it_was_meant_for(play: Round) -> None:
    found = {
        f"{route.method} {route.path.removeprefix(ROOT)}": set(route.audience or ())
        for route in guarded(play.stage.app)
    }
    assert found == {name: set(who) for name, who in EXPECTED.items()}


def test_no_door_opens_without_a_token_or_to_another_role(open_round: Round) -> None:
    """The role is refused before anything of the request is read."""
    for role in ("assessor", *ROLES):
        open_round.stage.person(f"some-{role}", role, "kota-a" if role in AGENCY_ROLES else None)
    before = open_round.stage.state()
    tries = 0
    for route in guarded(open_round.stage.app):
        path = route.path.replace("<id>", A).replace("<participation>", A).replace("<indicator>", "1")
        path = path.replace("<sha256>", "0" * 64)
        tus = {"Tus-Resumable": "1.0.0"}
        answered = open_round.as_(None).open(path, method=route.method, headers=tus)
        assert problem(answered) == (401, "unauthenticated"), route
        audience = route.audience or frozenset()
        for role in set(ROLES) - audience if guard.ANYONE not in audience else ():
            answered = open_round.as_(f"some-{role}").open(path, method=route.method, headers=tus)
            assert problem(answered) == (403, "role-needed"), (route, role)
            tries += 1
    assert tries > 100
    assert open_round.stage.state() == before


@pytest.mark.parametrize("path", ["/editions", "/agencies", "/cycles", "/people", "/participations"])
def test_lists_refuse_pages_that_cannot_be(play: Round, path: str) -> None:
    for query in ("?limit=0", "?limit=201", "?limit=x", "?after=", "?after=x%00"):
        refused = play.as_("minister").get(f"{ROOT}{path}{query}")
        assert problem(refused)[0] in (400, 422), query


def test_the_api_describes_itself(play: Round) -> None:
    spec = play.as_(None).get(f"{ROOT}/openapi.json").json
    assert spec is not None
    seal = spec["paths"][f"{ROOT}/self-assessments/{{participation}}/seal"]["post"]
    keys = [key for key in seal["parameters"] if key["name"] == "Idempotency-Key"]
    assert [key["required"] for key in keys] == [True]
    assert set(spec["components"]["schemas"]["SealInput"]["properties"]) == {"manifest", "minutes", "consent"}
