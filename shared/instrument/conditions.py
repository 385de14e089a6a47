"""What is ticked at an indicator, conditions and evidence: which there are, and which level follows from the met."""

from collections.abc import Iterable
from operator import attrgetter

from shared.core.errors import Invalid
from shared.instrument.exact import Exact
from shared.instrument.model import Criteria, Node


def known_conditions(node: Node, named: Iterable[str]) -> tuple[str, ...]:
    """These conditions of an indicator in the edition's order, each once; Invalid for what is no condition of it."""
    known = [condition.code for criteria in node.criteria for condition in criteria.conditions]
    wanted = set(named)
    if unknown := sorted(wanted.difference(known)):
        raise Invalid(
            f"These are no conditions of indicator {node.code}: {', '.join(unknown)}.",
            "unknown-condition",
            {"conditions": unknown, "known": known},
        )
    return tuple(code for code in known if code in wanted)


def known_evidence(node: Node, named: Iterable[str]) -> tuple[str, ...]:
    """These codes of evidence in the edition's order, each once; Invalid for what is no code of the indicator."""
    known = [kind.code for kind in node.evidence if kind.code is not None]
    wanted = set(named)
    if unknown := sorted(wanted.difference(known)):
        raise Invalid(
            f"These are no codes of evidence of indicator {node.code}: {', '.join(unknown)}.",
            "unknown-evidence",
            {"accepted": unknown, "known": known},
        )
    return tuple(code for code in known if code in wanted)


def level_of(node: Node, met: Iterable[str]) -> Exact | None:
    """The level that follows from the conditions that are met; None while none is, or where no level has any.

    It is the highest one whose conditions are all met and, where it is cumulative, that follows a level which holds;
    the lowest asks for nothing.
    """
    met = set(met)
    if not met:
        return None
    level, held = None, True
    for criteria in sorted(node.criteria, key=attrgetter("level")):
        held = level is None or (_is_met(criteria, met) and (held or not criteria.cumulative))
        level = criteria.level if held else level
    return level


def _is_met(criteria: Criteria, met: set[str]) -> bool:
    return all(condition.code in met for condition in criteria.conditions)
