"""The forms of an agency's pages, as browsers without scripts send them."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.intake.rounds import A, Round
from tests.support.signedin import cookies_of, session_of

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
HOME = f"/intake/self-assessments/{A}"


class Forms:
    """A browser of somebody who has signed in."""

    def __init__(self, round: Round, who: str) -> None:
        settings = round.stage.settings
        cookies = cookies_of(session_of(settings.oidc_issuer, who), settings.keys)
        self.client: FlaskClient = round.stage.app.test_client()
        for name, token in cookies.items():
            self.client.set_cookie(name, token)
        self.csrf = cookies["nilai-form"]

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"{HOME}{path}", headers=PAGE)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(f"{HOME}{path}", data={"csrf_token": self.csrf, **fields}, headers=PAGE)
