"""One's profile in a browser: times in one's zone, on every page and at the next signing in."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.intake.rounds import A, agency
from tests.pages.agency import Office
from tests.pages.browser import foreign


def test_axe_finds_nothing_on_a_profile(office: Office) -> None:
    with office.at("clerk-a", width=360) as page:
        page.locator(".n-person a").click()
        page.get_by_role("button", name="Simpan").click()
        expect(page.get_by_role("status")).to_contain_text("Tersimpan")
        office.chromium.look(page, "profile")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_profile_search_and_comments_speak_one_language(office: Office, lang: str) -> None:
    with office.at("clerk-a", "/indicators/1", lang=lang) as page:
        page.locator("#comment").fill("2026/7")
        page.locator("#comments form").last.locator("button").click()
        expect(page.locator("#comments li")).to_have_count(1)
        for path in ("indicators/1", "indicators", ""):
            office.open(page, f"/{path}".rstrip("/"))
            assert foreign(page, lang) == [], path
        for path in ("profile?saved", "search", "search?q=2026", "search?q=zzz", "privacy", "cookies"):
            page.goto(f"{office.front.url}/intake/{path}")
            assert foreign(page, lang) == [], path


def test_times_follow_the_agencys_zone_then_ones_own(office: Office) -> None:
    office.round.answer_all(A)
    office.round.put("minister", "/agencies/kota-a", agency(zone="Asia/Makassar"), 1)
    with office.at("clerk-a") as page:
        assert "1 Januari 2100 pukul 07.00 WIB" in page.locator(".n-deadline").inner_text()
        assert "08.00 WITA" in page.locator(".n-deadline").inner_text()
        page.locator(".n-person a").click()
        page.get_by_label("Zona waktu").select_option("Asia/Jayapura")
        page.locator("#language").select_option("en")
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator("h1")).to_have_text("Your profile")
        office.open(page, "")
        assert "09:00 WIT" in page.locator(".n-deadline").inner_text()
        assert "(09:00 WIT)" in page.locator("main").inner_text()
        with page.expect_download() as got:
            page.goto(f"{office.front.url}/intake/profile")
            page.get_by_role("link", name="Download your data").click()
        data = json.loads(got.value.path().read_text())
        assert data["profile"]["zone"] == "Asia/Jayapura"
        office.open(page, "/indicators/1")
        page.locator("#facts").fill("Baru")
        office.until_stored("1", facts="Baru")
        expect(page.locator("#saved")).to_have_text(re.compile(r"^Saved \d"))
        typed = page.locator("#saved").inner_text()
        page.reload()
        assert page.locator("#saved").inner_text() == typed
    with office.at("clerk-a") as page:
        assert "09:00 WIT" in page.locator(".n-deadline").inner_text()
    with office.at("officer-a", "/indicators/1", java_script_enabled=False) as page:
        assert "08.00 WITA" in page.locator(".n-deadline").inner_text()
