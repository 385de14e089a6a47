"""An assessor's queue in a browser: what it holds, what it may claim, and that others were quicker."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser import faults
from tests.pages.review import LONG_AGENCY, QUEUE, Bench, bench, review_front

__all__ = ["bench", "review_front"]


def look(bench: Bench, page: Page, name: str, lang: str = "id") -> None:
    """Keep a picture, and see that nothing is wrong with the page."""
    bench.chromium.look(page, name, lang)


def back_to_queue(bench: Bench, page: Page) -> None:
    """From the bench, to which a claim leads, to the queue."""
    expect(page.locator("#rating")).to_be_visible()
    page.goto(f"{bench.front.url}{QUEUE}")


def test_axe_finds_nothing_in_an_empty_queue_nor_in_a_full_one(bench: Bench) -> None:
    with bench.at("ani", QUEUE, width=360) as page:
        expect(page.locator(".n-empty")).to_have_count(2)
        look(bench, page, "queue-empty")
        for agency in ("kota-a", "kota-b", "kota-c"):
            bench.review.open(agency)
        bench.review.stage.db["agencies"].update_one({"_id": "kota-b"}, {"$set": {"name": LONG_AGENCY}})
        page.reload()
        page.locator("#open li", has_text=LONG_AGENCY).get_by_role("button").click()
        back_to_queue(bench, page)
        expect(page.locator("#held li")).to_have_count(1)
        look(bench, page, "queue")
        page.goto(f"{bench.front.url}{QUEUE}?lang=en")
        look(bench, page, "queue-en", "en")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_task_is_claimed_and_given_back_by_forms(bench: Bench, scripts: bool) -> None:
    bench.review.open()
    with bench.at("ani", QUEUE, java_script_enabled=scripts) as page:
        expect(page.locator("#open li")).to_contain_text("3 indikator dari kiriman perlu dinilai")
        page.get_by_role("button", name="Ambil").click()
        back_to_queue(bench, page)
        held = page.locator("#held li")
        expect(held).to_contain_text("0 dari 3 dinilai")
        expect(held).to_contain_text("milik Anda sampai")
        (task,) = bench.review.stage.db["tasks"].find()
        assert (task["state"], task["assessor"]) == ("claimed", "ani")
        page.get_by_role("button", name="Kembalikan").click()
        expect(page.locator("#open li")).to_have_count(1)
        assert [one["state"] for one in bench.review.stage.db["tasks"].find()] == ["open"]


def test_a_later_stage_says_why_it_is_there(bench: Bench) -> None:
    bench.review.open()
    bench.review.finish("budi", {"1": 2, "2": 3, "3": "2.75"}, {"2": "Mengapa?"})
    with bench.at("ani", QUEUE) as page:
        expect(page.locator("#open li")).to_contain_text("Interviu")
        expect(page.locator("#open li")).to_contain_text("1 indikator ditandai untuk klarifikasi")


def test_who_was_slower_is_told_and_who_lost_a_task_too(bench: Bench) -> None:
    bench.review.open()
    task = bench.review.open_task()
    with bench.at("ani", QUEUE) as page:
        fence = bench.review.claim("budi", task)
        page.get_by_role("button", name="Ambil").click()
        expect(page.locator(".govuk-error-summary")).to_contain_text("sedang dipegang orang lain")
        assert "budi" not in page.content().lower()
        look(bench, page, "queue-taken")
        bench.review.post("budi", f"/tasks/{task}/release", {"fence": fence})
        page.goto(f"{bench.front.url}{QUEUE}")
        page.get_by_role("button", name="Ambil").click()
        back_to_queue(bench, page)
        expect(page.locator("#held li")).to_have_count(1)
        bench.review.run_out(task)
        bench.review.claim("budi", task)
        page.get_by_role("button", name="Kembalikan").click()
        expect(page.locator(".govuk-error-summary")).to_contain_text("tidak lagi memegang tugas ini")


def test_no_task_of_an_agency_with_a_conflict_of_interest_is_shown(bench: Bench) -> None:
    for agency in ("kota-a", "kota-b"):
        bench.review.open(agency)
    declared = {"agencies": [{"agency": "kota-a", "reason": "Saudara bekerja di sana."}]}
    assert bench.review.put("ani", "/assessors/ani/conflicts", declared, '"1"').status_code == 200
    with bench.at("ani", QUEUE) as page:
        expect(page.locator("#open li")).to_have_count(1)
        assert "Kota-A" not in page.locator("main").inner_text()


def test_many_open_tasks_come_page_by_page(bench: Bench) -> None:
    for number in range(27):
        bench.review.open(f"kota-{number:02}")
    with bench.at("ani", QUEUE) as page:
        expect(page.locator("#open .n-rows > li")).to_have_count(25)
        page.get_by_role("link", name="Berikutnya").click()
        expect(page.locator("#open .n-rows > li")).to_have_count(2)
        page.get_by_role("link", name="Ke awal").click()
        expect(page.locator("#open .n-rows > li")).to_have_count(25)


def test_an_assessor_finds_the_way_from_home(bench: Bench) -> None:
    with bench.at("ani", "/intake/") as page:
        assert faults(page) == []
        page.get_by_role("link", name="Buka halaman tugas").click()
        expect(page.locator("h1")).to_have_text("Tugas")


def test_nobody_else_opens_the_queue(bench: Bench) -> None:
    bench.review.stage.person("orang", "clerk", "kota-a")
    with bench.at("orang", "/intake/") as page:
        answer = page.goto(f"{bench.front.url}{QUEUE}")
        assert answer is not None
        assert answer.status == 403
