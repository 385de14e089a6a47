"""The ministry's pages of review in a browser: assessors appointed by form and from a file, a conflict, a case."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared.events.intake import MemberGrant, MemberSet
from tests.pages.review import LONG_AGENCY, Bench, bench, review_front
from tests.review.builders import Review, cycle

__all__ = ["bench", "review_front"]

ASSESSORS, NEW, CASES, ME = "/review/assessors", "/review/new-assessor", "/review/cases", "/review/me"
IMPORT = "/review/imports/assessors"
HEAD = "id;name;subject;since;employer;until\r\n"
RIGHT = (
    "dewi;Dewi Lestari;dewi;2026-01-01;kota-a;31 Desember 2099\r\nani;Ani Suryani;ani;2020-01-01 07.00;;\r\n"
)
WRONG = "Eko;;eko;kemarin;kota-z;\r\n"


@pytest.fixture
def ministry(bench: Bench) -> Bench:
    """An officer, a cycle with cases of two agencies, of which ani holds one, and somebody who is known."""
    review = bench.review
    review.open()
    review.open("kota-b")
    review.stage.db["agencies"].update_one({"_id": "kota-b"}, {"$set": {"name": LONG_AGENCY}})
    review.stage.consume("cycle:2026", cycle())
    known(review)
    review.finish("budi", {"1": 2, "2": 3, "3": "2.75"}, {"2": "Di mana keputusannya?"}, review.open_task())
    review.claim("ani", review.open_task("kota-b"))
    return bench


def known(review: Review) -> None:
    """Have somebody known who is not appointed yet."""
    since = datetime(2020, 1, 1, tzinfo=UTC)
    event = MemberSet(
        person="p-citra",
        issuer=review.stage.settings.oidc_issuer,
        subject="citra",
        grants=(MemberGrant(role="clerk", agency="kota-a", since=since),),
        name="Citra Dewi",
    )
    review.stage.consume("person:p-citra", event)


def choose(page: Page, folder: Path, text: str) -> None:
    """Choose a file with this text and have it shown."""
    file = folder / "asesor-2026.csv"
    file.write_bytes(text.encode("utf-8-sig"))
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Tampilkan akibatnya").click()


def test_axe_finds_nothing_on_these_pages(ministry: Bench, tmp_path: Path) -> None:
    declared = {"agencies": [{"agency": "kota-b", "reason": "Saudara bekerja di sana."}]}
    assert ministry.review.put("budi", "/assessors/budi/conflicts", declared, '"1"').status_code == 200

    def look(page: Page, name: str, lang: str = "id") -> None:
        ministry.chromium.look(page, f"review-{name}", lang)

    with ministry.at("officer", ASSESSORS) as page:
        for name, place in (
            ("assessors", ASSESSORS),
            ("assessor", f"{ASSESSORS}/budi"),
            ("assessor-change", f"{ASSESSORS}/budi/change"),
            ("conflict", f"{ASSESSORS}/budi/conflicts/kota-b"),
            ("assessor-new", f"{NEW}?q=dewi"),
            ("assessor-import", IMPORT),
            ("cases", CASES),
            ("case", f"{CASES}/s-kota-a"),
            ("case-indicator", f"{CASES}/s-kota-a/indicators/2"),
        ):
            ministry.open(page, place)
            look(page, name)
        ministry.open(page, NEW)
        page.get_by_role("button", name="Tunjuk", exact=True).click()
        expect(page.locator(".govuk-error-message")).to_have_count(2)
        look(page, "assessor-new-error")
        ministry.open(page, IMPORT)
        choose(page, tmp_path, HEAD + RIGHT + WRONG)
        page.get_by_role("link", name="Semua 3").click()
        look(page, "assessor-preview")
        for name, place in (("assessor", f"{ASSESSORS}/budi"), ("case", f"{CASES}/s-kota-a")):
            ministry.open(page, f"{place}?lang=en")
            look(page, f"{name}-en", "en")
    with ministry.at("budi", ME) as page:
        look(page, "me")
        page.get_by_role("button", name="Nyatakan").click()
        expect(page.locator(".govuk-error-message")).to_have_count(2)
        look(page, "me-error")


@pytest.mark.parametrize("scripts", [True, False])
def test_an_officer_appoints_by_form_and_file_declares_a_conflict_and_finds_a_case(
    ministry: Bench, tmp_path: Path, scripts: bool
) -> None:
    review = ministry.review
    with ministry.at("officer", CASES, java_script_enabled=scripts) as page:
        main = page.locator("main")
        page.get_by_role("link", name="Asesor", exact=True).click()
        page.get_by_role("link", name="Tunjuk asesor").click()
        page.get_by_label("Sebagian nama").fill("dewi")
        main.get_by_role("button", name="Cari").click()
        page.locator("#known").get_by_role("link", name="Pilih").click()
        page.get_by_label("Sampai").fill("2020-01-01T00:00")
        page.get_by_role("button", name="Tunjuk", exact=True).click()
        expect(page.locator(".govuk-error-summary")).to_contain_text("Akhir tidak lebih lambat daripada awal")
        page.get_by_label("Sampai").fill("2099-12-31T23:59")
        page.get_by_role("button", name="Tunjuk", exact=True).click()
        expect(page.locator("h1")).to_have_text("Citra Dewi")
        expect(main).to_contain_text("31 Desember 2099 pukul 23.59 WIB")
        page.get_by_role("link", name="Asesor", exact=True).first.click()
        page.get_by_role("link", name="Impor").click()
        choose(page, tmp_path, HEAD + RIGHT + WRONG)
        expect(page.locator(".govuk-table__row--bad")).to_have_count(1)
        expect(main).to_contain_text("name kosong")
        page.get_by_role("link", name="Unggah berkas yang diperbaiki").click()
        choose(page, tmp_path, HEAD + RIGHT)
        expect(main).to_contain_text("name: “Ani” → “Ani Suryani”")
        page.get_by_role("button", name="Simpan persis seperti ini").click()
        expect(page.get_by_role("status")).to_contain_text("2 disimpan, 0 tetap")
        assert review.get("officer", "/assessors/dewi").json["employer_agency"] == "kota-a"
        page.get_by_role("link", name="Ani Suryani").click()
        page.get_by_label("Instansi", exact=True).select_option(label=LONG_AGENCY)
        page.get_by_label("Alasan").fill("Saudara bekerja di sana.")
        page.get_by_role("button", name="Nyatakan").click()
        expect(page.get_by_role("status")).to_contain_text("sudah dinyatakan")
        expect(page.locator("#tasks")).to_contain_text("terbuka lagi")
        assert review.get("ani", "/tasks").json["items"] != []
        assert review.get("ani", "/cases/s-kota-b").status_code == 404
        page.get_by_role("link", name="Berkas penilaian", exact=True).click()
        page.get_by_label("Instansi", exact=True).fill("kota-a")
        page.get_by_label("Tahap").select_option(label="Interviu")
        main.get_by_role("button", name="Cari").click()
        page.get_by_role("link", name="Kota-A").click()
        expect(page.locator("#stages")).to_contain_text("Budi")
        page.get_by_role("link", name="2. Dua").click()
        expect(main).to_contain_text("Di mana keputusannya?")


def test_an_assessor_declares_and_loses_the_task(ministry: Bench) -> None:
    with ministry.at("ani", "/review/tasks") as page:
        page.get_by_role("link", name="Penunjukan saya").click()
        page.get_by_label("Instansi", exact=True).select_option(label=LONG_AGENCY)
        page.get_by_label("Alasan").fill("Saya pernah menjadi konsultannya.")
        page.get_by_role("button", name="Nyatakan").click()
        expect(page.locator("#conflicts")).to_contain_text("dinyatakan oleh Anda")
        page.get_by_role("link", name="Ke daftar tugas").click()
        expect(page.locator("#held li")).to_have_count(0)
        assert LONG_AGENCY not in page.locator("main").inner_text()
