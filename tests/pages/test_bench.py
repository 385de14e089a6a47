"""The bench in a browser: a case rated by keyboard, the lease, what is typed while the line is away."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser import SCHEMES, WIDTHS, faults, foreign, sideways
from tests.pages.review import LONG_AGENCY, QUEUE, Bench, bench, review_front

__all__ = ["bench", "review_front"]


def claimed(bench: Bench, who: str = "ani") -> str:
    """The id of a task that somebody holds."""
    bench.review.open()
    task = bench.review.open_task()
    bench.review.claim(who, task)
    return task


def saved(page: Page) -> None:
    """Wait until the page says that everything is saved."""
    expect(page.locator("#saved")).to_contain_text("Tersimpan")


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_at_the_bench_nor_at_its_end(bench: Bench, width: int) -> None:
    task = claimed(bench)
    bench.review.stage.db["agencies"].update_one({"_id": "kota-a"}, {"$set": {"name": LONG_AGENCY}})
    with bench.at("ani", f"{QUEUE}/{task}/indicators/1", width=width) as page:
        page.get_by_label("Dua").check()
        saved(page)
        for lang in ("id", "en"):
            for path in ("indicators/1", "indicators/3", "end"):
                page.goto(f"{bench.front.url}{QUEUE}/{task}/{path}?lang={lang}")
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    name = f"bench-{path.replace('/', '-')}-{lang}-{width}-{scheme}"
                    bench.chromium.keep(page, name)
                    assert faults(page) == [], name
                assert sideways(page) == [], name
                assert foreign(page, lang) == [], name
