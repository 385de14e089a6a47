"""A session that runs out while somebody writes: nothing typed is lost, and nobody else sends it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared.core.ids import utcnow
from tests.intake.files import pdf
from tests.intake.rounds import A
from tests.pages.agency import Office, saved
from tests.pages.browser import faults, foreign
from tests.pages.door import age, log_in

SHORT = 'Fakta "kutip" <b>tebal</b>\nbaris kedua'
LONG = SHORT + " panjang" * 2_000  # more than 10 kB, from where on the gateway asks whose it is
Age = Callable[[Page], None]


@pytest.fixture
def over(key_folder: Path) -> Age:
    """Has the session of a browser end, by an hour in which nothing was done."""
    return lambda page: age(page, key_folder, until=_ago(minutes=2), deed=_ago(hours=2))


@pytest.fixture
def to_renew(key_folder: Path) -> Age:
    """Has the five minutes of a browser's session be over, which goes on."""
    return lambda page: age(page, key_folder, until=_ago(minutes=2))


def _ago(**time: float) -> datetime:
    return utcnow() - timedelta(**time)


def write(page: Page, text: str) -> None:
    """Write into the form of an indicator, and send it as a browser without scripts does."""
    page.locator("#facts").fill(text)
    page.locator("#analysis").fill("Analisis")
    page.get_by_role("button", name="Simpan", exact=True).click()


def stored(office: Office) -> list[str]:
    """The explanation as it is stored, line by line."""
    return [str(office.stored("1").get(name, "")) for name in ("facts", "analysis")]


def sign_in_beside(page: Page, who: str) -> None:
    """Sign somebody in by the tab that the page of the kept form opens."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Masuk lagi di tab baru").click()
    log_in(opened.value, who)
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Anda sudah masuk lagi")
    opened.value.close()


@pytest.mark.parametrize("text", [SHORT, LONG], ids=["short", "long"])
def test_a_form_sent_too_late_is_shown_again_and_sent_by_the_same_person(
    office: Office, over: Age, text: str
) -> None:
    office.round.answer_all(A)
    before = stored(office)
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        over(page)
        write(page, text)
        assert (
            page.get_by_role("heading", level=1).inner_text()
            == "Tidak ada yang hilang: sesi Anda sudah berakhir"
        )
        assert foreign(page, "id") == []
        office.chromium.keep(page, f"form-kept-{len(text)}")
        assert stored(office) == before
        sign_in_beside(page, "clerk-a")
        page.get_by_role("button", name="Kirim lagi").click()
        assert page.url.endswith("/indicators/1")
        expect(page.locator("#facts")).to_have_value(text)
        assert stored(office) == [text, "Analisis"]


@pytest.mark.parametrize("text", [SHORT, LONG], ids=["short", "long"])
def test_a_form_goes_on_by_itself_while_the_session_does(office: Office, to_renew: Age, text: str) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        to_renew(page)
        write(page, text)
        assert page.url.endswith("/indicators/1")
        assert stored(office) == [text, "Analisis"]


@pytest.mark.parametrize("ended", [True, False])
def test_nobody_else_sends_a_form_and_it_is_kept_for_whose_it_is(
    office: Office, over: Age, ended: bool
) -> None:
    office.round.answer_all(A)
    before = stored(office)
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        if ended:
            over(page)
        other = page.context.new_page()
        office.sign_in(other, "officer-a")
        write(page, LONG)
        for _ in range(2):
            assert page.get_by_role("heading", level=1).inner_text() == "Formulir ini milik orang lain"
            assert stored(office) == before
            page.get_by_role("button", name="Kirim lagi").click()
        office.chromium.keep(page, "form-of-another")
        sign_in_beside(page, "clerk-a")
        page.get_by_role("button", name="Kirim lagi").click()
        expect(page.locator("#facts")).to_have_value(LONG)
        assert stored(office) == [LONG, "Analisis"]


@pytest.mark.parametrize("told", [True, False], ids=["told", "closed-before-it-told"])
def test_what_a_script_saves_waits_for_the_same_person_too(office: Office, over: Age, told: bool) -> None:
    office.round.answer_all(A)
    before = stored(office)
    with office.at("clerk-a", "/indicators/1") as page:
        over(page)
        page.locator("#facts").fill(SHORT)
        link = page.locator("#saved").get_by_role("link", name="Masuk lagi")
        expect(page.locator("#saved")).to_contain_text("Sesi Anda sudah berakhir")
        assert faults(page) == []
        assert stored(office) == before
        with page.context.expect_page() as opened:
            link.click()
        if not told:
            opened.value.route("**/assets/session*", lambda route: route.abort())
        log_in(opened.value, "clerk-a")
        expect(opened.value.get_by_role("heading", level=1)).to_have_text("Anda sudah masuk lagi")
        opened.value.wait_for_load_state()
        opened.value.close()
        if not told:
            page.evaluate(
                "dispatchEvent(new Event('focus'))"
            )  # every page of Playwright believes to have it always
        office.until_stored("1", facts=SHORT)
        saved(page)


def test_a_page_renews_the_session_while_somebody_types_and_says_when_nobody_does(office: Office) -> None:
    with office.chromium.page() as page:
        page.clock.install()
        office.sign_in(page, "clerk-a", "/indicators/1")
        told = []
        for deed in (True, False):
            if deed:
                page.keyboard.press("Shift")
            with page.expect_response("**/session/renew") as renewed:
                page.clock.run_for(120_000)
            assert renewed.value.ok
            assert "nilai=" in renewed.value.all_headers()["set-cookie"]
            told.append(json.loads(renewed.value.request.post_data or "{}"))
        assert told == [{"deed": True}, {"deed": False}]


def test_what_waits_in_a_browser_is_nobody_elses_who_is_called_the_same(
    office: Office, key_folder: Path, over: Age
) -> None:
    office.round.answer_all(A)
    before = stored(office)
    with office.at("clerk-a", "/indicators/1") as page:
        age(page, key_folder, name="Sama Namanya")
        page.reload()
        expect(page.locator(".n-person")).to_contain_text("Sama Namanya")
        over(page)
        page.locator("#facts").fill("Ditulis orang pertama")
        expect(page.locator("#saved")).to_contain_text("Sesi Anda sudah berakhir")
        office.sign_in(page, "officer-a")
        age(page, key_folder, name="Sama Namanya")
        office.open(page, "/indicators/1")
        expect(page.locator(".n-person")).to_contain_text("Sama Namanya")
        page.locator("#analysis").fill("Ditulis orang kedua")
        office.until_stored("1", analysis="Ditulis orang kedua")
        assert stored(office) == [before[0], "Ditulis orang kedua"]
        office.sign_in(page, "clerk-a", "/indicators/1")
        office.until_stored("1", facts="Ditulis orang pertama")


def add_file(page: Page) -> None:
    """Choose a file of evidence."""
    file = {"name": "bukti.pdf", "mimeType": "application/pdf", "buffer": pdf("Bukti", 120_000)}
    page.locator("#choose").set_input_files(file)  # type: ignore[arg-type]


def test_a_file_goes_on_by_itself_while_the_session_does(office: Office, to_renew: Age) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as page:
        to_renew(page)
        add_file(page)
        office.until_inspected(page, "bukti.pdf", "Diterima")


@pytest.mark.parametrize("at", ["begin", "check"])
def test_a_file_waits_for_the_same_person_when_the_session_is_over(
    office: Office, over: Age, at: str
) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as page:
        if at == "begin":
            over(page)
            add_file(page)
        else:
            add_file(page)
            expect(page.locator("#files li")).to_contain_text("Sedang diperiksa")
            over(page)
        expect(page.locator("#files li")).to_contain_text("Sesi Anda sudah berakhir")
        expect(page.locator("#files li")).to_contain_text("bila halaman dimuat ulang, pilih berkasnya lagi")
        assert faults(page) == []
        with page.context.expect_page() as opened:
            page.locator("#files").get_by_role("link", name="Masuk lagi").click()
        log_in(opened.value, "clerk-a")
        expect(opened.value.get_by_role("heading", level=1)).to_have_text("Anda sudah masuk lagi")
        office.until_inspected(page, "bukti.pdf", "Diterima")
