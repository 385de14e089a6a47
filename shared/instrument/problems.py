"""What is wrong with an edition or a glossary: all of it at once, each with the node and the line."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.core.errors import Invalid


@dataclass(frozen=True)
class Problem:
    """One thing to put right; `node` is the nearest node's code, `field` the path in the document."""

    message: str
    node: str | None = None
    line: int | None = None
    field: str = ""

    @property
    def told(self) -> dict[str, object]:
        """The problem as one of the `errors` of a refusal."""
        return {"detail": self.message, "node": self.node, "line": self.line, "field": self.field}

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        where += [f"node {self.node}"] if self.node else []
        return f"{', '.join(where)}: {self.message}" if where else self.message


MOST_ERRORS = 500


class EditionInvalid(Invalid):
    """The edition does not add up; `extra["errors"]` lists the first 500 problems (detail, node, line, field)."""

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
