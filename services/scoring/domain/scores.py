"""Scores: each computed once, from one set of values named by its hash."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any

from shared.core.canonical import exact
from shared.instrument import Edition, engine, parse_values, ratio, score_dict
from shared.instrument.copies import Contradiction
from shared.instrument.given import GIVEN
from shared.signing import receipts

SELF = "self"
FINAL = "final"

Rows = Sequence[Mapping[str, Any]]
"""A set of values as it is stored: {indicator, value} and, for ratings, the other fields that its hash covers."""


@dataclass(frozen=True)
class Basis:
    """What a score rests on: whose values after which stage, by which edition, the set named by its hash."""

    submission: str
    participation: str
    cycle: str
    agency: str
    edition: str
    stage: str
    set_hash: str

    @property
    def id(self) -> str:
        """The score's id: there is one score for each stage of a submission."""
        return score_id(self.submission, self.stage)

    @property
    def kind(self) -> str:
        """Provisional, or final when it rests on the frozen set."""
        return "final" if self.stage == FINAL else "provisional"


@dataclass(frozen=True)
class Instrument:
    """An edition, with the hash under which it was published."""

    edition: Edition
    hash: str


@dataclass(frozen=True)
class NodeScore:
    """One node of the tree: its index as displayed and exact ("a/b"), its weight, its part of the whole index.

    `origin` says where an indicator's value comes from that nobody gave: external (an index of another ministry), or
    assumed until that comes.
    """

    code: str
    kind: str
    index: str
    exact: str
    weight: str
    contribution: str
    origin: str = ""


@dataclass(frozen=True)
class Score:
    """A computed index with every node's own; it never changes. A final one has a receipt."""

    basis: Basis
    agency_name: str
    edition_hash: str
    guide_version: str
    index: str
    exact: str
    predicate: str
    computed_at: datetime
    nodes: tuple[NodeScore, ...] = ()
    receipt: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """The id of its basis."""
        return self.basis.id

    @property
    def is_final(self) -> bool:
        """Whether it rests on the frozen set."""
        return self.basis.stage == FINAL


def score_id(submission: str, stage: str) -> str:
    """The id of the score of a stage."""
    return f"{submission}.{stage}"


# computing


def rows_hash(rows: Rows) -> str:
    """SHA-256 (hex) of the canonical JSON of a stored set; for ratings it is the hash that review published."""
    return sha256(exact(rows)).hexdigest()


def values_of(rows: Rows) -> list[tuple[str, str]]:
    """The (indicator, value) pairs of a set."""
    return [(row["indicator"], row["value"]) for row in rows]


def origins_of(rows: Rows) -> dict[str, str]:
    """Where those values of a set come from that nobody gave, by indicator."""
    return {row["indicator"]: row["origin"] for row in rows if row.get("origin") in GIVEN}


def check_same_edition(sealed: str, known: Instrument) -> None:
    """Refuse values that were given for another edition of the same name; `sealed` is the hash of theirs."""
    if sealed != known.hash:
        raise Contradiction(
            f"sealed under {known.edition.id} with the hash {sealed}, here it is {known.hash}"
        )


def check_set(published: str, found: str) -> None:
    """Refuse a set of ratings that is not what its published hash says."""
    if published != found:
        raise Contradiction(f"the set of ratings has the hash {found}, not {published} as its event says")


def check_repeated(known: Score, basis: Basis) -> None:
    """Refuse to score a stage anew from anything else than the first time."""
    if known.basis != basis:
        names = [part.name for part in fields(Basis)]
        other = [name for name in names if getattr(known.basis, name) != getattr(basis, name)]
        raise Contradiction(f"the score {known.id} was computed once, with another {', '.join(other)}")


def check_sealed(known: Score, edition: Edition, values: Iterable[tuple[str, str]]) -> None:
    """Refuse a first stage whose values are not those that the agency sealed."""
    sealed = {node.code: node.exact for node in known.nodes}
    rated = parse_values(edition, _once(values))
    if wrong := [code for code, value in rated.items() if ratio(value) != sealed[code]]:
        raise Contradiction(f"{known.id} was sealed with other values for {', '.join(wrong)}")


def compute(basis: Basis, instrument: Instrument, agency_name: str, rows: Rows, at: datetime) -> Score:
    """Compute a score from its set of values; raises Invalid when they are not the edition's."""
    edition, origins = instrument.edition, origins_of(rows)
    computed = score_dict(engine.score(edition, parse_values(edition, _once(values_of(rows)))))
    return Score(
        basis=basis,
        agency_name=agency_name,
        edition_hash=instrument.hash,
        guide_version=edition.guide_version,
        index=computed["index"],
        exact=computed["exact"],
        predicate=computed["predicate"]["id"],
        computed_at=at,
        nodes=tuple(NodeScore(**node, origin=origins.get(node["code"], "")) for node in computed["nodes"]),
    )


def _once(values: Iterable[tuple[str, str]]) -> dict[str, str]:
    rows = list(values)
    if len(found := dict(rows)) < len(rows):
        raise Contradiction("an indicator has two values")
    return found


def score_receipt(score: Score) -> dict[str, Any]:
    """What the receipt of a score says, unsigned: its leaves are the nodes with all their numbers."""
    leaves = [exact({**_leaf(node), "kind": "node", "tier": node.kind}) for node in score.nodes]
    return receipt_on(receipts.Title("score", f"score:{score.id}", score.computed_at), leaves, score)


def _leaf(node: NodeScore) -> dict[str, str]:
    """A node as its leaf says it; receipts say no origin of what was given, as they did before there was another."""
    return {name: value for name, value in asdict(node).items() if name != "origin" or value}


def receipt_on(title: receipts.Title, leaves: Sequence[bytes], score: Score) -> dict[str, Any]:
    """What every receipt of scoring says, unsigned."""
    basis = score.basis
    return receipts.document(
        title,
        leaves,
        receipts.Edition(basis.edition, score.edition_hash, score.guide_version),
        submission=basis.submission,
        participation=basis.participation,
        cycle=basis.cycle,
        agency=basis.agency,
        set_hash=basis.set_hash,
        index=score.index,
        exact=score.exact,
        predicate=score.predicate,
    )
