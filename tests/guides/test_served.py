"""The guides as pages: in the reader's language, inside our frame, with nothing in them that is not ours."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import flask
import pytest
from flask.testing import FlaskClient

from services.intake.app import service
from services.intake.pages.guides import GUIDES
from shared.service import Service
from shared.web import assets
from shared.web.markdown import PICTURES, anchor, read_guide, render
from tests.guides.texts import LANGUAGES
from tests.support.stage import Stage

ADDRESSES = ["/intake/guides/", *(f"/intake/guides/{name}" for name in GUIDES)]
HEAVIEST = 30_000
"""Bytes of a page before it is compressed, four times of which are left on the line."""


class Page(HTMLParser):
    """What a page links to and shows, and the anchors that it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.anchors: set[str] = set()
        self.elements: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.elements.add(tag)
        if tag == "a":
            self.links.append(known.get("href") or "")
        if tag == "img":
            self.pictures.append(known)
        if known.get("id"):
            self.anchors.add(str(known["id"]))


@pytest.fixture
def client(stage: Callable[[Service], Stage]) -> FlaskClient:
    """A stranger's browser."""
    return stage(service).app.test_client()


def read(client: FlaskClient, address: str, lang: str) -> str:
    answer = client.get(address, headers={"Accept-Language": lang, "Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_guide_is_a_page_whose_links_lead_somewhere(client: FlaskClient, lang: str) -> None:
    pages = {address: Page(read(client, address, lang)) for address in ADDRESSES}
    known = {rule.rule for rule in client.application.url_map.iter_rules()}
    for address, page in pages.items():
        for link in page.links:
            path, _, part = link.partition("#")
            assert path in ("", "/", *pages, *known) or path.startswith("/intake/sign-in"), (address, link)
            if part:
                assert part in pages[path or address].anchors, (address, link)
        for picture in page.pictures:
            file = client.get(str(picture["src"]))
            assert (file.status_code, file.mimetype) == (200, "image/png")
            assert (picture["alt"], picture["width"]) != ("", None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_guide_speaks_the_language_of_its_reader(client: FlaskClient, lang: str) -> None:
    html = read(client, "/intake/guides/agency", lang)
    title = {"en": "For agencies", "id": "Untuk instansi"}[lang]
    assert f'<html lang="{lang}"' in html
    assert re.findall(r"<h1[^>]*>([^<]+)</h1>", html) == [title]
    assert f"<title>{title} · Nilai</title>" in html


def test_the_foot_and_the_help_lead_to_the_guides(client: FlaskClient) -> None:
    assert Page(read(client, "/intake/help", "id")).links.count("/intake/guides/") == 2


def test_a_guide_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    for name in ("nothing", "index", "agency.md", "..%2f..%2fREADME", "%00"):
        assert client.get(f"/intake/guides/{name}").status_code == 404


def test_the_start_is_reached_without_its_slash(client: FlaskClient) -> None:
    assert client.get("/intake/guides").status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_guide_is_heavy(client: FlaskClient, lang: str) -> None:
    sizes = {address: len(read(client, address, lang).encode()) for address in ADDRESSES}
    assert {address: size for address, size in sizes.items() if size > 2 * HEAVIEST} == {}


def rendered(text: str, lang: str = "en") -> str:
    """The HTML of a text below its title."""
    return render(f"# Title\n\n{text}", lang).html.partition("</h1>\n")[2]


def test_html_in_a_guide_is_shown_as_text_and_no_link_runs_anything() -> None:
    html = rendered("<script>alert(1)</script> <b onclick=x>b</b>\n\n[x](javascript:alert(1))\n\n`<i>`\n")
    assert Page(html).elements == {"p", "code"}
    assert "&lt;script&gt;" in html
    assert rendered("```x\n<b>\n```").count("<b>") == 0


def test_a_link_to_a_file_of_the_project_keeps_its_words_only() -> None:
    assert rendered("[deploy/x.md](../../deploy/x.md) and [roles](roles.md#on-pages)") == (
        '<p class="govuk-body">deploy/x.md and '
        '<a href="/intake/guides/roles#on-pages" class="govuk-link">roles</a></p>\n'
    )


def test_what_is_emphasised_is_in_the_other_language() -> None:
    assert '<em lang="id">instansi</em>' in rendered("*instansi*", "en")
    assert '<em lang="en">agency</em>' in rendered("*agency*", "id")


def test_a_table_stands_in_a_frame_that_is_named_by_its_heading() -> None:
    html = rendered("## The limits\n\n| What | Limit |\n|---|:-:|\n| x | y |\n")
    assert "style" not in html
    assert '<div class="n-table n-table--fits" tabindex="0" role="region" aria-label="The limits">' in html
    assert '<th class="govuk-table__header" scope="col">What</th>' in html


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Check and seal", "check-and-seal"),
        ("What runs?", "what-runs"),
        ("JavaScript (Node.js)", "javascript-nodejs"),
    ],
)
def test_a_heading_has_the_anchor_that_forges_give_it(text: str, made: str) -> None:
    assert anchor(text) == made


def test_every_picture_is_built_and_light() -> None:
    names = json.loads((assets.BUILT / assets.MANIFEST).read_text())
    for path in PICTURES.glob("*.png"):
        assert path.stat().st_size < 120_000, path.name
        assert (assets.BUILT / names[path.name]).read_bytes() == path.read_bytes()


def test_a_guide_is_read_once(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        flask.g.pop("session", None)
        assert read_guide("en", "public") is read_guide("en", "public")
