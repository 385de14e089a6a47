"""Comments in a browser: left, settled and withdrawn beside what is being typed, with scripts and without."""

from playwright.sync_api import Page, expect

from tests.pages.agency import Office
from tests.pages.browser import faults

TEXT = "Nomor peraturan ini masih yang lama."


def leave(page: Page, text: str = TEXT) -> None:
    page.get_by_label("Komentar baru").fill(text)
    page.get_by_role("button", name="Kirim komentar").click()
    expect(page.locator("#comments")).to_contain_text(text)


def test_a_comment_is_left_beside_what_is_typed_and_answered_by_a_colleague(office: Office) -> None:
    office.round.answer_all("2026.kota-a")
    with office.at("clerk-a", "/indicators/1") as page, office.at("officer-a") as other:
        page.evaluate("window.here = true")
        page.locator("#facts").fill("Sedang ditulis")
        leave(page)
        expect(page.locator("#facts")).to_have_value("Sedang ditulis")
        assert page.evaluate("window.here && document.activeElement.id") == "comments"
        page.get_by_role("button", name="Kirim komentar").click()
        expect(page.locator("#comment-error")).to_contain_text("Tulis sesuatu")
        assert faults(page) == []
        other.reload()
        other.get_by_role("link", name="1 komentar terbuka").click()
        other.locator("main .n-rows a").first.click()
        assert TEXT in other.locator("#comments").inner_text()
        other.get_by_role("button", name="Tandai selesai").click()
        expect(other.locator("#comments")).to_contain_text("Selesai")
        assert other.get_by_role("button", name="Tarik").count() == 0
        page.reload()
        page.get_by_role("button", name="Buka lagi").click()
        page.get_by_role("button", name="Tarik").click()
        expect(page.locator("#comments")).not_to_contain_text(TEXT)
        office.until_stored("1", facts="Sedang ditulis")


def test_a_comment_stays_in_its_field_while_the_line_is_away(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1") as page:
        page.context.set_offline(True)
        page.get_by_label("Komentar baru").fill(TEXT)
        page.get_by_role("button", name="Kirim komentar").click()
        expect(page.locator("#comments")).to_contain_text("Sambungan terputus")
        page.context.set_offline(False)
        page.get_by_role("button", name="Kirim komentar").click()
        expect(page.locator("#comments li")).to_have_count(1)


def test_without_scripts_comments_are_left_and_settled(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1", java_script_enabled=False) as page:
        leave(page)
        assert page.url.endswith("#comments")
        page.get_by_role("button", name="Tandai selesai").click()
        assert page.get_by_role("button", name="Buka lagi").count() == 1


def test_axe_finds_nothing_where_there_are_comments(office: Office) -> None:
    with office.at("clerk-a", "/indicators/1", width=360) as page:
        leave(page, "panjang" * 40)
        leave(page)
        page.get_by_role("button", name="Tandai selesai").first.click()
        expect(page.get_by_role("button", name="Buka lagi")).to_be_visible()
        for path in ("", "/indicators?show=commented", "/indicators/1"):
            office.open(page, path)
            office.chromium.look(page, f"comments{path.partition('?')[0].replace('/', '-')}")
