"""Signing in over the real local issuer, going on, signing out; and everybody who tries to get in otherwise."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.app import service
from services.review.app import service as review
from shared.core.ids import utcnow
from shared.events import contract_of
from shared.events.intake import MemberSet, SessionEnded
from shared.replicas.members import find_names
from shared.service import Service
from tests.support.signedin import cookies_of, session_of
from tests.support.stage import Stage

PAGE = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Site": "same-origin"}
RENEW = "/intake/api/v1/session/renew"


@dataclass
class Browser:
    """A browser at intake, with its cookies."""

    client: FlaskClient
    issuer: str

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=PAGE)

    def post(self, path: str, **fields: str) -> TestResponse:
        return self.client.post(path, headers=PAGE, data=fields)

    def begin(self, path: str = "/intake/sign-in") -> dict[str, str]:
        """Go to the login page; gives what it is asked for."""
        answer = self.get(path)
        assert answer.status_code == 303, answer.text
        assert answer.location.startswith(f"{self.issuer}/authorize?")
        return dict(parse_qsl(urlsplit(answer.location).query))

    def login(self, asked: dict[str, str], name: str) -> str:
        """Log in there; gives the path to which it leads back."""
        answer = requests.post(
            f"{self.issuer}/authorize", {**asked, "as": name}, allow_redirects=False, timeout=5
        )
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, name: str, next: str = "/intake/") -> TestResponse:
        answer = self.get(self.login(self.begin(f"/intake/sign-in?next={quote(next)}"), name))
        assert (answer.status_code, answer.location) == (303, next), answer.text
        return answer

    def cookie(self, name: str) -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def csrf(self) -> str:
        return self.cookie("nilai-form")


@pytest.fixture
def intake(stage: Callable[[Service], Stage]) -> Stage:
    return stage(service)


@pytest.fixture
def browser(intake: Stage) -> Callable[[], Browser]:
    return lambda: Browser(intake.app.test_client(), intake.settings.oidc_issuer)


Open = Callable[[], Browser]


def said(answer: TestResponse) -> str:
    """The problem or the heading of a page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text)
    return f"{answer.status_code} {found[1] if found else answer.text[:200]}"


def test_somebody_signs_in_and_is_led_to_where_they_wanted(browser: Open) -> None:
    one = browser()
    answer = one.sign_in("koordinator-kota-denpasar", "/review/api/v1/tasks?x=1")
    kept = answer.headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie for cookie in kept)
    assert "Koordinator Kota Denpasar" in one.get("/intake/").text
    assert not [cookie for cookie in one.client._cookies or () if "signing-in" in str(cookie)]


def test_who_has_no_role_reads_why_and_whom_to_ask(browser: Open) -> None:
    one = browser()
    one.sign_in("budi")
    page = one.get("/intake/").text
    assert "belum ada yang memberi Anda peran" in page
    assert "<code>budi</code>" in page
    assert "nobody has given you a role" in one.client.get("/intake/?lang=en", headers=PAGE).text


def test_the_api_takes_the_session_with_its_csrf_token(browser: Open, intake: Stage) -> None:
    intake.person("ministry", "ministry")
    one = browser()
    one.sign_in("ministry")
    body = {"name": "Kota Contoh", "group": "Kota", "since": "2026-01-01T00:00:00Z"}
    assert one.client.put("/intake/api/v1/agencies/kota", json=body).status_code == 403
    headers = {"X-CSRF-Token": one.csrf(), "Sec-Fetch-Site": "same-origin"}
    assert one.client.put("/intake/api/v1/agencies/kota", json=body, headers=headers).status_code == 201
    assert one.client.get("/intake/api/v1/people").status_code == 200


def test_a_stranger_sees_the_way_in(browser: Open) -> None:
    assert 'href="/intake/sign-in"' in browser().get("/intake/").text


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "/evil"])
def test_nobody_is_led_elsewhere_after_signing_in(browser: Open, next: str) -> None:
    one = browser()
    back = one.login(one.begin(f"/intake/sign-in?next={quote(next, safe='')}"), "budi")
    assert one.get(back).location == "/intake/"


def test_an_answer_counts_once_and_only_where_it_was_begun(browser: Open, intake: Stage) -> None:
    one, other = browser(), browser()
    back = one.login(one.begin(), "budi")
    assert said(other.get(back)) == "403 Anda belum masuk"  # login CSRF: another's answer
    assert one.get(back).status_code == 303
    assert said(one.get(back)) == "403 Anda belum masuk"
    assert intake.db["sessions"].count_documents({}) == 1


def test_a_code_that_was_redeemed_lets_nobody_in_who_kept_the_cookie(browser: Open, intake: Stage) -> None:
    one = browser()
    asked = one.begin()
    kept = [(name, one.cookie(name)) for name in (f"nilai-signing-in-{_short(asked['state'])}",)]
    back = one.login(asked, "budi")
    assert one.get(back).status_code == 303
    for name, value in kept:
        assert value
        one.client.set_cookie(name, value)
    assert said(one.get(back)) == "403 Anda belum masuk"
    assert intake.db["sessions"].count_documents({}) == 1


def _short(state: str) -> str:
    return "".join(one for one in state[:8] if one.isalnum())


def test_the_answer_to_another_sign_in_is_refused(browser: Open) -> None:
    one = browser()
    first, second = one.begin(), one.begin()
    back = one.login({**first, "nonce": second["nonce"]}, "budi")
    assert said(one.get(back)) == "403 Anda belum masuk"
    back = one.login(second, "budi").replace(second["state"], first["state"])
    assert said(one.get(back)) == "403 Anda belum masuk"


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?code=x", "?state=%00&code=y", "?error=access_denied", "?state=" + "a" * 5000]
)
def test_answers_that_nobody_asked_for_lead_nowhere(browser: Open, intake: Stage, query: str) -> None:
    answer = browser().get(f"/intake/signed-in{query}")
    assert said(answer) == "403 Anda belum masuk"
    assert intake.db["sessions"].count_documents({}) == 0


def test_what_the_provider_refuses_is_said(browser: Open) -> None:
    one = browser()
    asked = one.begin()
    wrong = f"/intake/signed-in?error=access_denied&state={asked['state']}"
    assert "does not count" in one.client.get(wrong + "&lang=en", headers=PAGE).text
    asked = one.begin()
    right = f"/intake/signed-in?error=access_denied&state={asked['state']}&iss={quote(one.issuer)}"
    assert "did not let you in" in one.client.get(right + "&lang=en", headers=PAGE).text
    asked = one.begin()
    other = f"/intake/signed-in?code=x&state={asked['state']}&iss=https://evil.example"
    assert said(one.get(other)) == "403 Anda belum masuk"


def test_a_session_that_somebody_planted_is_not_gone_on_with(browser: Open) -> None:
    one, victim = browser(), browser()
    one.sign_in("attacker")
    planted = one.cookie("nilai")
    victim.client.set_cookie("nilai", planted)
    victim.sign_in("budi")
    assert victim.cookie("nilai") != planted
    # The planted session is over for whoever planted it, too.
    assert said(one.get("/intake/session?next=/intake/")) == "200 Sesi Anda sudah berakhir"


def over(browser: Browser, intake: Stage, name: str, keys: Path, **changes: Any) -> None:
    """Give the browser the session that it has, with other times."""
    sid = next(iter(intake.db["sessions"].find().sort("began", -1)))["_id"]
    session = session_of(intake.settings.oidc_issuer, name, sid=sid, **changes)
    for cookie, value in cookies_of(session, keys).items():
        browser.client.set_cookie(cookie, value)


PAST = {"until": utcnow() - timedelta(minutes=2)}


def test_after_five_minutes_a_navigation_goes_on(browser: Open, intake: Stage, key_folder: Path) -> None:
    one = browser()
    one.sign_in("budi")
    over(one, intake, "budi", key_folder, **PAST)
    led = one.get("/intake/")
    assert (led.status_code, led.location) == (303, "/intake/session?next=%2Fintake%2F")
    assert one.get(led.location).location == "/intake/"
    assert "Nama budi" in one.get("/intake/").text


def test_a_form_goes_on_too_and_is_not_shown_again(browser: Open, intake: Stage, key_folder: Path) -> None:
    one = browser()
    one.sign_in("budi")
    over(one, intake, "budi", key_folder, **PAST)
    led = one.post("/intake/session?next=/intake/sign-out", csrf_token=one.csrf())
    assert (led.status_code, led.location) == (307, "/intake/sign-out")


def test_a_script_renews_the_session_and_says_whether_something_was_done(
    browser: Open, intake: Stage, key_folder: Path
) -> None:
    one = browser()
    one.sign_in("budi")
    headers = {"X-CSRF-Token": one.csrf(), "Sec-Fetch-Site": "same-origin"}
    fifty = utcnow() - timedelta(minutes=50)
    over(one, intake, "budi", key_folder, deed=fifty, **PAST)
    answer = one.client.post(RENEW, json={}, headers=headers)
    assert (answer.status_code, answer.json and answer.json["name"]) == (200, "Nama budi")
    over(one, intake, "budi", key_folder, deed=utcnow() - timedelta(minutes=61), **PAST)
    for deed in (True, False):
        answer = one.client.post(RENEW, json={"deed": deed}, headers=headers)
        assert (answer.status_code, answer.json and answer.json["code"]) == (401, "session-over")


def test_nobody_renews_a_session_from_elsewhere(browser: Open, intake: Stage) -> None:
    one = browser()
    one.sign_in("budi")
    token = {"X-CSRF-Token": one.csrf()}
    for headers in ({}, token, token | {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-origin"}):
        assert one.client.post(RENEW, json={}, headers=headers).status_code == 403
    assert browser().client.post(RENEW, json={}, headers=token).status_code == 401


def test_signing_out_ends_the_session_everywhere_at_once(
    browser: Open, intake: Stage, stage: Callable[[Service], Stage]
) -> None:
    one = browser()
    one.sign_in("budi")
    kept = one.cookie("nilai")
    answer = one.post("/intake/sign-out", csrf_token=one.csrf())
    assert said(answer) == "200 Anda sudah keluar"
    place = f"{one.issuer}/end-session?client_id=nilai&amp;"
    assert f'id="farewell" href="{place}' in answer.text
    assert f'<noscript><meta http-equiv="refresh" content="20; url={place}' in answer.text
    assert "Sesi Anda di Nilai sudah berakhir" in answer.text
    assert one.cookie("nilai") == ""
    one.client.set_cookie("nilai", kept)
    refused = one.client.get("/intake/api/v1/agencies")
    assert (refused.status_code, refused.json and refused.json["code"]) == (401, "session-ended")
    assert said(one.get("/intake/session?next=/intake/")) == "200 Sesi Anda sudah berakhir"
    (event,) = intake.published(SessionEnded)
    elsewhere = stage(review)
    client = elsewhere.app.test_client()
    client.set_cookie("nilai", kept)
    assert client.get("/review/api/v1/tasks").status_code != 401
    elsewhere.consume(f"session:{event.session}", event)
    elsewhere.consume(f"session:{event.session}", event)
    assert client.get("/review/api/v1/tasks").status_code == 401


def test_whoever_signs_in_after_somebody_left_is_asked_anew_who_they_are(browser: Open) -> None:
    one = browser()
    one.sign_in("budi")
    assert "prompt" not in one.begin()
    one.post("/intake/sign-out", csrf_token=one.csrf())
    assert one.begin()["prompt"] == "login"
    assert one.begin()["prompt"] == "login"
    one.sign_in("siti")
    assert "prompt" not in one.begin()


def test_the_page_after_signing_out_knows_whose_words_may_wait_in_the_browser(
    browser: Open, intake: Stage
) -> None:
    intake.person("budi", "clerk", "kota")
    one = browser()
    one.sign_in("budi")
    csrf = one.csrf()
    assert 'id="kept" data-person="p-budi"' in one.post("/intake/sign-out", csrf_token=csrf).text
    assert 'id="kept"' not in one.post("/intake/sign-out", csrf_token=csrf).text


def test_nobody_is_signed_out_by_another_site(browser: Open) -> None:
    one = browser()
    one.sign_in("budi")
    assert one.client.post("/intake/sign-out", data={"csrf_token": one.csrf()}).status_code == 403
    assert one.post("/intake/sign-out").status_code == 403
    assert "budi" in one.get("/intake/").text


def test_who_signed_out_already_may_do_so_again(browser: Open) -> None:
    assert said(browser().post("/intake/sign-out")) == "200 Anda sudah keluar"


def test_a_form_of_an_ended_session_is_shown_again_and_kept_nowhere_else(
    browser: Open, intake: Stage, key_folder: Path
) -> None:
    one = browser()
    one.sign_in("budi")
    csrf, before = one.csrf(), intake.state()
    over(one, intake, "budi", key_folder, deed=utcnow() - timedelta(hours=2), **PAST)
    fields = {"csrf_token": csrf, "facts": 'Panjang "dan" <b>', "value": "2,5"}
    kept = one.post("/intake/session?next=/intake/x", **fields)
    assert said(kept) == "200 Tidak ada yang hilang: sesi Anda sudah berakhir"
    assert 'action="/intake/x"' in kept.text
    assert 'value="Panjang &#34;dan&#34; &lt;b&gt;"' in kept.text
    assert intake.state() == before
    one.sign_in("budi")
    assert one.post("/intake/sign-out", csrf_token=csrf).status_code == 200


def test_a_form_of_somebody_else_is_not_sent_in_the_next_persons_name(browser: Open) -> None:
    one = browser()
    one.sign_in("budi")
    csrf = one.csrf()
    one.sign_in("siti")
    assert one.post("/intake/sign-out", csrf_token=csrf).status_code == 403
    assert "siti" in one.get("/intake/").text


@pytest.mark.parametrize(
    ("headers", "changes", "status"),
    [
        (PAGE, PAST, 204),
        (PAGE, {"end": utcnow() - timedelta(hours=20)}, 204),
        (PAGE, {"end": utcnow() - timedelta(hours=26)}, 401),
        ({}, PAST, 401),
        (PAGE | {"Authorization": "Bearer x"}, PAST, 401),
    ],
)
def test_the_gateway_may_read_a_large_form_as_long_as_it_may_be_sent_again(
    browser: Open,
    intake: Stage,
    key_folder: Path,
    headers: dict[str, str],
    changes: dict[str, Any],
    status: int,
) -> None:
    one = browser()
    one.sign_in("budi")
    over(one, intake, "budi", key_folder, **changes)
    assert one.client.get("/intake/token", headers=headers).status_code == status
    assert browser().client.get("/intake/token", headers=headers).status_code == 401


def test_a_form_of_somebody_else_is_shown_again_and_not_sent(browser: Open, intake: Stage) -> None:
    intake.person("siti", "ministry")
    one = browser()
    one.sign_in("budi")
    fields = {"csrf_token": one.csrf(), "role": "ministry", "note": "Ditulis budi"}
    one.sign_in("siti")
    led = one.post("/intake/people/invite", **fields)
    assert (led.status_code, led.location) == (307, "/intake/session?next=%2Fintake%2Fpeople%2Finvite")
    shown = one.post(led.location, **fields)
    assert said(shown) == "200 Formulir ini milik orang lain"
    assert 'value="Ditulis budi"' in shown.text
    cross = {**PAGE, "Sec-Fetch-Site": "cross-site"}
    for place in ("/intake/people/invite", led.location):
        assert one.client.post(place, headers=cross, data=fields).status_code == 403
    assert intake.db["invitations"].count_documents({}) == 0


def test_what_a_stranger_sends_is_not_shown(browser: Open) -> None:
    assert browser().post("/intake/session?next=/intake/x", facts="<script>").status_code == 403
    answer = browser().client.post(
        "/intake/session", data={"csrf_token": "x"}, headers={"Sec-Fetch-Site": "x"}
    )
    assert answer.status_code == 403


def test_without_a_client_id_the_page_says_so(intake: Stage, settings_of: Callable[..., Any]) -> None:
    intake.set(settings_of("intake", OIDC_CLIENT_ID=""))
    answer = intake.app.test_client().get("/intake/sign-in?lang=en", headers=PAGE)
    assert (answer.status_code, "OIDC_CLIENT_ID is missing" in answer.text) == (503, True)


def test_without_the_provider_the_page_says_so(intake: Stage, settings_of: Callable[..., Any]) -> None:
    intake.set(settings_of("intake", OIDC_ISSUER="http://127.0.0.1:9"))
    answer = intake.app.test_client().get("/intake/sign-in?lang=en", headers=PAGE)
    assert (answer.status_code, "does not answer at the moment" in answer.text) == (503, True)


def test_a_wrong_token_is_refused_where_somebody_looks_at_pages_too(intake: Stage) -> None:
    headers = PAGE | {"Authorization": "Bearer x"}
    assert intake.app.test_client().get("/intake/api/v1/people", headers=headers).status_code == 401


def test_the_name_of_somebody_known_reaches_other_services_and_no_stream(
    browser: Open, intake: Stage, stage: Callable[[Service], Stage]
) -> None:
    intake.person("koordinator-kota-denpasar", "ministry")
    one = browser()
    for _ in range(2):
        one.sign_in("koordinator-kota-denpasar")
    (event,) = intake.published(MemberSet)
    assert event.name == "Koordinator Kota Denpasar"
    assert "name" in contract_of(event).private
    person = one.client.get("/intake/api/v1/people/p-koordinator-kota-denpasar")
    assert person.json
    assert person.json["name"] == event.name
    elsewhere = stage(review)
    elsewhere.consume(f"person:{event.person}", event)
    assert elsewhere.store.query(find_names, [event.person, "x"]) == {event.person: event.name, "x": "x"}


@pytest.mark.parametrize(
    ("role", "agency", "home"),
    [
        ("ministry", None, "/intake/cycles"),
        ("coordinator", "kota-a", "/intake/self-assessments/"),
        ("member", "kota-a", "/intake/self-assessments/"),
    ],
)
def test_everybody_is_led_to_the_home_of_their_role(
    browser: Open, intake: Stage, role: str, agency: str | None, home: str
) -> None:
    intake.person("budi", role, agency)
    one = browser()
    one.sign_in("budi")
    assert one.get("/intake/").location == home
    assert one.get(home).status_code == 200


def test_many_begun_sign_ins_do_not_fill_a_browser_with_cookies(stage: Callable[[Service], Stage]) -> None:
    client = stage(service).app.test_client()
    for number in range(12):
        client.get(f"/intake/sign-in?next=/intake/{number}{'a' * 3000}")
    assert client._cookies is not None
    assert 1 <= len(client._cookies) <= 3
