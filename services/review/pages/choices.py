"""What an assessor chooses at an indicator: levels, conditions, evidence, and the value that follows from it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from services.review.domain import Rating
from services.review.queries import Desk
from shared.instrument import Node
from shared.instrument.exact import exact
from shared.instrument.model import Criteria
from shared.instrument.within import propose
from shared.web.formats import number, written
from shared.web.instruments import said, titled


def levels(found: Desk, chosen: str) -> list[dict[str, Any]]:
    """The levels to choose from; none where the value is written."""
    scale = found.node.scale
    offered = scale.levels if scale and not scale.range else ()
    own, before = found.answer.value, found.before.value
    return [
        {
            "value": str(level.value),
            "name": said(level.name),
            "checked": str(level.value) == chosen,
            "own": str(level.value) == own,
            "before": str(level.value) == before,
        }
        for level in offered
    ]


def conditions(node: Node, met: Sequence[str], criteria: Criteria) -> dict[str, Any]:
    """The conditions of a level, and which of them are met."""
    scale = node.scale
    level = next((one for one in scale.levels if one.value == criteria.level), None) if scale else None
    return {
        "level": str(criteria.level),
        "begins": str(level.at_least) if level and level.at_least is not None else "",
        "title": titled(scale, level) if scale and level else str(criteria.level),
        "note": said(criteria.note),
        "cumulative": criteria.cumulative,
        "items": [
            {"code": one.code, "text": said(one.text), "met": one.code in met} for one in criteria.conditions
        ],
    }


def acceptable(node: Node, accepted: Sequence[str]) -> list[dict[str, Any]]:
    """The kinds of evidence by level, where a value follows from those that are accepted; else nothing."""
    scale = node.scale
    if scale is None or scale.within is None:
        return []
    groups = [(titled(scale, level), level.value) for level in scale.levels]
    return [
        {
            "title": title,
            "items": [{"kind": kind, "accepted": kind.code in accepted} for kind in own],
        }
        for title, level in [*groups, (gettext("For all levels"), None)]
        if (own := [kind for kind in node.evidence if kind.level == level])
    ]


def proposal(node: Node, rating: Rating) -> dict[str, Any] | None:
    """The value that follows from the accepted evidence, in words, and whether the rating has another."""
    found = propose(node, rating.accepted) if rating.accepted else None
    if found is None:
        return None
    rounded, exactly = number(found.text, 2), written(found.text)
    return {
        "text": found.text,
        "written": exactly,
        "shown": f"{rounded} ({exactly})" if "/" in found.text else rounded,
        "accepted": found.accepted,
        "of": found.of,
        "level": str(found.level.value),
        "taken": rating.value != "" and exact(rating.value) == found.value,
        "differs": rating.value != "" and exact(rating.value) != found.value,
    }
