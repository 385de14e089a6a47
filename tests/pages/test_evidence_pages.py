"""Evidence in an assessor's browser: from the address of the bench to the image that intake draws."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from services.intake import store
from services.intake.app import service as intake
from services.intake.blobs.chunks import ChunkStore
from services.intake.domain import Blob, FileOwnership
from shared.service import Service
from shared.storage.transaction import Transaction
from tests.intake.files import digest
from tests.intake.linked import seal
from tests.intake.pdfs import document, text
from tests.pages.browser import faults
from tests.pages.review import QUEUE, Bench, bench, review_front
from tests.review.builders import agency, cycle, edition, participation, submission
from tests.support.stage import LONG_AGO, Stage
from tests.waiting import until

__all__ = ["bench", "review_front"]

DATA = document(text("Peraturan Wali Kota"), text("Halaman dua"))
SHA256 = digest(DATA)
SHOWN = """async address => {
    const image = new Image();
    image.src = address;
    document.body.append(image);
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
}"""


def own(tx: Transaction) -> None:
    store.save_blob(tx, Blob(SHA256, "u-1", len(DATA), "pdf"))
    store.save_ownership(
        tx, FileOwnership("kota-a", SHA256, len(DATA), "pdf", "a.pdf", LONG_AGO, ("2026",), 2)
    )
    seal(tx, "s-kota-a", "kota-a", SHA256)


@pytest.fixture
def at_intake(bench: Bench, stage: Callable[[Service], Stage]) -> Stage:
    """Intake, where the bytes are."""
    return stage(intake)


@pytest.fixture
def held(bench: Bench, at_intake: Stage) -> str:
    """The address of a file of a task that ani holds."""
    review = bench.review
    at_intake.run(own)
    ChunkStore(at_intake.store.db).put("u-1", 0, 1, DATA)
    event = submission()
    sent = replace(event.files[0], sha256=SHA256, size=len(DATA), pages=2)
    answers = tuple(replace(answer, evidence=(SHA256,)) for answer in event.answers)
    review.stage.consume("edition:small-1", edition())
    review.stage.consume("agency:kota-a", agency())
    review.stage.consume("participation:2026.kota-a", participation())
    review.stage.consume("cycle:2026", cycle())
    whole = replace(event, files=(sent, event.files[1]), answers=answers)
    assert review.stage.consume("submission:s-kota-a", whole) == "done"
    task = review.open_task()
    review.claim("ani", task)
    return f"{QUEUE}/{task}/files/{SHA256}"


def test_a_page_of_evidence_is_shown_found_in_and_downloaded(bench: Bench, held: str) -> None:
    with bench.at("ani", QUEUE) as page:
        assert page.evaluate(SHOWN, f"{held}/pages/1?width=1200") == [1200, 1698]
        bench.chromium.keep(page, "evidence-page")
        place = f"{bench.front.url}{held}"
        found = page.request.get(f"{place}/find?q=halaman+DUA").json()
        assert [hit["page"] for hit in found["hits"]] == [2]
        drawn = page.request.get(f"{place}/pages/2?width=800")
        assert (drawn.status, drawn.headers["content-type"]) == (200, "image/png")
        assert drawn.headers["cache-control"].startswith("private, max-age=")
        assert page.request.get(place).body() == DATA
        missing = page.request.get(f"{place}/pages/3")
        assert (missing.status, missing.json()["code"]) == (404, "no-such-page")
        assert "Halaman itu tidak ada" in missing.json()["detail"]


def test_the_bench_shows_the_page_and_marks_what_is_found(bench: Bench, held: str) -> None:
    with bench.at("ani", f"{held.partition('/files/')[0]}/indicators/1") as page:
        image = page.locator("#image")
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 1200
        page.locator("#find-text").fill("halaman dua")
        page.keyboard.press("Enter")
        expect(page.locator(".n-sheet__hit")).to_have_count(1)
        assert "/pages/2" in str(image.get_attribute("src"))
        assert image.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
        bench.chromium.keep(page, "evidence-bench")


def test_nobody_else_sees_it_by_the_same_address(bench: Bench, held: str) -> None:
    with bench.at("budi", QUEUE) as page:
        assert page.request.get(f"{bench.front.url}{held}/pages/1").status == 404


def test_the_bench_shows_pages_finds_words_and_pins_places(bench: Bench, held: str) -> None:
    place = held.split("/files/")[0]
    with bench.at("ani", f"{place}/indicators/1") as page:
        image = page.locator("#image")
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") == 1200
        page.keyboard.press("]")
        expect(page.locator("#page-now")).to_have_text("2")
        expect(image).to_have_attribute("alt", re.compile("Halaman 2"))
        page.keyboard.press("+")
        expect(page.locator("#zoom")).to_have_text("125 %")
        page.keyboard.press("-")
        page.keyboard.press("/")
        page.keyboard.type("wali kota")
        page.keyboard.press("Enter")
        expect(page.locator("#hits")).to_contain_text("1 temuan di 1 halaman")
        expect(page.locator("#page-now")).to_have_text("1")
        expect(page.locator(".n-sheet__hit")).to_have_count(1)
        page.keyboard.press("Escape")
        page.keyboard.press("p")
        expect(page.locator("#pins li")).to_have_count(1)
        box = image.bounding_box()
        assert box is not None
        image.click(position={"x": box["width"] / 2, "y": box["height"] / 4})
        expect(page.locator(".n-sheet__pin")).to_have_count(2)
        expect(page.locator("#saved")).to_contain_text("Tersimpan")
        page.keyboard.press("]")
        expect(page.locator(".n-sheet__pin")).to_have_count(0)
        page.locator("#pins a").nth(1).click()
        expect(page.locator(".n-sheet__pin")).to_have_count(2)
        bench.chromium.keep(page, "bench-with-a-page")
        assert faults(page) == []
        page.locator("#pins input").first.uncheck()
        expect(page.locator(".n-sheet__pin")).to_have_count(1)
        until(lambda: len(pins_of(bench)) == 1)
    (pin,) = pins_of(bench)
    assert (pin["sha256"], pin["page"]) == (SHA256, 1)
    assert abs(pin["x"] - 500) <= 5
    assert abs(pin["y"] - 250) <= 5


def pins_of(bench: Bench) -> list[dict[str, Any]]:
    """What ani's rating points at now."""
    (rating,) = bench.review.get("ani", "/cases/s-kota-a").json["task"]["ratings"]
    return list(rating["pins"])


def test_a_page_that_cannot_be_drawn_says_why_and_what_to_do(
    bench: Bench, at_intake: Stage, held: str
) -> None:
    place = held.split("/files/")[0]
    ChunkStore(at_intake.store.db).put("u-1", 0, 2, bytes(len(DATA)))
    with bench.at("ani", f"{place}/indicators/1") as page:
        expect(page.locator("#no-page")).to_contain_text("Halaman ini tidak dapat ditampilkan")
        expect(page.get_by_role("link", name=re.compile("Unduh"))).to_be_visible()
        bench.chromium.keep(page, "bench-without-a-page")
        assert faults(page) == []
