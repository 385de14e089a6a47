"""What is wrong with an edition, in the language of the reader of the present page."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shared.instrument import Problem
from shared.instrument.sentences import SENTENCES
from shared.web.language import chosen

_ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.+) \|$", re.MULTILINE)


def sentence_of(problem: Problem) -> str:
    """What is wrong, behind the name of its field where it has one."""
    lang = chosen()
    return problem.said(sentences(lang)[problem.cause.code], lang)


@cache
def sentences(lang: str) -> Mapping[str, str]:
    """The sentences of a language by code."""
    if lang == "en":
        return SENTENCES
    return dict(_ROW.findall((Path(__file__).parent / f"editions.{lang}.md").read_text()))
