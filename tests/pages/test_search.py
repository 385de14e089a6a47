"""Searching in a browser, from the head of a page, with scripts and without."""

import pytest

from tests.intake.rounds import A
from tests.pages.agency import Office
from tests.pages.browser import faults, sideways

SEARCH = "Cari indikator, jawaban, berkas"


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_typed_above_is_found_marked_and_led_to(office: Office, scripts: bool) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", width=360, java_script_enabled=scripts) as page:
        page.get_by_label(SEARCH).fill("pasal 3 peraturan")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        assert page.get_by_label(SEARCH).input_value() == "pasal 3 peraturan"
        assert page.locator("#answer li").count() == 4
        assert page.locator("#answer mark").first.inner_text() == "Peraturan"
        assert page.locator("#answer li").first.inner_text().endswith("Putaran 2026")
        if scripts:
            office.chromium.look(page, "search")
        assert sideways(page) == []
        page.locator("#answer a").first.click()
        page.wait_for_url("**/indicators/1")


def test_nothing_found_says_so(office: Office) -> None:
    with office.at("clerk-a") as page:
        page.get_by_label(SEARCH).fill("tidakada")
        page.get_by_role("button", name="Cari").click()
        assert "Tidak ada yang ditemukan." in page.locator("main").inner_text()
        assert faults(page) == []
