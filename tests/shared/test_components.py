"""GOV.UK's components as our templates render them: exactly what govuk-frontend's own fixtures say."""

import json
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from lxml import html

from deploy.local.config import CHECKOUT

FOLDER = CHECKOUT / "node_modules/govuk-frontend/dist/govuk/components"
COMPONENTS = sorted(path.parent.name for path in FOLDER.glob("*/fixtures.json"))
Node = tuple[str, dict[str, str], list[Any]]


def fixtures(component: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / component / "fixtures.json").read_text())["fixtures"]
    return found


def macro(component: str) -> str:
    return "govuk" + "".join(word.capitalize() for word in component.split("-"))


def tree(text: str) -> list[Any]:
    """A piece of HTML without what browsers do not see: the order of attributes, and how much white space stands."""
    wrapper = html.fragment_fromstring(text, create_parent="main")
    return list(_nodes(wrapper))


def _nodes(element: html.HtmlElement) -> Iterator[str | Node]:
    yield from _words(element.text)
    for child in element.iterchildren():
        if isinstance(child.tag, str):
            yield (child.tag, dict(child.attrib), list(_nodes(child)))
        yield from _words(child.tail)


def _words(text: str | None) -> Iterator[str]:
    if text and (words := " ".join(text.split())):
        yield words


def test_all_fixtures_are_there() -> None:
    assert len(COMPONENTS) >= 33
    assert sum(len(fixtures(component)) for component in COMPONENTS) == 657


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_fixture_is_rendered_as_it_should_be(app: flask.Flask, component: str) -> None:
    source = (
        f'{{% from "govuk_frontend_jinja/components/{component}/macro.html" import {macro(component)} %}}'
        f"{{{{ {macro(component)}(options) }}}}"
    )
    template = app.jinja_env.from_string(source)
    for fixture in fixtures(component):
        rendered = template.render(options=fixture["options"])
        assert tree(rendered) == tree(fixture["html"]), fixture["name"]
