"""An agency's whole work in a browser: answers that are never lost, evidence, the seal and its receipt."""

import json

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.intake.files import pdf
from tests.intake.rounds import CODES, A
from tests.pages.agency import HOME, Office, saved
from tests.pages.browser import faults
from tests.waiting import until

PAGES = {"home": "", "indicators": "/indicators", "indicator": "/indicators/1", "seal": "/seal"}


@pytest.mark.parametrize("full", [False, True])
def test_axe_finds_nothing_and_nothing_stands_out(office: Office, full: bool) -> None:
    if full:
        office.round.answer_all(A)
    with office.at("officer-a", width=360) as page:
        for name, path in PAGES.items():
            office.open(page, path)
            office.chromium.look(page, f"agency-{name}-{'full' if full else 'empty'}")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_pages_speak_one_language(office: Office, lang: str) -> None:
    words = {"id": ("Beranda", "Home"), "en": ("Home", "Beranda")}[lang]
    with office.at("clerk-a", lang=lang) as page:
        for path in PAGES.values():
            office.open(page, path)
            said = page.locator("body").inner_text()
            assert words[0] in said
            assert words[1] not in said


def test_nothing_filled_in_has_no_index_yet(office: Office) -> None:
    with office.at("coordinator-a") as page:
        for path in ("", "/indicators/1"):
            office.open(page, path)
            assert page.locator("#index").inner_text() == "\N{EN DASH}"
            expect(page.locator("#index-card")).to_contain_text("belum ada indeks")
        office.open(page, "/seal")
        expect(page.locator("main")).not_to_contain_text("1,00")
        office.round.put("clerk-a", f"/self-assessments/{A}/answers/1", {**ANSWER, "value": 1}, 0)
        office.open(page, "")
        assert page.locator("#index").inner_text() == "1,00"


def test_an_indicator_says_what_it_weighs_and_home_who_works_on_it(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        expect(page.locator("main")).to_contain_text("Bobot 10,00 % dari indeks")
        office.open(page, "")
        team = page.locator("#team li")
        expect(team).to_have_count(4)
        expect(team.first).to_contain_text("Koordinator")


def test_what_is_typed_is_saved_by_itself_and_stays(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        expect(page.locator("#saved")).to_be_hidden()
        page.locator("#facts").fill("Peraturan 7/2026, halaman 3.")
        expect(page.locator("#saved")).to_contain_text("tingkat belum dipilih")
        page.evaluate("localStorage.clear()")
        page.reload()
        expect(page.locator("#saved")).to_contain_text("tingkat belum dipilih")
        assert page.locator("#facts").input_value() == "Peraturan 7/2026, halaman 3."
        page.get_by_label("2 ·").first.check()
        saved(page)
        office.until_stored("1", value="2", facts="Peraturan 7/2026, halaman 3.")
        page.locator("#analysis").fill("Memenuhi tingkat 2.")
        office.until_stored("1", analysis="Memenuhi tingkat 2.")
        office.open(page, "")
        assert "1 dari 4 terisi" in page.locator("main").inner_text()


def test_two_people_at_different_fields_of_one_indicator_lose_nothing(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as one, office.at("officer-a", "/indicators/1") as other:
        one.locator("#facts").fill("Fakta dari entri data")
        other.locator("#analysis").fill("Analisis dari petugas")
        office.until_stored("1", facts="Fakta dari entri data", analysis="Analisis dari petugas")
        saved(one)
        saved(other)


def test_two_people_who_type_all_answers_at_once_lose_nothing(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as one, office.at("officer-a", "/indicators/1") as other:
        for code in CODES:
            office.open(one, f"/indicators/{code}")
            office.open(other, f"/indicators/{code}")
            for key in range(3):
                one.locator("#facts").press_sequentially(f"Fakta {code}.{key} ")
                other.locator("#analysis").press_sequentially(f"Analisis {code}.{key} ")
            level, number = one.locator("#value-2"), one.locator("#value")
            level.check() if level.count() else number.fill("2")
            file = {
                "name": f"bukti-{code}.pdf",
                "mimeType": "application/pdf",
                "buffer": pdf(f"Bukti {code}"),
            }
            other.locator("#choose").set_input_files(file)  # type: ignore[arg-type]
            office.until_inspected(other, file["name"], "Diterima")  # type: ignore[arg-type]
            saved(one)
            saved(other)
    for code in CODES:
        kept = office.stored(code)
        assert kept["facts"] == "".join(f"Fakta {code}.{key} " for key in range(3))
        assert kept["analysis"] == "".join(f"Analisis {code}.{key} " for key in range(3))
        assert (kept["value"], [each["name"] for each in kept["evidence"]]) == ("2", [f"bukti-{code}.pdf"])


def test_two_people_at_the_same_text_see_both_versions_and_choose(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as one, office.at("officer-a", "/indicators/1") as other:
        one.locator("#facts").fill("Versi pertama")
        office.until_stored("1", facts="Versi pertama")
        other.locator("#facts").fill("Versi kedua")
        expect(other.locator("#facts-stored")).to_contain_text("Versi pertama")
        assert other.locator("#facts").input_value() == "Versi kedua"
        assert faults(other) == []
        office.chromium.keep(other, "agency-conflict")
        other.locator("#facts").fill("Versi pertama dan kedua")
        office.until_stored("1", facts="Versi pertama dan kedua")


def test_an_earlier_version_is_shown_and_its_words_are_taken_over(office: Office) -> None:
    office.round.answer_all(A)
    for rev in range(1, 24):
        sent = {**ANSWER, "facts": f"Versi {rev + 1}"}
        office.round.put("officer-a", f"/self-assessments/{A}/answers/1", sent, rev)
    with office.at("clerk-a", "/indicators/1") as page:
        page.get_by_role("link", name="Versi sebelumnya").click()
        office.chromium.keep(page, "agency-versions")
        assert faults(page) == []
        assert page.locator("article").count() == 20
        page.get_by_role("link", name="Yang lebih lama").click()
        assert page.locator("article").count() == 4
        page.locator("article", has_text="Versi 3").get_by_role("button").click()
        assert page.locator("#facts").input_value() == "Versi 3"
    assert (office.stored("1")["facts"], office.stored("1")["rev"]) == ("Versi 3", 25)


def test_what_is_typed_while_the_line_is_away_goes_when_it_is_back(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/2") as page:
        page.context.set_offline(True)
        page.locator("#facts").fill("Ditulis tanpa sambungan")
        expect(page.locator("#saved")).to_contain_text("Sambungan terputus")
        assert office.stored("2")["facts"] != "Ditulis tanpa sambungan"
        page.context.set_offline(False)
        office.until_stored("2", facts="Ditulis tanpa sambungan")
        saved(page)


def test_who_else_is_here_is_shown(office: Office) -> None:
    with office.at("clerk-a", "/indicators/3"), office.at("officer-a", "/indicators/3") as other:
        expect(other.locator("#others")).to_contain_text("clerk-a juga sedang membuka ini")


def test_a_ticked_condition_stays_and_is_no_claim(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        tick = page.locator("input[name=ticks]").first
        with page.expect_response(lambda answer: "/ticks/" in answer.url) as told:
            tick.check()
        assert told.value.ok
        page.reload()
        assert page.locator("input[name=ticks]").first.is_checked()
        assert office.stored("1") == {}


def test_evidence_is_sent_checked_named_and_taken_back(office: Office) -> None:
    office.round.answer_all(A)
    data = pdf("Peraturan", 120_000)
    with office.at("clerk-a", "/indicators/1") as page:
        file = {"name": "peraturan.pdf", "mimeType": "application/pdf", "buffer": data}
        page.locator("#choose").set_input_files(file)  # type: ignore[arg-type]
        office.until_inspected(page, "peraturan.pdf", "Diterima")
        until(lambda: len(office.stored("1").get("evidence", [])) == 1)
        office.chromium.keep(page, "agency-evidence")
        assert faults(page) == []
        page.get_by_role("button", name="Lepas: peraturan.pdf").click()
        until(lambda: office.stored("1")["evidence"] == [])
        page.get_by_role("button", name="Batalkan").click()
        until(lambda: len(office.stored("1")["evidence"]) == 1)
        page.reload()
        expect(page.locator("#files li")).to_contain_text("peraturan.pdf")


def test_a_refused_file_says_why(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as page:
        file = {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": b"no pdf at all"}
        page.locator("#choose").set_input_files(file)  # type: ignore[arg-type]
        expect(page.locator("#files li")).to_contain_text("Ditolak")
        assert office.stored("1")["evidence"] == []


def test_without_scripts_a_form_saves_and_a_conflict_shows_both(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        office.round.put(
            "officer-a", f"/self-assessments/{A}/answers/1", {**ANSWER, "facts": "Dari petugas"}, 1
        )
        page.locator("#facts").fill("Dari entri data")
        page.get_by_role("button", name="Simpan", exact=True).click()
        assert "Teks yang sama sudah diubah sementara itu" in page.locator("main").inner_text()
        assert page.locator("#facts").input_value() == "Dari entri data"
        assert "Dari petugas" in page.locator(".n-stored").inner_text()
        page.get_by_role("button", name="Simpan", exact=True).click()
        assert page.url.endswith("/indicators/1")
        assert office.stored("1")["facts"] == "Dari entri data"


ANSWER = {"value": 2, "facts": "", "analysis": "Sesuai"}


def test_sealing_says_what_is_missing_then_seals_what_was_shown_and_gives_the_receipt(office: Office) -> None:
    with office.at("coordinator-a", "/seal") as page:
        page.get_by_role("button", name="Segel dan sampaikan").click()
        said = page.locator("#first").inner_text()
        assert f"Indikator {CODES[0]}: belum bernilai" in said
        assert page.locator(".govuk-error-message").count() == 6
        assert page.evaluate("document.activeElement.closest('#first') !== null")
        assert page.title().startswith("Kesalahan:")
        page.get_by_role("link", name="Isi: Nomor berita acara").click()
        assert page.evaluate("location.hash") == "#number"
        assert faults(page) == []
        office.chromium.keep(page, "agency-seal-faults")
        office.round.answer_all(A)
        office.open(page, "/seal")
        fill_minutes(page)
        office.round.put("clerk-a", f"/self-assessments/{A}/answers/1", {**ANSWER, "value": 3}, 1)
        page.get_by_role("button", name="Segel dan sampaikan").click()
        assert office.round.stage.db["submissions"].count_documents({}) == 0
        assert page.locator("#number").input_value() == "BA-7/2026"
        page.get_by_role("button", name="Segel dan sampaikan").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Disegel dan disampaikan")
        office.chromium.keep(page, "agency-sealed")
        assert faults(page) == []
        with page.expect_download() as got:
            page.get_by_role("link", name="Unduh tanda terima").click()
        assert got.value.suggested_filename == "kota-a-2026-receipt.json"
        receipt = json.loads(got.value.path().read_text())
    (submission,) = office.round.stage.db["submissions"].find()
    assert receipt == submission["receipt"]


def fill_minutes(page: Page) -> None:
    """Write what the minutes need."""
    for name, text in {
        "number": "BA-7/2026",
        "date": "2026-07-01",
        "place": "Kota A",
        "coordinator_name": "Dewi Anggraini",
        "coordinator_position": "Sekretaris Daerah",
    }.items():
        page.locator(f"#{name}").fill(text)
    page.get_by_label("Saya menyetujui").check()


def test_a_clerk_sees_who_seals_and_cannot(office: Office) -> None:
    with office.at("clerk-a", "/seal") as page:
        assert page.get_by_role("button", name="Segel dan sampaikan").count() == 0
        cookies = {one["name"]: one["value"] for one in page.context.cookies()}
        token = page.locator("input[name=csrf_token]").first.get_attribute("value")
    form = {"csrf_token": token, "manifest": "{}"}
    answer = requests.post(f"{office.front.url}{HOME}/seal", data=form, cookies=cookies, timeout=10)
    assert answer.status_code == 403


def test_another_agencys_pages_are_as_if_they_were_not_there(office: Office) -> None:
    with office.chromium.page() as page:
        office.sign_in(page, "clerk-a")
        for path in PAGES.values():
            found = page.goto(f"{office.front.url}/intake/self-assessments/2026.kota-b{path}")
            nowhere = page.goto(f"{office.front.url}/intake/self-assessments/2026.nowhere{path}")
            assert found
            assert nowhere
            assert (found.status, nowhere.status) == (404, 404)
