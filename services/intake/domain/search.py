"""Finding words in what somebody may see: every word has to be there, in any order, whatever its case."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from services.intake.domain.answers import Answer
from services.intake.domain.comments import Comment
from services.intake.domain.evidence import FileOwnership
from services.intake.domain.registry import Agency, Person, roles_of
from shared.instrument import Node, in_language

LONGEST_QUERY = 100
"""Characters."""
MOST_WORDS = 8
MOST_HITS = 50
"""Of one kind that are shown."""
MOST_ROUNDS = 3
"""Self-assessments that are searched, the latest first: each has sixty answers at most."""
BEFORE, LONGEST_EXCERPT = 60, 240
"""Characters of an excerpt: before the first hit, and in all."""
KINDS = ("indicator", "answer", "file", "comment", "agency", "person")


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and whether it is one of the words."""

    text: str
    hit: bool


@dataclass(frozen=True)
class Hit:
    """Something found: a title and an excerpt in pieces, and where it stands.

    `id` is that of a person or an agency, or the SHA-256 of a file that no answer names; `cycle` is the title of the
    cycle to which it belongs.
    """

    kind: str
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]
    participation: str | None = None
    indicator: str | None = None
    id: str | None = None
    cycle: str | None = None

    @property
    def text(self) -> str:
        """The title in one piece."""
        return "".join(piece.text for piece in self.title)


@dataclass(frozen=True)
class Hits:
    """What was found of a kind, and whether there is more of it than is shown."""

    kind: str
    hits: tuple[Hit, ...]
    more: bool


@dataclass(frozen=True)
class Sought:
    """Words that are looked for."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, query: str) -> "Sought":
        """The words of a query, the first ones where they are many."""
        return cls(tuple(dict.fromkeys(query.split()))[:MOST_WORDS])

    def are_in(self, *texts: str) -> bool:
        """Whether every word stands in one of the texts."""
        folded = [_folded(text) for text in texts]
        return bool(self.words) and all(any(_folded(word) in text for text in folded) for word in self.words)

    def marked(self, text: str) -> tuple[Piece, ...]:
        """A whole text in pieces."""
        return _pieces(text, self._spans(text))

    def excerpt(self, text: str) -> tuple[Piece, ...]:
        """What stands around the first word in a text, or its beginning."""
        folded = _folded(text)
        first = min((at for word in self.words if (at := folded.find(_folded(word))) >= 0), default=0)
        start = max(0, first - BEFORE)
        cut = " ".join(text[start : start + LONGEST_EXCERPT].split())
        ends = ("…" if start else "", "…" if start + LONGEST_EXCERPT < len(text) else "")
        return self.marked(f"{ends[0]}{cut}{ends[1]}")

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where words stand, in order and without overlaps."""
        folded, found = _folded(text), list[tuple[int, int]]()
        for word in map(_folded, self.words):
            at = folded.find(word)
            while at >= 0:
                found.append((at, at + len(word)))
                at = folded.find(word, at + len(word))
        return _joined(sorted(found))


def found_indicator(sought: Sought, participation: str, node: Node, lang: str) -> Hit | None:
    """An indicator whose code, name or question says the words."""
    name, question = in_language(node.name, lang), in_language(node.question, lang)
    if not sought.are_in(node.code, name, question):
        return None
    title, excerpt = sought.marked(f"{node.code}. {name}"), sought.excerpt(question)
    return Hit("indicator", title, excerpt, participation, node.code)


def found_answer(sought: Sought, answer: Answer, title: str) -> Hit | None:
    """An answer whose words say the words; `title` is that of its indicator."""
    texts = [text for text in (answer.subject, answer.facts, answer.analysis) if text]
    if not sought.are_in(*texts):
        return None
    excerpt = sought.excerpt("\n".join(texts))
    return Hit("answer", sought.marked(title), excerpt, answer.participation, answer.indicator)


def found_files(sought: Sought, answer: Answer, title: str) -> list[Hit]:
    """The files that an answer names under such a name."""
    return [
        Hit("file", sought.marked(file.name), sought.marked(title), answer.participation, answer.indicator)
        for file in answer.evidence
        if sought.are_in(file.name)
    ]


def found_unnamed(
    sought: Sought, participation: str, files: Iterable[FileOwnership], named: Set[str]
) -> list[Hit]:
    """Those of the files that the store found which no answer names; `named` are the hashes of those that some do."""
    return [
        Hit("file", sought.marked(file.name), (), participation, id=file.sha256)
        for file in files
        if file.sha256 not in named
    ]


def found_comment(sought: Sought, comment: Comment, title: str) -> Hit | None:
    """A comment that says the words."""
    if not sought.are_in(comment.text):
        return None
    excerpt = sought.excerpt(comment.text)
    return Hit("comment", sought.marked(title), excerpt, comment.participation, comment.indicator)


def found_agency(sought: Sought, agency: Agency) -> Hit:
    """An agency that the store found."""
    return Hit(
        "agency", sought.marked(agency.name), sought.marked(f"{agency.id} · {agency.group}"), id=agency.id
    )


def found_person(sought: Sought, person: Person) -> Hit:
    """A person whom the store found."""
    name = person.name or person.subject
    excerpt = " · ".join((person.id, *roles_of(person.grants)))
    return Hit("person", sought.marked(name), sought.marked(excerpt), id=person.id)


def by_kind(found: Iterable[Hit]) -> tuple[Hits, ...]:
    """What was found, kind by kind, as much as is shown of each."""
    every = list(found)
    kinds = {kind: tuple(hit for hit in every if hit.kind == kind) for kind in KINDS}
    return tuple(Hits(kind, hits[:MOST_HITS], len(hits) > MOST_HITS) for kind, hits in kinds.items() if hits)


def _folded(text: str) -> str:
    """A text of the same length in small letters, so that a place in it is the same place in the text."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Piece, ...]:
    pieces, last = list[Piece](), 0
    for start, end in spans:
        pieces += [Piece(text[last:start], hit=False), Piece(text[start:end], hit=True)]
        last = end
    return tuple(piece for piece in (*pieces, Piece(text[last:], hit=False)) if piece.text)
