"""What is wrong with an edition or a glossary: all of it at once, each with the node and the line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.core.errors import Invalid
from shared.instrument.sentences import REMARK, SENTENCES

Name = str | Mapping[str, str]
"""What a sentence names: the same in every language, or a text in each."""


@dataclass(frozen=True)
class Cause:
    """Why something is wrong: a code of SENTENCES, and what a sentence of any language may name."""

    code: str
    names: Mapping[str, Name]

    def said(self, sentence: str, lang: str) -> str:
        """A sentence with the names in it, as a language has them."""
        names = {key: name if isinstance(name, str) else name[lang] for key, name in self.names.items()}
        return sentence.format_map(names)

    def __str__(self) -> str:
        return self.said(SENTENCES[self.code], "en")


def cause(code: str, /, **names: object) -> Cause:
    """Why something is wrong, with what a sentence about it names; texts in several languages stay so."""
    return Cause(code, {key: name if isinstance(name, Mapping) else str(name) for key, name in names.items()})


def remark(said: str) -> Cause:
    """What the command line alone says, in English."""
    return cause(REMARK, said=said)


class Unreadable(ValueError):
    """A value is none of the kind that a field takes."""

    def __init__(self, why: Cause) -> None:
        super().__init__(str(why))
        self.cause = why


def unreadable(code: str, /, **names: object) -> Unreadable:
    """Why a value cannot be read, to be raised; the sentence stands behind the field's name."""
    return Unreadable(cause(code, **names))


@dataclass(frozen=True)
class Problem:
    """One thing to put right; `node` is the nearest node's code, `field` the path in the document.

    `about` is the name of a field before the sentence, where there is one.
    """

    cause: Cause
    node: str | None = None
    line: int | None = None
    field: str = ""
    about: str = ""

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.said(SENTENCES[self.cause.code], "en")

    def said(self, sentence: str, lang: str) -> str:
        """What is wrong, by a sentence of a language."""
        return f"{self.about} {self.cause.said(sentence, lang)}".lstrip()

    @property
    def told(self) -> dict[str, object]:
        """The problem as one of the `errors` of a refusal."""
        return {
            "detail": self.message,
            "code": self.cause.code,
            "node": self.node,
            "line": self.line,
            "field": self.field,
        }

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        where += [f"node {self.node}"] if self.node else []
        return f"{', '.join(where)}: {self.message}" if where else self.message


MOST_ERRORS = 500


class EditionInvalid(Invalid):
    """The edition does not add up; `extra["errors"]` lists the first 500 problems (detail, code, node, line, field)."""

    code = "edition-invalid"
    subject = "edition"

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        said = "; ".join(str(problem) for problem in problems[:3]) + ("; …" if len(problems) > 3 else "")
        super().__init__(
            f"The {self.subject} has {count}. {said}.",
            extra={"errors": [problem.told for problem in problems[:MOST_ERRORS]]},
        )
        self.problems = tuple(problems)
