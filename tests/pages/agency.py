"""An agency's people in browsers: signed in at the real issuer, behind the real gateway."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.intake.rounds import A, Round
from tests.pages.door import Door
from tests.waiting import until

HOME = f"/intake/self-assessments/{A}"


@dataclass(frozen=True)
class Office(Door):
    """The browsers of an agency, and the round that they work in."""

    round: Round

    def place(self, path: str) -> str:
        """Where a page of the self-assessment lies."""
        return HOME + path

    def stored(self, indicator: str) -> dict[str, Any]:
        """What is stored of an answer; nothing where there is none."""
        found = self.round.stage.db["answers"].find_one({"participation": A, "indicator": indicator})
        return dict(found or {})

    def until_stored(self, indicator: str, **wanted: Any) -> None:
        """Wait until an answer holds this."""
        until(lambda: wanted.items() <= self.stored(indicator).items())

    def until_inspected(self, page: Page, name: str, text: str) -> None:
        """Have what has come inspected as a worker does, until the row of a file says so."""
        row = page.locator("#files li", has_text=name)

        def done() -> bool:
            self.round.stage.run_jobs()
            page.wait_for_timeout(100)
            return text in row.inner_text()

        until(done)


def saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    expect(page.locator("#saved")).to_contain_text("Tersimpan")
