"""Signing out: what happened is said for a while, and words that were not saved are kept or discarded."""

import pytest
from playwright.sync_api import Page, expect

from tests.intake.rounds import A
from tests.pages.agency import Office
from tests.pages.browser import foreign
from tests.pages.door import hold, log_in

WORDS = "Ditulis tanpa sambungan"
KEYS = "Object.keys(localStorage).filter(key => key.startsWith('nilai:') || key.startsWith('tus::')).length"


@pytest.fixture
def office(office: Office) -> Office:
    """The office when everything is answered."""
    office.round.answer_all(A)
    return office


def write_unsaved(office: Office, page: Page) -> None:
    """Type while no answer can be saved, then go home."""
    page.route("**/answers", lambda route: route.abort())
    page.locator("#facts").fill(WORDS)
    expect(page.locator("#saved")).to_contain_text("Sambungan terputus")
    office.open(page, "")


def leave(page: Page) -> None:
    page.get_by_role("button", name="Keluar").click()
    expect(page.locator("h1")).to_have_text("Anda sudah keluar")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_page_says_what_happened_before_it_goes_on(office: Office, lang: str) -> None:
    with office.at("clerk-a", lang=lang) as page:
        hold(page)
        page.get_by_role("button", name={"id": "Keluar", "en": "Sign out"}[lang]).click()
        expect(page.locator("#kept")).to_be_hidden()
        office.chromium.look(page, f"signed-out-{lang}", lang)
        page.locator("#farewell").click()
        page.wait_for_url(f"{office.front.url}/intake/")


def test_words_that_were_not_saved_wait_for_who_typed_them(office: Office) -> None:
    with office.at("clerk-a", "/indicators/2") as page:
        write_unsaved(office, page)
        expect(page.locator("#kept li")).to_have_text("Indikator 2")
        office.chromium.look(page, "kept-home")
        leave(page)
        expect(page.locator("#kept li")).to_contain_text("Indikator 2")
        assert WORDS not in page.locator("body").inner_text()
        office.chromium.look(page, "kept-leaving")
        page.get_by_role("button", name="Simpan untuk saya").click()
        expect(page.locator("#kept-done")).to_be_focused()
        page.unroute("**/answers")
        page.goto(f"{office.front.url}/intake/sign-in?next={office.place('')}")
        log_in(page, "officer-a")
        expect(page.locator("#team")).to_be_visible()
        expect(page.locator("#kept")).to_be_hidden()
        leave(page)
        expect(page.locator("#kept")).to_be_hidden()
        page.goto(f"{office.front.url}/intake/sign-in?next={office.place('')}")
        log_in(page, "clerk-a")
        page.locator("#kept a").click()
        office.until_stored("2", facts=WORDS)
        expect(page.locator("#saved")).to_contain_text("Tersimpan")
        assert page.evaluate(KEYS) == 0


@pytest.mark.parametrize("lang", ["id", "en"])
def test_words_that_are_discarded_are_gone_from_the_browser(office: Office, lang: str) -> None:
    with office.at("clerk-a", "/indicators/2") as page:
        write_unsaved(office, page)
        page.evaluate("localStorage.setItem('tus::a::1', '{}')")
        page.locator(f"button[value={lang}]").click()
        page.get_by_role("button", name={"id": "Keluar", "en": "Sign out"}[lang]).click()
        page.get_by_role("button", name={"id": "Buang", "en": "Discard them"}[lang]).click()
        expect(page.locator("#kept-done")).to_be_focused()
        assert foreign(page, lang) == []
        assert page.evaluate(KEYS) == 0
    assert office.stored("2")["facts"] != WORDS
