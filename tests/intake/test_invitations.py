"""Invitations: who may make them, who takes them up, and once only; by the API and on pages."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from services.intake.app import service
from services.intake.domain import invitations
from services.intake.domain.invitations import InvitationOrder
from shared.core.errors import Invalid
from shared.core.ids import utcnow
from shared.events.intake import AppointmentAccepted, MemberSet
from shared.service import Service
from tests.support.signedin import cookies_of, session_of
from tests.support.stage import Stage

URL = "/intake/api/v1/invitations"
PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
AGENCY = {"name": "Kota A", "group": "Kota", "since": "2026-01-01T00:00:00Z"}


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    found = stage(service)
    for name, role, agency in (
        ("ministry", "ministry", None),
        ("ministry-2", "ministry", None),
        ("koord-a", "coordinator", "kota-a"),
        ("clerk-a", "clerk", "kota-a"),
    ):
        found.person(name, role, agency)
    for agency in ("kota-a", "kota-b"):
        assert found.as_("ministry").put(f"/intake/api/v1/agencies/{agency}", json=AGENCY).status_code == 201
    return found


def invite(intake: Stage, by: str = "koord-a", **changes: Any) -> TestResponse:
    body = {"role": "clerk", "agency": "kota-a", "note": "Ibu Sari", **changes}
    answer: TestResponse = intake.as_(by).post(URL, json=body)
    return answer


def token_of(answer: TestResponse) -> str:
    assert answer.json, answer.text
    assert answer.status_code == 201, answer.text
    return str(parse_qs(urlsplit(answer.json["link"]).query)["token"][0])


def accept(intake: Stage, token: str, who: str = "sari") -> TestResponse:
    answer: TestResponse = intake.as_(who).post(f"{URL}/accept", json={"token": token})
    return answer


def json_of(answer: TestResponse) -> Any:
    assert answer.json is not None, answer.text
    return answer.json


def code(answer: TestResponse) -> str:
    return f"{answer.status_code} {answer.json['code'] if answer.json else ''}"


def test_whoever_takes_an_invitation_up_has_its_role(intake: Stage) -> None:
    person = accept(intake, token_of(invite(intake))).json
    assert person
    assert [(grant["role"], grant["agency"]) for grant in person["grants"]] == [("clerk", "kota-a")]
    assert (person["subject"], person["issuer"]) == ("sari", intake.settings.oidc_issuer)
    (event,) = intake.published(MemberSet)
    assert event.person == person["id"]
    (listed,) = json_of(intake.as_("koord-a").get(URL))["items"]
    assert (listed["person"], listed["note"]) == (person["id"], "Ibu Sari")
    assert listed["used"]


def test_the_token_of_a_link_is_kept_nowhere(intake: Stage) -> None:
    token = token_of(invite(intake))
    for name in intake.db.list_collection_names():
        assert all(token not in str(row) for row in intake.db[name].find()), name
    assert token not in intake.as_("ministry").get(URL).text


def test_an_invitation_is_used_once(intake: Stage) -> None:
    token = token_of(invite(intake))
    assert accept(intake, token).status_code == 200
    for who in ("sari", "tono"):
        assert code(accept(intake, token, who)) == "409 invitation-used"


def test_of_many_who_take_it_up_at_once_one_gets_it(intake: Stage) -> None:
    token = token_of(invite(intake))
    names = [f"orang-{n}" for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda who: accept(intake, token, who).status_code, names))
    assert codes == [200] + [409] * 7
    assert len(intake.published(MemberSet)) == 1


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "../..", "$ne"])
def test_a_guessed_invitation_is_none(intake: Stage, token: str) -> None:
    assert code(accept(intake, token)) == "404 not-found"


def test_an_invitation_ends(intake: Stage) -> None:
    answer = invite(intake)
    token = token_of(answer)
    intake.db["invitations"].update_one({}, {"$set": {"until": utcnow() - timedelta(seconds=1)}})
    assert code(accept(intake, token)) == "409 invitation-over"


@pytest.mark.parametrize("days", [-1, 31])
def test_an_end_is_soon_and_still_to_come(intake: Stage, days: int) -> None:
    until = (utcnow() + timedelta(days=days)).isoformat()
    assert code(invite(intake, until=until)) == "422 bad-invitation"


def test_nobody_is_invited_for_a_role_that_no_person_holds() -> None:
    order = InvitationOrder("machine", "kota-a", "", None)
    with pytest.raises(Invalid, match="not as machine"):
        invitations.check_order(order, {"kota-a"}, utcnow())


def test_a_revoked_invitation_counts_no_more(intake: Stage) -> None:
    answer = invite(intake)
    token, id = token_of(answer), answer.json["invitation"]["id"] if answer.json else ""
    assert code(intake.as_("clerk-a").post(f"{URL}/{id}/revoke")) == "403 role-needed"
    intake.person("koord-b", "coordinator", "kota-b")
    assert code(intake.as_("koord-b").post(f"{URL}/{id}/revoke")) == "404 not-found"
    for _ in range(2):
        assert intake.as_("koord-a").post(f"{URL}/{id}/revoke").status_code == 200
    assert code(accept(intake, token)) == "409 invitation-revoked"
    assert json_of(intake.as_("koord-b").get(URL))["items"] == []


def test_what_was_used_cannot_be_revoked(intake: Stage) -> None:
    answer = invite(intake)
    id = answer.json["invitation"]["id"] if answer.json else ""
    accept(intake, token_of(answer))
    assert code(intake.as_("ministry").post(f"{URL}/{id}/revoke")) == "409 invitation-used"


@pytest.mark.parametrize(
    ("by", "role", "agency", "expected"),
    [
        ("koord-a", "clerk", "kota-b", "403 not-yours-to-give"),
        ("koord-a", "coordinator", "kota-a", "403 not-yours-to-give"),
        ("koord-a", "ministry", None, "403 not-yours-to-give"),
        ("clerk-a", "member", "kota-a", "403 role-needed"),
        ("stranger", "member", "kota-a", "403 role-needed"),
        ("ministry", "machine", None, "422 invalid"),
        ("koord-a", "assessor", None, "403 not-yours-to-give"),
        ("ministry", "assessor", "kota-a", "422 bad-invitation"),
        ("ministry", "ministry", "kota-a", "422 bad-invitation"),
        ("ministry", "clerk", None, "422 bad-invitation"),
        ("ministry", "clerk", "kota-x", "422 bad-invitation"),
    ],
)
def test_nobody_invites_for_what_they_may_not_give(
    intake: Stage, by: str, role: str, agency: str | None, expected: str
) -> None:
    assert code(invite(intake, by, role=role, agency=agency)) == expected
    assert intake.db["invitations"].count_documents({}) == 0


def test_nobody_gives_roles_to_themselves(intake: Stage) -> None:
    assert code(accept(intake, token_of(invite(intake)), "koord-a")) == "403 own-roles"


def test_an_invitation_of_somebody_who_lost_the_role_is_void(intake: Stage) -> None:
    token = token_of(invite(intake))
    intake.db["people"].update_one({"subject": "koord-a"}, {"$set": {"grants": []}})
    assert code(accept(intake, token)) == "409 invitation-void"


def test_an_officer_waits_for_a_second_one(intake: Stage) -> None:
    token = token_of(invite(intake, "ministry", role="ministry", agency=None))
    person = accept(intake, token, "baru").json
    assert person
    assert person["grants"] == []
    assert person["proposals"][0]["proposed_by"] == "p-ministry"
    place = f"/intake/api/v1/people/{person['id']}/confirm"
    headers = {"If-Match": '"1"'}
    assert code(intake.as_("ministry").post(place, headers=headers)) == "403 second-officer-needed"
    assert json_of(intake.as_("ministry-2").post(place, headers=headers))["grants"][0]["role"] == "ministry"


def test_whoever_accepts_to_be_an_assessor_is_known_and_review_is_told(intake: Stage) -> None:
    answer = invite(intake, "ministry", role="assessor", agency=None, employer_agency="kota-b")
    id = json_of(answer)["invitation"]["id"]
    assert json_of(answer)["invitation"]["employer_agency"] == "kota-b"
    person = json_of(accept(intake, token_of(answer)))
    assert (person["subject"], person["grants"], person["proposals"]) == ("sari", [], [])
    (event,) = intake.published(AppointmentAccepted)
    issuer = intake.settings.oidc_issuer
    assert (event.invitation, event.employer, event.name) == (id, "kota-b", "sari")
    assert (event.issuer, event.subject) == (issuer, "sari")
    assert (event.by, event.by_issuer, event.by_subject) == ("p-ministry", issuer, "ministry")
    (member,) = intake.published(MemberSet)
    assert (member.person, member.grants) == (person["id"], ())
    assert intake.audited(f"invitation:{id}") == ["invitation.made", "invitation.used"]
    assert code(accept(intake, token_of(answer), "tono")) == "409 invitation-used"


def test_a_role_of_intake_makes_no_assessor(intake: Stage) -> None:
    accept(intake, token_of(invite(intake)))
    assert intake.published(AppointmentAccepted) == []


def test_nobody_makes_themselves_an_assessor(intake: Stage) -> None:
    token = token_of(invite(intake, "ministry", role="assessor", agency=None))
    assert code(accept(intake, token, "ministry")) == "403 own-roles"
    assert intake.published(AppointmentAccepted) == []
    intake.db["people"].update_one({"subject": "ministry"}, {"$set": {"grants": []}})
    assert code(accept(intake, token)) == "409 invitation-void"


def test_the_employer_of_an_assessor_does_not_see_the_invitation(intake: Stage) -> None:
    answer = invite(intake, "ministry", role="assessor", agency=None, employer_agency="kota-a")
    id = json_of(answer)["invitation"]["id"]
    assert json_of(intake.as_("koord-a").get(URL))["items"] == []
    assert code(intake.as_("koord-a").post(f"{URL}/{id}/revoke")) == "404 not-found"


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "assessor", "agency": None, "employer_agency": "kota-x"},
        {"role": "clerk", "agency": "kota-a", "employer_agency": "kota-b"},
        {"role": "ministry", "agency": None, "employer_agency": "kota-b"},
    ],
)
def test_only_an_assessor_works_for_an_agency_that_exists(intake: Stage, changes: dict[str, Any]) -> None:
    assert code(invite(intake, "ministry", **changes)) == "422 bad-invitation"
    assert intake.db["invitations"].count_documents({}) == 0


class Browser:
    """Somebody's browser, signed in."""

    def __init__(self, intake: Stage, who: str | None, keys: Path) -> None:
        self.client = intake.app.test_client()
        cookies = cookies_of(session_of(intake.settings.oidc_issuer, who), keys) if who else {}
        for name, value in cookies.items():
            self.client.set_cookie(name, value)
        self.csrf = cookies.get("nilai-form", "")

    def get(self, path: str) -> str:
        return unescape(self.client.get(path, headers=PAGE).text)

    def post(self, path: str, **fields: str) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.csrf, **fields}, headers=PAGE)


def test_the_whole_way_on_pages(intake: Stage, key_folder: Path) -> None:
    officer, second = Browser(intake, "ministry", key_folder), Browser(intake, "ministry-2", key_folder)
    made = officer.post("/intake/people/invite", role="ministry", agency="", note="Bu Baru")
    link = re.search(r'value="(http[^"]+)"', made.text)
    assert link
    place = link[1].removeprefix(intake.settings.public_url)
    assert place not in officer.get("/intake/people")
    stranger = Browser(intake, None, key_folder)
    assert "Masuklah dahulu" in stranger.get(place)
    token = parse_qs(urlsplit(place).query)["token"][0]
    new = Browser(intake, "baru", key_folder)
    assert "Nama baru" in new.get(place)
    assert new.post("/intake/invitation", token=token).location == "/intake/"
    assert "sudah dipakai" in new.get(place)
    listed = second.get("/intake/people")
    assert "Nama baru" in listed
    found = re.search(
        r'action="(/intake/people/[^"]+/confirm)".*?name="rev" value="(\d+)"', listed, re.DOTALL
    )
    assert found
    assert not re.search(r"/confirm", officer.get("/intake/people"))
    assert second.post(found[1], rev=found[2]).location == "/intake/people"
    assert new.client.get("/intake/people", headers=PAGE).status_code == 200


def test_an_assessor_is_invited_on_pages(intake: Stage, key_folder: Path) -> None:
    officer, new = Browser(intake, "ministry", key_folder), Browser(intake, "baru", key_folder)
    chosen = r'value="assessor" checked'
    assert re.search(chosen, officer.get("/intake/people?role=assessor"))
    assert not re.search(chosen, officer.get("/intake/people?role=king"))
    made = officer.post("/intake/people/invite", role="assessor", agency="kota-b", note="Dosen")
    link = re.search(r'value="(http[^"]+)"', made.text)
    assert link
    assert "bekerja di Kota A" in officer.get("/intake/people")
    place = link[1].removeprefix(intake.settings.public_url)
    assert "Anda tidak menilai Kota A" in new.get(place)
    token = parse_qs(urlsplit(place).query)["token"][0]
    home = new.post("/intake/invitation", token=token).location
    assert "Anda sudah menerima penunjukan sebagai asesor" in new.get(home)
    (event,) = intake.published(AppointmentAccepted)
    assert (event.name, event.employer) == ("Nama baru", "kota-b")
    assert new.post("/intake/invitation", token=token).status_code == 409
    # Whoever begins elsewhere by a role is told of it all the same.
    clerk = Browser(intake, "clerk-a", key_folder)
    assert "sebagai asesor" in clerk.get(home)
    assert clerk.client.get("/intake/", headers=PAGE).location == "/intake/self-assessments/"


def test_a_coordinator_invites_and_revokes_on_a_page(intake: Stage, key_folder: Path) -> None:
    coordinator = Browser(intake, "koord-a", key_folder)
    page = coordinator.get("/intake/people")
    assert "kota-b" not in page
    assert "ministry" not in page
    coordinator.post("/intake/people/invite", role="clerk", agency="kota-a")
    found = re.search(
        r'action="(/intake/people/invitations/[^"]+/revoke)"', coordinator.get("/intake/people")
    )
    assert found
    assert coordinator.post(found[1]).location == "/intake/people"
    assert "dicabut" in coordinator.get("/intake/people")
    wrong = coordinator.post("/intake/people/invite", role="king")
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"revoked": utcnow()}, "Undangan ini dicabut"),
        ({"until": utcnow() - timedelta(1)}, "Masa berlakunya habis"),
        ({"_": 1}, "Masuklah dahulu"),
    ],
)
def test_a_link_says_why_it_does_not_count(
    intake: Stage, key_folder: Path, change: dict[str, Any], says: str
) -> None:
    token = token_of(invite(intake))
    intake.db["invitations"].update_one({}, {"$set": change})
    stranger = Browser(intake, None, key_folder)
    assert says in stranger.get(f"/intake/invitation?token={token}")
    assert "Apakah tautannya utuh" in stranger.get("/intake/invitation?token=guessed")


def test_a_form_of_another_site_invites_nobody(intake: Stage, key_folder: Path) -> None:
    officer = Browser(intake, "ministry", key_folder)
    fields = {"csrf_token": officer.csrf, "role": "ministry"}
    headers = PAGE | {"Sec-Fetch-Site": "cross-site"}
    assert officer.client.post("/intake/people/invite", data=fields, headers=headers).status_code == 403
    assert (
        officer.client.post("/intake/people/invite", data={"role": "ministry"}, headers=PAGE).status_code
        == 403
    )
    assert intake.db["invitations"].count_documents({}) == 0
