"""People who come in at the door: signed in by the issuer's own page, behind the real gateway."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from deploy.local.config import Ports
from shared.core.ids import utcnow
from shared.core.settings import Settings
from shared.signing.keys import KeyRing, PublicKeys
from shared.signing.sessions import read_session, sign_session
from tests.pages.browser import Browser
from tests.serving import serving
from tests.support.gateway import Gateway, gateway


@dataclass(frozen=True)
class Door:
    """Browsers before a gateway."""

    chromium: Browser
    front: Gateway

    def place(self, path: str) -> str:
        """The path below the gateway of a page."""
        return path

    @contextmanager
    def at(self, who: str, path: str = "", **options: Any) -> Iterator[Page]:
        """A page of somebody who has signed in by the issuer's own page."""
        with self.chromium.page(**options) as page:
            self.sign_in(page, who, path)
            yield page

    def sign_in(self, page: Page, who: str, path: str = "") -> None:
        """Sign somebody in and open a page."""
        page.goto(f"{self.front.url}/intake/sign-in?next={self.place(path)}")
        log_in(page, who)
        page.wait_for_url(f"**{self.place(path)}")

    def open(self, page: Page, path: str) -> None:
        """Open another page."""
        page.goto(f"{self.front.url}{self.place(path)}")


@contextmanager
def before(
    names: Sequence[str], settings_of: Callable[[str], Settings], home: Path, **more: str
) -> Iterator[Gateway]:
    """The gateway, before these services, which people reach by it; `more` are variables of theirs."""
    (home / "keys").mkdir(exist_ok=True)
    port = Ports.free().gateway
    where = {"NILAI_URL": f"http://127.0.0.1:{port}", "OIDC_CLIENT_ID": "nilai", **more}
    with ExitStack() as running:
        ports = {
            name: running.enter_context(
                serving(f"services.{name}.app:create_app()", settings_of(name), **where)
            ).port
            for name in names
        }
        yield running.enter_context(gateway(home, {**ports, "gateway": port}))


def hold(page: Page) -> None:
    """Have the page after signing out stay, so that it can be looked at for as long as that takes."""
    page.route("**/leaving.*.js", lambda route: route.abort())


def log_in(page: Page, who: str) -> None:
    """Give a name at the issuer's login page."""
    page.locator("input[name=as]").fill(who)
    page.keyboard.press("Enter")


def age(page: Page, keys: Path, **changes: Any) -> None:
    """Give a browser the session that it has, with other times."""
    (kept,) = [one for one in page.context.cookies() if one["name"] == "nilai"]
    session = read_session(kept["value"], PublicKeys(keys).read(), utcnow())
    key = KeyRing.load(keys, "intake").signing("sessions", utcnow())
    aged = sign_session(replace(session, **changes), key)
    page.context.add_cookies([{"name": "nilai", "value": aged, "domain": kept["domain"], "path": "/"}])
