"""Published results in a browser, for strangers."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from deploy.local.config import CHECKOUT, Ports
from services.scoring.app import service
from shared.core.settings import Settings
from shared.service import Service
from tests.pages.browser import Browser, foreign
from tests.scoring.builders import copy_published, nation
from tests.serving import serving
from tests.support.gateway import Gateway, gateway
from tests.support.stage import Stage

RESULTS = "/scoring/results"
LONG = (
    "Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal, Perbatasan, dan Kepulauan Terluar"
)


@pytest.fixture(scope="module")
def public(
    settings_of: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The gateway before scoring, and before intake, which gives out what pages load."""
    home = tmp_path_factory.mktemp("public")
    (home / "keys").mkdir()
    with ExitStack() as running:
        ports = {
            name: running.enter_context(serving(f"services.{name}.app:create_app()", settings_of(name))).port
            for name in ("intake", "scoring")
        }
        yield running.enter_context(gateway(home, {**ports, "review": Ports.free().review}))


@pytest.fixture
def scoring(stage: Callable[[Service], Stage]) -> Stage:
    """Some results of a cycle, of which one is of an agency with a long name."""
    on = stage(service)
    nation(on)
    copy_published(on, 60)
    on.db["scores"].update_one({"_id": "kota-000.final"}, {"$set": {"agency_name": LONG}})
    return on


def test_axe_finds_nothing_in_the_list_of_results(chromium: Browser, public: Gateway, scoring: Stage) -> None:
    with chromium.page(360) as page:
        page.goto(f"{public.url}{RESULTS}")
        assert page.locator("#agencies tbody tr").count() == 50
        chromium.look(page, "results")


def test_axe_finds_nothing_at_a_result(chromium: Browser, public: Gateway, scoring: Stage) -> None:
    with chromium.page(360) as page:
        page.goto(f"{public.url}{RESULTS}")
        page.get_by_role("link", name="Kemenko Perekonomian").click()
        page.wait_for_url("**/results/s1")
        assert page.locator("#index .n-big").inner_text() == "2,95"
        assert page.locator("#indicators td:first-child").count() == 47
        chromium.look(page, "result")


def test_the_receipt_that_is_downloaded_holds_as_the_page_says(
    chromium: Browser, public: Gateway, scoring: Stage, tmp_path: Path
) -> None:
    with chromium.page() as page:
        page.goto(f"{public.url}{RESULTS}/s1")
        with page.expect_download() as got:
            page.get_by_role("link", name="Unduh tanda terima").click()
        assert got.value.suggested_filename == "ekon-2026-result.json"
        got.value.save_as(tmp_path / got.value.suggested_filename)
        said = page.locator("#check code").inner_text().split()
    keys = str(scoring.settings.keys / "keys.json")
    command = [sys.executable, str(CHECKOUT / "deploy" / said[1]), *said[2:-1], keys]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout.partition(".")[0]) == (0, "GOOD")


def test_a_receipt_in_an_address_is_checked_once_it_is_sent(
    chromium: Browser, public: Gateway, scoring: Stage
) -> None:
    with chromium.page(360) as page:
        page.goto(f"{public.url}{RESULTS}/s1")
        page.get_by_role("link", name="Periksa di sini").click()
        page.wait_for_url("**/scoring/check#*")
        expect(page.locator("#receipt")).to_have_value(re.compile(r"^{.*result:s1.*}$"))
        page.get_by_role("button", name="Periksa", exact=True).click()
        expect(page.locator("#outcome")).to_contain_text("Asli dan tidak diubah")
        assert "2,95" in page.locator("#outcome").inner_text()
        chromium.look(page, "check")
        page.locator("#receipt").fill("{}")
        page.get_by_role("button", name="Periksa", exact=True).click()
        expect(page.locator("#outcome")).to_contain_text("Tidak sah")
        chromium.look(page, "check-bad")
        page.get_by_role("button", name="Periksa", exact=True).click()
        expect(page.locator("main")).to_contain_text("Belum ada yang diperiksa")
        chromium.look(page, "check-not")


def test_the_start_leads_a_stranger_to_the_results(
    chromium: Browser, public: Gateway, scoring: Stage
) -> None:
    with chromium.page(360) as page:
        page.goto(public.url)
        assert page.get_by_role("link", name="Masuk", exact=True).count() == 2
        chromium.look(page, "start-stranger")
        page.get_by_role("link", name="Lihat hasil yang diumumkan").click()
        page.wait_for_url(f"**{RESULTS}")
        assert page.locator("h1").inner_text() == "Penilaian 2026"


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_pages_speak_one_language(
    chromium: Browser, public: Gateway, stage: Callable[[Service], Stage], lang: str
) -> None:
    on = stage(service)
    with chromium.page(lang=lang) as page:
        page.goto(f"{public.url}{RESULTS}")
        assert foreign(page, lang) == []
        chromium.keep(page, f"results-none-{lang}")
        nation(on)
        for query in ("", "?name=nobody", "?predicate=Cukup", "/s1", "/s2", "/../check"):
            page.goto(f"{public.url}{RESULTS}{query}")
            assert foreign(page, lang) == [], query
        page.goto(f"{public.url}{RESULTS}")
        assert {"id": "2,95", "en": "2.95"}[lang] in page.locator("#agencies").inner_text()
        assert {"id": "Baik", "en": "Good"}[lang] in page.locator("#agencies").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_stranger_finds_an_agency(
    chromium: Browser, public: Gateway, scoring: Stage, scripts: bool
) -> None:
    with chromium.page(java_script_enabled=scripts) as page:
        page.goto(f"{public.url}{RESULTS}")
        page.get_by_label("Nama instansi").fill("provinsi contoh")
        page.get_by_label("Urutan").select_option("name")
        page.get_by_role("button", name="Tampilkan").click()
        assert (
            page.locator("#agencies th[scope=row]").first.inner_text().strip()
            == "Pemerintah Provinsi Contoh 002"
        )
        page.locator("#predicates").get_by_role("link", name="Cukup").click()
        rows = page.locator("#agencies tbody tr")
        assert rows.count() == 9
        assert "Pemerintah Provinsi Contoh 035" in rows.first.inner_text()
        assert page.get_by_label("Nama instansi").input_value() == "provinsi contoh"
