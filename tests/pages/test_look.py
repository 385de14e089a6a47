"""The look: all components, in every width, light and dark, in both languages; errors; weight on the line."""

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, Response

from services.intake.app import service
from shared.service import Service
from shared.web.statements import STATEMENTS
from tests.pages.browser import SCHEMES, Browser, Scheme, faults, foreign, sideways
from tests.support.gateway import Gateway
from tests.support.signedin import cookies_of, session_of
from tests.support.stage import Stage

FIRST, AFTER = 120_000, 30_000
DOCS = "api/v1/docs"
PAGES = ("ui", DOCS, *STATEMENTS)
SHORTER = "for (const one of [...document.querySelectorAll('article')].slice(12)) one.remove()"
"""The page of an API has a hundred operations, all drawn by one piece: axe takes ten seconds for each look at them."""


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_stands_out(chromium: Browser, front: Gateway, name: str) -> None:
    with chromium.page() as page:
        answer = page.goto(f"{front.url}/intake/{name}")
        assert answer
        assert answer.ok
        if name == DOCS:
            assert faults(page) == []
            page.evaluate(SHORTER)
        chromium.look(page, name.replace("/", "-"))


def test_a_page_that_is_loaded_on_a_dark_telephone_has_no_faults(chromium: Browser, front: Gateway) -> None:
    with chromium.page(360, "dark") as page:
        page.goto(f"{front.url}/intake/ui")
        assert faults(page) == []
        assert sideways(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_menu_opens_on_a_telephone_and_shows_where_one_is(
    chromium: Browser, front: Gateway, scheme: Scheme
) -> None:
    with chromium.page(360, scheme) as page:
        page.goto(f"{front.url}/intake/ui")
        link = page.get_by_role("link", name="Klarifikasi", exact=True)
        assert not link.is_visible()
        page.get_by_role("button", name="Tampilkan atau sembunyikan menu").click()
        assert link.is_visible()
        chromium.keep(page, f"menu-360-{scheme}")
        assert faults(page) == []


def test_without_scripts_everything_is_there(chromium: Browser, front: Gateway) -> None:
    with chromium.page(360, java_script_enabled=False) as page:
        page.goto(f"{front.url}/intake/ui")
        assert page.get_by_role("link", name="Klarifikasi", exact=True).is_visible()
        assert page.get_by_role("button", name="Segel dan sampaikan").is_visible()


def test_a_language_that_is_chosen_stays(chromium: Browser, front: Gateway) -> None:
    with chromium.page() as page:
        page.goto(f"{front.url}/intake/privacy")
        assert page.locator("html").get_attribute("lang") == "id"
        page.get_by_role("button", name="EN English").click()
        assert page.url == f"{front.url}/intake/privacy"
        assert page.get_by_role("heading", level=1).inner_text() == "Privacy"
        page.goto(f"{front.url}/intake/help")
        assert page.locator("html").get_attribute("lang") == "en"
        assert faults(page) == []


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("name", ["ui", "nowhere", *STATEMENTS])
def test_a_page_speaks_one_language(chromium: Browser, front: Gateway, name: str, lang: str) -> None:
    with chromium.page(lang=lang) as page:
        page.goto(f"{front.url}/intake/{name}")
        assert page.locator("html").get_attribute("lang") == lang
        assert foreign(page, lang) == []
        assert foreign(page, "en" if lang == "id" else "id") != []  # so that it would be seen


def test_answers_are_compressed_and_conditions_on_them_hold(front: Gateway) -> None:
    path = f"{front.url}/intake/api/v1/openapi.json"
    for url in (path, f"{front.url}/intake/ui"):
        answer = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=10)
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert "Accept-Encoding" in answer.headers["Vary"]
    (style,) = re.findall(
        r'"(/assets/govuk\.[^"]+)"', requests.get(f"{front.url}/intake/ui", timeout=10).text
    )
    first = requests.get(front.url + style, headers={"Accept-Encoding": "gzip"}, timeout=10)
    again = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert requests.get(front.url + style, headers=again, timeout=10).status_code == 304


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(
    chromium: Browser, front: Gateway
) -> None:
    with chromium.page() as page:
        page.goto(f"{front.url}/intake/ui")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent.trim()") == "Langsung ke isi"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main-content"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/intake/nowhere", 404, "Halaman tidak ditemukan"),
        ("/nowhere", 404, "Halaman tidak ditemukan"),
        ("/review/ui", 503, "Silakan coba beberapa saat lagi"),
    ],
)
def test_errors_are_pages_for_people(
    chromium: Browser, front: Gateway, path: str, status: int, words: str
) -> None:
    with chromium.page(360) as page:
        answer = page.goto(f"{front.url}{path}")
        assert answer
        assert (answer.status, page.get_by_role("heading", level=1).inner_text()) == (status, words)
        chromium.look(page, f"error-{path.replace('/', '-').strip('-')}")


def test_a_page_is_light_on_the_line(chromium: Browser, front: Gateway) -> None:
    with chromium.page() as page:
        first = weight(page, f"{front.url}/intake/ui")
        after = weight(page, f"{front.url}/intake/ui")
    assert after <= AFTER
    assert after < first <= FIRST


def weight(page: Page, url: str) -> int:
    """Bytes on the line for one load, with heads."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(url, wait_until="networkidle")
    page.remove_listener("response", note)
    sizes = [answer.request.sizes() for answer in answers if not _is_kept(page, answer)]
    return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


def _is_kept(page: Page, answer: Response) -> bool:
    """Whether the browser had it already, so that nothing went over the line."""
    script = "url => performance.getEntriesByName(url).some(entry => entry.transferSize === 0)"
    return bool(page.evaluate(script, answer.url))


def test_pages_print_without_what_is_pressed(chromium: Browser, front: Gateway) -> None:
    with chromium.page(800) as page:
        page.emulate_media(media="print")
        page.goto(f"{front.url}/intake/ui")
        chromium.keep(page, "ui-print")
        assert not page.get_by_role("button", name="Segel dan sampaikan").is_visible()
        assert page.get_by_role("heading", name="Per aspek").is_visible()


def test_what_is_folded_is_printed_without_the_sign_of_it(chromium: Browser, front: Gateway) -> None:
    with chromium.page(800) as page:
        page.goto(f"{front.url}/intake/ui")
        fold = page.locator(".govuk-details:not([open])", has_text="Lihat sebagai daftar")
        assert not fold.locator(".govuk-details__text").is_visible()
        page.emulate_media(media="print")
        page.pdf(path=chromium.shots / "ui-print.pdf", format="A4")
        assert fold.locator(".govuk-details__text").is_visible()
        signs = "summaries => summaries.map(one => getComputedStyle(one, '::before').display)"
        assert set(page.locator(".govuk-details[open] > summary").evaluate_all(signs)) == {"none"}
        assert fold.locator("summary").evaluate_all(signs) == ["none"]
        assert page.locator(".govuk-details:not([open]):has(form):visible").count() == 0


def test_whoever_has_signed_in_stays_so_on_the_pages_for_everybody(
    chromium: Browser, front: Gateway, stage: Callable[[Service], Stage]
) -> None:
    settings = stage(service).settings
    found = cookies_of(session_of(settings.oidc_issuer, "ani"), settings.keys)
    with chromium.page(360) as page:
        page.context.add_cookies(
            [{"name": name, "value": value, "url": front.url} for name, value in found.items()]
        )
        for name in STATEMENTS:
            page.goto(f"{front.url}/intake/{name}")
            assert page.get_by_role("button", name="Keluar").is_visible()
            assert page.get_by_text("Nama ani").is_visible()
            assert not page.get_by_role("link", name="Masuk").is_visible()
