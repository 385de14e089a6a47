"""Indices of other ministries in real browsers: one by a form, several by a file, one corrected with a reason."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.intake.app import service
from shared.service import Service
from tests.intake.rounds import Round, agency, people
from tests.intake.test_external_indices import EDITION, HEAD, LETTER
from tests.pages.browser import Browser, beyond
from tests.pages.door import Door
from tests.support.gateway import Gateway
from tests.support.stage import Stage

PLACE, IMPORT = "/intake/external-indices", "/intake/imports/external-indices"
LONG = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)


@pytest.fixture
def door(chromium: Browser, door_front: Gateway, stage: Callable[[Service], Stage]) -> Door:
    """The browsers of the ministry, which knows an edition with an index and two agencies."""
    round = Round(stage(service))
    people(round.stage)
    round.load_edition(EDITION)
    for name, called in (("kota-a", LONG), ("kota-b", "Kota B")):
        round.put("minister", f"/agencies/{name}", {**agency(name), "name": called}, status=201)
    return Door(chromium, door_front)


def look(door: Door, page: Page, name: str, lang: str = "id") -> None:
    """See that nothing is wrong with the page, on a telephone too, and keep pictures of it."""
    door.chromium.look(page, f"indices-{name}", lang)
    before = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 900})
    assert beyond(page) == [], name
    if before:
        page.set_viewport_size(before)


def test_an_index_is_added_and_corrected_with_a_reason(door: Door) -> None:
    with door.at("minister", PLACE) as page:
        look(door, page, "none")
        page.get_by_role("link", name="Tambah indeks").click()
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator(".govuk-error-message")).to_have_count(5)
        expect(page.locator(".govuk-error-summary a").first).to_have_text("Pilih instansi dari daftar.")
        look(door, page, "form-error")
        page.locator("#agency").select_option("kota-a")
        page.locator("#source").select_option("data")
        page.locator("#year").fill("2025")
        page.locator("#index").fill("68,75")
        page.locator("#provenance").fill(LETTER)
        page.get_by_role("button", name="Simpan").click()
        expect(page.get_by_role("status")).to_have_text("Tersimpan")
        expect(page.locator("main")).to_contain_text("68,75")
        page.get_by_role("link", name="Betulkan").click()
        page.locator("#index").fill("70")
        page.locator("#reason").fill("Salah ketik")
        look(door, page, "correct")
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator("main")).to_contain_text("Salah ketik")
        look(door, page, "one")
        door.open(page, PLACE)
        look(door, page, "list")
        door.open(page, f"{PLACE}?lang=en")
        look(door, page, "list-en", "en")


def test_indices_are_imported_with_faults_then_right(door: Door, tmp_path: Path) -> None:
    file = tmp_path / "indeks-2025.csv"
    with door.at("minister", IMPORT) as page:
        look(door, page, "import")
        file.write_text(f"{HEAD}kota-a,data,2025,68.75,{LETTER},\nkota-x,data,2025,101,{LETTER},\n")
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Tampilkan akibatnya").click()
        expect(page.locator(".govuk-table__row--bad")).to_have_count(1)
        look(door, page, "import-wrong")
        page.get_by_role("link", name="Unggah berkas yang diperbaiki").click()
        file.write_text(f"{HEAD}kota-a,data,2025,68.75,{LETTER},\nkota-b,data,2025,50,{LETTER},\n")
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Tampilkan akibatnya").click()
        page.get_by_role("button", name="Simpan persis seperti ini").click()
        expect(page.get_by_role("status")).to_contain_text("2 disimpan")
        page.get_by_role("link", name="Kota B").click()
        expect(page.locator("main")).to_contain_text(LETTER)
