"""The local issuer's login page, and the codes that it gives (RFC 6749 with PKCE, RFC 7636)."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from threading import Lock
from urllib.parse import urlencode, urlsplit

from deploy.local.roster import ROSTER

CODE_SECONDS = 60
RETURN_PATH = "/intake/signed-in"
"""The only path to which a login leads: whoever runs Nilai elsewhere has another provider."""
_KEPT = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce")
_CHALLENGE = ("code_challenge", "code_challenge_method")


@dataclass(frozen=True)
class Login:
    """Somebody who logged in for one client: what the token endpoint compares, and what the ID token says."""

    subject: str
    client: str
    redirect: str
    challenge: str
    nonce: str | None
    until: float


class Codes:
    """The codes that were given and not yet redeemed, in memory."""

    def __init__(self) -> None:
        self._known: dict[str, Login] = {}
        self._lock = Lock()

    def give(self, login: Login) -> str:
        """A fresh code for a login."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            now = time.time()
            self._known = {one: kept for one, kept in self._known.items() if kept.until > now}
            self._known[code] = login
        return code

    def redeem(self, form: Mapping[str, str], client: str) -> Login | None:
        """The login that a code stands for, once, if everything that belongs to it is said too."""
        with self._lock:
            login = self._known.pop(form.get("code", ""), None)
        if login is None or login.until <= time.time():
            return None
        proof = s256(form.get("code_verifier", ""))
        same = (client, form.get("redirect_uri"), proof) == (login.client, login.redirect, login.challenge)
        return login if same else None


def s256(verifier: str) -> str:
    """The challenge of a verifier."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def problem(asked: Mapping[str, str]) -> str | None:
    """What is wrong with a request to log in, or None."""
    redirect = urlsplit(asked.get("redirect_uri", ""))
    if redirect.scheme not in ("http", "https") or redirect.path != RETURN_PATH:
        return f"redirect_uri must be an address that ends in {RETURN_PATH}."
    if not asked.get("client_id") or asked.get("response_type") != "code":
        return "This needs a client_id and response_type=code."
    if "openid" not in asked.get("scope", "").split():
        return "The scope must name openid."
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "This needs PKCE: a code_challenge, and code_challenge_method=S256."
    return None


def login_of(asked: Mapping[str, str], subject: str) -> Login:
    """The login of somebody as it was asked for."""
    return Login(
        subject=subject,
        client=asked["client_id"],
        redirect=asked["redirect_uri"],
        challenge=asked["code_challenge"],
        nonce=asked.get("nonce"),
        until=time.time() + CODE_SECONDS,
    )


def leading_back(asked: Mapping[str, str], issuer: str, **said: str) -> str:
    """The address at the client to which a browser goes, with what is said there."""
    state = {"state": asked["state"]} if "state" in asked else {}
    return f"{asked['redirect_uri']}?{urlencode({**said, **state, 'iss': issuer})}"


def page(asked: Mapping[str, str], wrong: str = "") -> str:
    """The login page: everybody who is ready, and a free name."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in (*_KEPT, *_CHALLENGE)
        if name in asked
    )
    groups = "".join(_group(title, people) for title, people in ROSTER.items())
    said = f'<p role="alert">{escape(wrong)}</p>' if wrong else ""
    return _PAGE.format(hidden=hidden, groups=groups, said=said)


def _group(title: str, people: Mapping[str, str]) -> str:
    buttons = "".join(
        f'<button name="as" value="{escape(subject)}">{escape(name)} <small>{escape(subject)}</small></button>'
        for subject, name in people.items()
    )
    return f"<fieldset><legend>{escape(title)}</legend>{buttons}</fieldset>"


_PAGE = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Masuk - penerbit lokal</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }}
fieldset {{ border: 1px solid #767676; margin: 0 0 1rem; padding: .5rem 1rem 1rem }}
button {{ display: block; width: 100%; text-align: left; font: inherit; padding: .5rem; margin: .5rem 0 0 }}
small {{ color: #555 }}
</style></head><body><main>
<h1>Masuk sebagai siapa? <span lang="en">Sign in as whom?</span></h1>
<p>Penerbit ini hanya untuk mencoba: siapa pun boleh menjadi siapa pun.
<span lang="en">This issuer is for trying out only: whoever reaches it can be anyone.</span></p>
{said}
<form method="post">{hidden}{groups}</form>
<form method="post">{hidden}<fieldset><legend>Nama lain / <span lang="en">Another name</span></legend>
<label for="name">Nama (huruf kecil, angka, titik, garis) / <span lang="en">Name (small letters, digits, dots,
dashes)</span></label>
<input id="name" name="as" required autocomplete="username"><button>Masuk / <span lang="en">Sign in</span></button>
</fieldset></form>
</main></body></html>
"""
