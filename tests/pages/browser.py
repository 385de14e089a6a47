"""A browser for tests: pages of any width, light or dark, in a language, that axe looks at and pictures are kept of."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser as Program
from playwright.sync_api import Page

from deploy.local.config import CHECKOUT
from shared.web.catalogues import folders, read

AXE = CHECKOUT / "node_modules/axe-core/axe.min.js"
GOVUK = CHECKOUT / "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js"
Scheme = Literal["light", "dark"]
WIDTHS = (360, 1440)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that look at colours."""


@dataclass(frozen=True)
class Browser:
    """Chromium, and the folder in which pictures are kept."""

    program: Program
    shots: Path

    @contextmanager
    def page(
        self, width: int = 1440, scheme: Scheme = "light", lang: str = "id", **more: Any
    ) -> Iterator[Page]:
        """A page with a profile of its own; whatever its console or its policy complains about fails the test."""
        context = self.program.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=lang, **more
        )
        page, said = context.new_page(), list[str]()
        page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            yield page
        finally:
            context.close()
        complaints = [line for line in said if "Failed to load resource" not in line]
        assert complaints == []

    def look(self, page: Page, name: str, lang: str = "id") -> None:
        """See that nothing is wrong with the present page at any width, light and dark, and keep pictures of it.

        The page stays as it is loaded: what is drawn follows its window and its scheme. A scheme changes colours and
        nothing else, so the rules about colours are what the second one is held against. The window comes back.
        """
        before = page.viewport_size
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for scheme, rules in zip(SCHEMES, ((), COLOURS), strict=True):
                page.emulate_media(color_scheme=scheme)
                self.keep(page, f"{name}-{width}-{scheme}")
                assert faults(page, rules) == [], f"{name} at {width}, {scheme}"
            assert sideways(page) == [], f"{name} at {width}"
        page.emulate_media(color_scheme=None)
        if before:
            page.set_viewport_size(before)
        assert foreign(page, lang) == [], name

    def keep(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page."""
        self.shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.shots / f"{name}.png", full_page=True)


def faults(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds on the present page by these rules, or by all, a line for each."""
    # The page's policy lets no script in; what the test itself evaluates is not bound by it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    script = (
        "rules => axe.run(document, {resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {})})"
    )
    found = page.evaluate(script, list(rules))
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def foreign(page: Page, lang: str) -> list[str]:
    """Sentences of the other language that the present page says, outside of what is marked as being in it."""
    other = "en" if lang == "id" else "id"
    script = """lang => {
        const copy = document.body.cloneNode(true)
        for (const marked of copy.querySelectorAll(`[lang=${lang}], script`)) marked.remove()
        const said = [...copy.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap(
            e => ['aria-label', 'placeholder', 'title'].map(name => e.getAttribute(name) ?? ''))
        return [copy.textContent, ...said].join(' ').replace(/\\s+/g, ' ')
    }"""
    text = page.evaluate(script, other)
    said = (sentence for sentence in _sentences(other) if sentence in text)
    return [sentence for sentence in said if re.search(rf"\b{re.escape(sentence)}(?!\w)", text)]


@cache
def _axe() -> str:
    return AXE.read_text()


@cache
def _sentences(lang: str) -> frozenset[str]:
    """What our catalogues and GOV.UK's scripts say in a language, of two words and more, without gaps."""
    pairs = [
        (str(message.id), str(message.string))
        for folder in folders().values()
        for message in read(folder)
        if isinstance(message.id, str)
    ]
    ours = {pair[lang == "id"] for pair in pairs if pair[0] != pair[1]}
    theirs = re.findall(r'"([A-Z][a-z]+(?: [a-z%{}]+){1,9})"', GOVUK.read_text()) if lang == "en" else ()
    return frozenset(one for one in (*ours, *theirs) if " " in one and "%" not in one)


def sideways(page: Page) -> list[str]:
    """What makes the present page wider than its window."""
    script = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(script)
    return found


def beyond(page: Page) -> list[str]:
    """The tables of the present page of which a part can only be seen by moving them."""
    script = """tables => tables.filter(table => table.scrollWidth > table.clientWidth)
        .map(table => table.ariaLabel)"""
    found: list[str] = page.locator(".n-table:has(> table)").evaluate_all(script)
    return found
