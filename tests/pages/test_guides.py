"""The guides in a browser."""

import pytest

from tests.pages.browser import Browser
from tests.support.gateway import Gateway


@pytest.mark.parametrize(("lang", "title"), [("id", "Untuk instansi"), ("en", "For agencies")])
def test_a_guide_is_found_from_the_foot_and_read(
    chromium: Browser, front: Gateway, lang: str, title: str
) -> None:
    with chromium.page(lang=lang) as page:
        page.goto(f"{front.url}/intake/help")
        page.locator("footer").get_by_role("link", name={"id": "Panduan", "en": "Guides"}[lang]).click()
        page.get_by_role("article").get_by_role("link", name=title).click()
        assert page.get_by_role("heading", level=1).inner_text() == title
        part = page.get_by_role("navigation", name={"id": "Di halaman ini", "en": "On this page"}[lang])
        part.get_by_role("link").nth(3).click()
        assert page.evaluate("document.querySelector(':target').tagName") == "H2"
        page.evaluate("document.querySelectorAll('img').forEach(one => { one.loading = 'eager' })")
        page.evaluate("Promise.all([...document.images].map(one => one.decode()))")
        chromium.look(page, f"guide-{lang}", lang)


def test_a_wide_table_and_code_stay_inside_of_a_telephone(chromium: Browser, front: Gateway) -> None:
    with chromium.page() as page:
        for name in ("roles", "webhooks"):
            page.goto(f"{front.url}/guides/{name}")
            chromium.look(page, f"guide-{name}")
