"""The ministry's pages of what intake owns: cycles, editions, agencies from a file, in real browsers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.intake.app import service
from shared.service import Service
from tests.intake.rounds import Round, agency, cycle, people
from tests.pages.browser import Browser, beyond, foreign
from tests.pages.door import Door
from tests.support.gateway import Gateway
from tests.support.stage import Stage

CYCLES, EDITIONS, AGENCIES = "/intake/cycles", "/intake/editions", "/intake/agencies"
IMPORT = "/intake/imports/agencies"
LONG = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)
HEAD = "id;name;group;since;until\r\n"
RIGHT = f"kota-a;Kota A Baru;Kota;2001-01-01 07.00;\r\nkem-contoh;{LONG};Kementerian;1 Januari 2026;\r\n"
WRONG = "kota-b;kota-b;Kotaa;kemarin;\r\nkota-a;;Kota;2026-01-01;\r\n"


@pytest.fixture
def round(stage: Callable[[Service], Stage]) -> Round:
    """An open round of two agencies."""
    found = Round(stage(service))
    people(found.stage)
    found.open()
    return found


@pytest.fixture
def door(chromium: Browser, door_front: Gateway, round: Round) -> Door:
    """The browsers of the ministry."""
    return Door(chromium, door_front)


def look(door: Door, page: Page, name: str) -> None:
    """See that nothing is wrong with the page, and keep pictures of it."""
    door.chromium.look(page, f"ministry-{name}")
    before = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 900})
    assert beyond(page) == [], name
    if before:
        page.set_viewport_size(before)


def choose(page: Page, folder: Path, text: str) -> None:
    """Choose a file with this text and have it shown."""
    file = folder / "instansi-2026.csv"
    file.write_bytes(text.encode("utf-8-sig"))
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Tampilkan akibatnya").click()


def test_axe_finds_nothing_on_the_ministry_s_pages(door: Door, round: Round, tmp_path: Path) -> None:
    round.put("minister", f"{AGENCIES.removeprefix('/intake')}/panjang", agency(LONG * 2), status=201)
    with door.at("minister", CYCLES) as page:
        look(door, page, "cycles")
        page.get_by_role("link", name="Putaran 2026").click()
        look(door, page, "cycle")
        page.get_by_role("link", name="Kecil").click()
        page.locator("summary").first.click()
        look(door, page, "edition")
        for name, place in (("editions", EDITIONS), ("agencies", AGENCIES), ("import", IMPORT)):
            door.open(page, place)
            look(door, page, name)
        choose(page, tmp_path, "id;name\r\n")
        look(door, page, "import-refused")
        choose(page, tmp_path, HEAD + RIGHT + WRONG)
        look(door, page, "preview-wrong")
        page.get_by_role("link", name="Semua 4").click()
        look(door, page, "preview-all")
        door.open(page, f"{AGENCIES}/panjang")
        look(door, page, "agency")
        door.open(page, "/intake/new-agency")
        page.get_by_role("button", name="Simpan").click()
        expect(page.locator(".govuk-error-message")).to_have_count(4)
        look(door, page, "agency-form")


def test_the_pages_speak_english_too(door: Door) -> None:
    with door.at("minister", CYCLES, lang="en") as page:
        for place in (
            CYCLES,
            f"{CYCLES}/2026",
            EDITIONS,
            f"{EDITIONS}/small-1",
            AGENCIES,
            f"{AGENCIES}/kota-a",
            IMPORT,
        ):
            door.open(page, place)
            assert foreign(page, "en") == [], place


@pytest.mark.parametrize("scripts", [True, False])
def test_agencies_are_imported_with_faults_then_right(
    door: Door, round: Round, tmp_path: Path, scripts: bool
) -> None:
    with door.at("minister", AGENCIES, java_script_enabled=scripts) as page:
        page.get_by_role("link", name="Impor").click()
        choose(page, tmp_path, HEAD + RIGHT + WRONG)
        expect(page.locator(".govuk-table__row--bad")).to_have_count(2)
        expect(page.locator("main")).to_contain_text("maksudnya “Kota”?")
        expect(page.locator("main")).to_contain_text("name kosong")
        page.get_by_role("link", name="Unggah berkas yang diperbaiki").click()
        choose(page, tmp_path, HEAD + RIGHT)
        expect(page.locator("main")).to_contain_text("name: “kota-a” → “Kota A Baru”")
        assert round.get("minister", "/agencies/kota-a")["name"] == "kota-a"
        page.get_by_role("button", name="Simpan persis seperti ini").click()
        expect(page.get_by_role("status")).to_contain_text("2 disimpan, 0 tetap")
        assert round.get("minister", "/agencies/kota-a")["name"] == "Kota A Baru"
        page.locator("#q").fill("koordinator contoh")
        page.locator("main").get_by_role("button", name="Cari").click()
        page.get_by_role("link", name=LONG).click()
        expect(page.locator("main")).to_contain_text("Belum mengikuti siklus apa pun")


def test_several_agencies_get_more_time(door: Door, round: Round) -> None:
    with door.at("minister", f"{CYCLES}/2026") as page:
        page.get_by_role("link", name="2 Mengisi").click()
        look(door, page, "participations")
        page.get_by_label("Pilih kota-a").check()
        page.get_by_label("Pilih kota-b").check()
        page.get_by_role("button", name="Perpanjang tenggat yang dipilih").click()
        page.get_by_role("button", name="Perpanjang", exact=True).click()
        expect(page.locator(".govuk-error-message")).to_have_count(2)
        look(door, page, "extension-error")
        page.get_by_label("Tenggat baru").fill("2100-02-01T23:59:00")
        page.get_by_label("Alasan").fill("Gempa bumi")
        page.get_by_role("button", name="Perpanjang", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Tenggat 2 instansi diperpanjang")
        page.get_by_role("link", name="kota-b").click()
        expect(page.locator("main")).to_contain_text("sampai 1 Februari 2100 pukul 23.59 WIB")
        look(door, page, "participation")


def test_a_planned_cycle_says_what_opening_does(door: Door, round: Round) -> None:
    round.put("minister", "/cycles/2027", cycle(title="Putaran 2027"), status=201)
    with door.at("minister", f"{CYCLES}/2027") as page:
        look(door, page, "cycle-planned")
        page.get_by_role("button", name="Buka siklus untuk seterusnya").click()
        expect(page.locator("main")).to_contain_text("Dibuka oleh kementerian")
        assert page.get_by_role("button", name="Buka siklus untuk seterusnya").count() == 0
