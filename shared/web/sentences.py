"""What a problem is in the reader's language: an English reader gets its own sentence, others that of its code."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import marshmallow as ma

from shared.auth.sessions import session, wants_page
from shared.core.errors import AppError
from shared.web.language import chosen

_ROW = re.compile(r"\| `([a-z0-9-]+)` \| (.+\.) \|")
_GROUP = re.compile(r" ?\(([^()]*{(\w+)}[^()]*)\)")


def explain(code: str, detail: str, extra: Mapping[str, Any] | None = None) -> str:
    """The sentence of a problem or finding for the reader of the present page."""
    lang = chosen()
    found = None if lang == "en" else sentences(lang).get(code)
    return detail if found is None else _filled(found, extra or {})


def for_reader(code: str, detail: str, extra: Mapping[str, Any] | None = None) -> str:
    """The same for whoever asks: people at pages, also by their scripts; programs read English."""
    is_person = session() is not None or wants_page()
    return explain(code, detail, extra) if is_person else detail


def of_error(error: AppError) -> str:
    """What an error of ours says to the reader of the present page."""
    return explain(error.cause_code, error.detail, error.extra)


class Detail(ma.fields.String):
    """The sentence of what has a `code`, in the language of its reader."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> Any:
        return for_reader(self.get_value(obj, "code"), value) if value else value


@cache
def sentences(lang: str) -> Mapping[str, str]:
    """The sentences of a language by code."""
    path = Path(__file__).parent / f"problems.{lang}.md"
    return dict(_ROW.findall(path.read_text()))


def _filled(sentence: str, extra: Mapping[str, Any]) -> str:
    """The sentence with what is known of the problem; a group in brackets goes where it is not."""

    def fill(group: re.Match[str]) -> str:
        names = re.findall(r"{(\w+)}", group[1])
        if not all(extra.get(name) for name in names):
            return ""
        return f" ({group[1].format(**{name: _listed(extra[name]) for name in names})})"

    return _GROUP.sub(fill, sentence)


def _listed(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)
