"""Signing in and out at a provider that nobody here wrote, by its own pages: discovery, PKCE, a client secret."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import Page, expect

from deploy.local.config import Ports
from deploy.local.npm import NODE
from services.intake.app import service
from shared.core.settings import Settings
from shared.service import Service
from tests.pages.browser import Browser
from tests.serving import serving
from tests.support.gateway import gateway
from tests.support.stage import Stage
from tests.waiting import until

SECRET = "not-in-any-log-0123456789"
SCRIPT = Path(__file__).parent / "provider.mjs"


@dataclass(frozen=True)
class Elsewhere:
    """A gateway before an intake whose people sign in elsewhere."""

    url: str
    issuer: str
    process: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def elsewhere(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Elsewhere]:
    """The provider, run by node, and intake as its client, which has the secret from a file."""
    home = tmp_path_factory.mktemp("elsewhere")
    (home / "keys").mkdir()
    secret = home / "secret"
    secret.write_text(SECRET + "\n")
    ports = Ports.free()
    url, issuer = f"http://127.0.0.1:{ports.gateway}", f"http://127.0.0.1:{ports.issuer}"
    where = {
        "NILAI_URL": url,
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "nilai",
        "OIDC_CLIENT_SECRET_FILE": str(secret),
    }
    command: list[str | Path] = [NODE, SCRIPT, str(ports.issuer), url, SECRET]
    with (home / "provider.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"{issuer}/.well-known/openid-configuration"))
        with (
            serving("services.intake.app:create_app()", settings_of("intake"), **where) as intake,
            gateway(home, {"intake": intake.port, "gateway": ports.gateway}),
        ):
            yield Elsewhere(url, issuer, process)
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    """Whether somebody is there."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def page(chromium: Browser, stage: Callable[[Service], Stage], elsewhere: Elsewhere) -> Iterator[Page]:
    """A browser; the pages there want a font from the internet, which they do without."""
    stage(service)
    with chromium.page(lang="en") as found:
        found.route("https://fonts.googleapis.com/**", lambda route: route.abort())
        yield found


def log_in(page: Page, who: str) -> None:
    """Give a name and the consent that the provider's own pages ask for."""
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_somebody_without_a_role_signs_in_and_out_there_and_reads_whom_to_ask(
    page: Page, elsewhere: Elsewhere
) -> None:
    page.goto(f"{elsewhere.url}/")
    page.locator("main").get_by_role("link", name="Sign in").click()
    assert page.url.startswith(elsewhere.issuer)
    log_in(page, "rina")
    page.wait_for_url(f"{elsewhere.url}/intake/")
    said = page.locator("main").inner_text()
    assert "Nama rina" in said
    assert "Ask the coordinator of your agency" in said
    assert "Tell them how the identity provider knows you: rina" in said
    assert f"Your identity provider is {elsewhere.issuer}." in said
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("You have signed out")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{elsewhere.url}/intake/")
    page.locator("main").get_by_role("link", name="Sign in").click()
    expect(page.locator("input[name=login]")).to_be_visible()


def test_who_is_known_there_is_asked_again_where_somebody_else_is_meant(
    page: Page, elsewhere: Elsewhere
) -> None:
    page.goto(f"{elsewhere.url}/intake/sign-in")
    log_in(page, "rina")
    page.wait_for_url(f"{elsewhere.url}/intake/")
    page.goto(f"{elsewhere.url}/intake/sign-in")
    page.wait_for_url(f"{elsewhere.url}/intake/")
    page.goto(f"{elsewhere.url}/intake/sign-in?prompt=login")
    log_in(page, "tono")
    page.wait_for_url(f"{elsewhere.url}/intake/")
    assert "Nama tono" in page.locator("main").inner_text()


def test_who_turns_back_there_reads_so_and_may_try_again(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(f"{elsewhere.url}/intake/sign-in")
    page.get_by_role("link", name="[ Cancel ]").click()
    assert "did not let you in" in page.locator("main").inner_text()
    page.get_by_role("link", name="Try again").click()
    log_in(page, "rina")
    page.wait_for_url(f"{elsewhere.url}/intake/")


def test_a_provider_that_stops_answering_is_said_in_time(page: Page, elsewhere: Elsewhere) -> None:
    page.goto(f"{elsewhere.url}/intake/sign-in")
    page.locator("input[name=login]").fill("rina")
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    consent = page.locator("form[action*=interaction]").get_attribute("action") or ""
    ask = page.context.request
    led = ask.post(urljoin(page.url, consent), form={"prompt": "consent"}, max_redirects=0).headers[
        "location"
    ]
    back = ask.get(urljoin(page.url, led), max_redirects=0).headers["location"]
    elsewhere.process.send_signal(signal.SIGSTOP)
    try:
        page.goto(back)
        assert "does not answer at the moment" in page.locator("main").inner_text()
    finally:
        elsewhere.process.send_signal(signal.SIGCONT)
