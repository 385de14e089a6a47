"""The page of one indicator follows what one does there, without being loaded anew."""

import pytest
from playwright.sync_api import Page, expect

from tests.intake.files import pdf
from tests.intake.rounds import A
from tests.pages.agency import Office, saved
from tests.pages.browser import faults, foreign, sideways


def take(page: Page, name: str, data: bytes) -> None:
    """Choose a file, as a person does."""
    file = {"name": name, "mimeType": "application/pdf", "buffer": data}
    page.locator("#choose").set_input_files(file)  # type: ignore[arg-type]


def test_what_was_offered_in_a_conflict_goes_once_it_is_settled(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as one, office.at("officer-a", "/indicators/1") as other:
        for text in ("pertama", "kedua"):
            one.locator("#facts").fill(f"Versi {text}")
            office.until_stored("1", facts=f"Versi {text}")
            other.locator("#facts").fill(f"Bukan {text}")
            expect(other.locator("#facts-stored")).to_contain_text(f"Versi {text}")
            expect(other.locator("#saved")).to_contain_text("Teks yang sama sudah diubah sementara itu")
            if text == "pertama":
                other.get_by_role("button", name="Ambil yang ini").click()
            else:
                other.locator("#facts").fill("Keduanya")
                office.until_stored("1", facts="Keduanya")
            saved(other)
            expect(other.locator("#facts-stored")).to_have_count(0)
            one.reload()


def test_a_fresh_file_row_stands_apart_and_a_refused_one_can_be_closed(office: Office) -> None:
    office.round.answer_all(A)
    with office.at("clerk-a", "/indicators/1") as page:
        take(page, "palsu.pdf", b"no pdf at all")
        row = page.locator("#files li", has_text="palsu.pdf")
        expect(row).to_contain_text("Ditolak")
        assert row.locator(".n-rows__main").inner_text().startswith("palsu.pdf\n")
        space = "(document.getElementById('drop').getBoundingClientRect().top"
        assert page.evaluate(
            f"{space} - document.getElementById('files').getBoundingClientRect().bottom) >= 8"
        )
        office.chromium.keep(page, "desk-refused-file")
        assert faults(page) == []
        page.get_by_role("button", name="Tutup: palsu.pdf").click()
        expect(page.locator("#files li")).to_have_count(0)
        expect(page.locator("#choose")).to_be_focused()


@pytest.mark.parametrize(("lang", "said"), [("id", "PDF, gambar (.png"), ("en", "PDF, images (.png")])
def test_types_of_files_are_said_in_words(office: Office, lang: str, said: str) -> None:
    with office.at("clerk-a", "/indicators/1", lang=lang) as page:
        expect(page.locator("#drop")).to_contain_text(said)


def test_tree_index_and_next_level_follow_what_is_saved(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        expect(page.locator("#tree")).to_contain_text("0 terisi")
        page.locator("#value-2").check()
        saved(page)
        expect(page.locator("#tree")).to_contain_text("1 terisi")
        expect(page.locator("#filled")).to_have_text("1 dari 4 terisi")
        expect(page.locator("#tree [aria-current] .n-state")).to_have_attribute("aria-label", "tanpa bukti")
        expect(page.locator("#index-card")).to_contain_text("1 dari 4 terisi")
        expect(page.locator("#higher")).to_contain_text("Dengan tingkat 3")
        take(page, "peraturan.pdf", pdf("Peraturan", 120_000))
        office.until_inspected(page, "peraturan.pdf", "Diterima")
        expect(page.locator("#tree [aria-current] .n-state")).to_have_attribute("aria-label", "terisi")
        expect(page.locator("#evidence .n-card__head")).to_contain_text("120 kB dari 20 MB")
        page.locator("#value-3").check()
        expect(page.locator("#higher")).to_be_empty()
        assert faults(page) == []


def test_a_tick_counts_at_once_and_says_when_it_was_refused(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        tick, count = page.locator("#value-1-1"), page.locator("#value-1-count")
        expect(count).to_have_text("0 dari 1 syarat")
        with page.expect_response(lambda answer: "/ticks/" in answer.url):
            tick.check()
        expect(count).to_have_text("1 dari 1 syarat")
        page.context.set_offline(True)
        page.locator("label[for=value-1-1]").click()
        expect(page.get_by_role("alert").filter(has_text="Centang tidak tersimpan")).to_be_visible()
        expect(tick).to_be_checked()
        expect(count).to_have_text("1 dari 1 syarat")
        office.chromium.keep(page, "desk-tick-refused")
        assert faults(page) == []
        page.context.set_offline(False)
        tick.uncheck()
        expect(count).to_have_text("0 dari 1 syarat")
        expect(page.get_by_text("Centang tidak tersimpan")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1440])
def test_conditions_of_every_level_can_be_read_without_choosing(office: Office, width: int) -> None:
    with office.at("clerk-a", "/indicators/1", width=width) as page:
        for text in ("Ada.", "Baik.", "Dijaga."):
            shown = page.get_by_text(text, exact=True)
            if not shown.is_visible():
                page.locator("details", has=shown).locator("summary").click()
            expect(shown).to_be_visible()
        assert office.stored("1") == {}
        office.chromium.keep(page, f"desk-conditions-{width}")
        assert (faults(page), sideways(page)) == ([], [])


def test_a_chosen_level_and_the_next_one_open_at_once(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        expect(page.get_by_text("Dijaga.", exact=True)).to_be_hidden()
        page.locator("#value-2").check()
        expect(page.get_by_text("Baik.", exact=True)).to_be_visible()
        expect(page.get_by_text("Dijaga.", exact=True)).to_be_visible()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_number_outside_of_its_bounds_is_refused_at_its_field(office: Office, lang: str) -> None:
    words = {
        "id": ("Tulis nilai antara 1,00 dan 3,00", "Nilai harus berupa angka dari 1,00 sampai 3,00"),
        "en": ("Write a value between 1.00 and 3.00", "The value must be a number from 1.00 to 3.00"),
    }
    ask, error = words[lang]
    with office.at("clerk-a", "/indicators/3", lang=lang, width=360) as page:
        main = page.locator("main")
        expect(main).to_contain_text(ask)
        expect(main).not_to_contain_text({"id": "Centang syarat", "en": "Tick conditions"}[lang])
        field = page.locator("#value")
        field.fill("7")
        expect(page.locator("#value-error")).to_contain_text(error)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_attribute("aria-describedby", "value-error")
        expect(page.locator("#saved-below")).to_contain_text(
            {"id": "Belum tersimpan", "en": "Not saved"}[lang]
        )
        office.chromium.keep(page, f"desk-number-{lang}")
        assert (faults(page), sideways(page), foreign(page, lang)) == ([], [], [])
        field.fill("2,5" if lang == "id" else "2.5")
        expect(page.locator("#value-error")).to_be_hidden()
        expect(field).not_to_have_attribute("aria-invalid", "true")
        office.until_stored("3", value="2.5")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_sealed_indicator_looks_sealed(office: Office, lang: str) -> None:
    office.round.answer_all(A)
    office.round.seal()
    with office.at("clerk-a", "/indicators/1", lang=lang) as page:
        expect(page.locator("#sealed")).to_have_text({"id": "Disegel", "en": "Sealed"}[lang])
        expect(page.locator("#saved")).to_have_count(0)
        for control in page.locator("#answer input:is([type=radio], [type=checkbox])").all():
            expect(control).to_be_disabled()
        expect(page.locator("#facts")).not_to_be_editable()
        said = page.locator("#answer").inner_text()
        for hint in ("Centang syarat", "halaman bukti", "Tick conditions", "page of the evidence"):
            assert hint not in said
        office.chromium.keep(page, f"desk-sealed-{lang}")
        assert faults(page) == []
