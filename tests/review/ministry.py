"""An officer at the pages of review, and assessors at their own: as browsers without scripts send forms."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.review.builders import Review, agency

ASSESSORS, NEW, ME, CASES = "/review/assessors", "/review/new-assessor", "/review/me", "/review/cases"
FORM = {"name": "Ani Suryani", "subject": "ani", "since": "2026-01-01T00:00"}


@dataclass
class Pages:
    """The pages for somebody, in English unless the address says otherwise."""

    review: Review
    who: str = "officer"

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        answer: TestResponse = self.review.stage.as_(self.who).get(_in_english(path))
        return answer

    def text(self, path: str) -> str:
        """What a page says."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **form: Any) -> TestResponse:
        """Send a form."""
        answer: TestResponse = self.review.stage.as_(self.who).post(_in_english(path), data=form)
        return answer

    def refused(self, status: int, path: str, **form: Any) -> str:
        """Send a form that is refused and changes nothing; gives what the page says."""
        before = self.review.stage.state()
        answer = self.send(path, **form)
        assert answer.status_code == status, answer.text
        assert self.review.stage.state() == before
        return answer.text


def _in_english(path: str) -> str:
    return path if "lang=" in path else f"{path}{'&' if '?' in path else '?'}lang=en"


def officer_of(review: Review) -> Pages:
    """An officer, where two agencies are known."""
    review.stage.person("officer", "ministry")
    for id in ("kota-a", "kota-b"):
        review.stage.consume(f"agency:{id}", agency(id))
    return Pages(review)
