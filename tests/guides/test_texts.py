"""The guides in both languages: the same pages and parts, no dead link, and no label that no page shows."""

import re
from functools import cache
from pathlib import Path

import pytest

from deploy.local.config import CHECKOUT
from services.intake.pages.guides import GUIDES, START
from shared.web.catalogues import folders, read
from shared.web.markdown import DOCS, PICTURES, anchor
from tests.guides.texts import LANGUAGES, fences, guides, tokens, within

EVERY = [path for lang in LANGUAGES for path in guides(lang)]
TEXTS = [*EVERY, *(CHECKOUT / name for name in ("README.md", "SECURITY.md"))]
PROBLEMS = CHECKOUT / "shared/web/problems.id.md"
ONLY_THERE = {"ID", "EN"}
"""Labels that are no sentences of a catalogue."""


def called(path: Path) -> str:
    """What a test of a file is named after."""
    return str(path.relative_to(CHECKOUT))


def anchors(path: Path) -> list[str]:
    return [anchor(text) for text in within(path, "heading")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_guide_is_there_and_served(lang: str) -> None:
    assert {path.stem for path in guides(lang)} == {START, *GUIDES}


@pytest.mark.parametrize("name", [START, *GUIDES])
def test_both_languages_are_built_alike(name: str) -> None:
    kinds = [
        [(one.type, one.tag) for one in tokens(DOCS / lang / f"{name}.md") if is_structure(one.type)]
        for lang in LANGUAGES
    ]
    assert kinds[0] == kinds[1]


def is_structure(kind: str) -> bool:
    """Whether a token is something of which both languages have equally many in the same order."""
    return kind in (
        "heading_open",
        "list_item_open",
        "tr_open",
        "td_open",
        "fence",
        "image",
        "paragraph_open",
    )


@pytest.mark.parametrize("path", EVERY, ids=called)
def test_a_guide_begins_with_its_title_and_names_no_part_twice(path: Path) -> None:
    heads = [one.tag for one in tokens(path) if one.type == "heading_open"]
    assert (heads[0], heads.count("h1"), set(heads) <= {"h1", "h2", "h3"}) == ("h1", 1, True)
    assert len(set(anchors(path))) == len(anchors(path))


@pytest.mark.parametrize("path", TEXTS, ids=called)
def test_no_link_is_dead(path: Path) -> None:
    hrefs = [str(one.attrs["href"]) for one in tokens(path) if one.type == "link_open"]
    dead = [href for href in hrefs if "://" not in href and not is_there(path, href)]
    assert dead == []


def is_there(path: Path, href: str) -> bool:
    name, _, part = href.partition("#")
    target = (path.parent / name).resolve() if name else path
    return target.exists() and (not part or part in anchors(target))


@pytest.mark.parametrize("path", EVERY, ids=called)
def test_guides_link_to_nothing_elsewhere(path: Path) -> None:
    assert not re.search(r"\]\(\w+:", path.read_text())


@pytest.mark.parametrize("path", EVERY, ids=called)
def test_every_picture_is_there_and_says_what_it_shows(path: Path) -> None:
    for image in tokens(path):
        if image.type == "image":
            assert (path.parent / str(image.attrs["src"])).resolve().parent == PICTURES
            assert (path.parent / str(image.attrs["src"])).exists(), image.attrs["src"]
            assert len(image.content) > 20


@pytest.mark.parametrize("path", EVERY, ids=called)
def test_every_label_stands_on_a_page(path: Path) -> None:
    lang = path.parent.name
    unknown = {label for label in within(path, "strong") if not is_label(label, lang)}
    assert unknown - ONLY_THERE == set()


def test_a_label_that_no_page_shows_is_seen() -> None:
    assert is_label("Seal and hand in", "en")
    assert is_label("Save and go on to 2", "en")
    assert not is_label("Seal and hand in", "id")
    assert not is_label("Send the seal", "en")


def is_label(text: str, lang: str) -> bool:
    """Whether a page shows this; a sentence of the catalogue may have gaps, and may go on after the label."""
    return any(pattern.match(text) for pattern in labels(lang))


@cache
def labels(lang: str) -> tuple[re.Pattern[str], ...]:
    said = {
        text
        for folder in folders().values()
        for message in read(folder)
        for text in as_texts(message.id if lang == "en" else message.string)
        if text
    }
    return tuple(re.compile(as_pattern(text)) for text in said)


def as_texts(text: object) -> tuple[str, ...]:
    return tuple(str(one) for one in text) if isinstance(text, list | tuple) else (str(text),)


def as_pattern(text: str) -> str:
    """A whole sentence with anything in its gaps, or its beginning as far as the first gap, stop or bracket."""
    whole = re.sub(r"%\\\(\w+\\\)[sd]", ".+", re.escape(text))
    start = re.split(r"%\(|[.:,(]", text)[0].strip()
    return rf"(?:{whole}|{re.escape(start)})$" if len(start.split()) > 1 else rf"{whole}$"


@pytest.mark.parametrize(("word", "other"), [("tenggat", r"batas\s+waktu")])
def test_one_thing_has_one_word_in_indonesian(word: str, other: str) -> None:
    said = {path.name: path.read_text() for path in (*guides("id"), PROBLEMS)} | {
        f"{folder}: {message.id}": text
        for folder, place in folders().items()
        for message in read(place)
        for text in as_texts(message.string)
    }
    assert [name for name, text in said.items() if re.search(other, text, re.IGNORECASE)] == []
    assert any(word in text.casefold() for text in said.values())


@pytest.mark.parametrize("name", GUIDES)
def test_code_is_the_same_in_both_languages(name: str) -> None:
    assert fences(DOCS / "en" / f"{name}.md") == fences(DOCS / "id" / f"{name}.md")


def test_parts_of_the_runbook_are_called_as_they_are() -> None:
    runbook = CHECKOUT / "deploy/runbook.md"
    parts = set(within(runbook, "heading"))
    english = set(re.findall(r"“([^”]+)”", (DOCS / "en/operator.md").read_text()))
    indonesian = set(within(DOCS / "id/operator.md", "em"))
    assert english == indonesian
    assert english <= parts
