"""Instruments as data: the model of an edition, its loader with all checks, the exact scoring engine."""

from shared.instrument.checks import check_crosswalk
from shared.instrument.engine import (
    NodeScore,
    Outlook,
    Score,
    outlook,
    parse_value,
    parse_values,
    require_indicator,
    score,
    score_dict,
)
from shared.instrument.exact import Exact, Rounding, ratio
from shared.instrument.loader import from_dict, load
from shared.instrument.model import (
    Activity,
    Band,
    Edition,
    LocalizedText,
    Node,
    Scale,
    Stage,
    in_language,
    to_dict,
)
from shared.instrument.problems import EditionInvalid, Problem
from shared.instrument.shipped import shipped, shipped_ids

__all__ = [
    "Activity",
    "Band",
    "Edition",
    "EditionInvalid",
    "Exact",
    "LocalizedText",
    "Node",
    "NodeScore",
    "Outlook",
    "Problem",
    "Rounding",
    "Scale",
    "Score",
    "Stage",
    "check_crosswalk",
    "from_dict",
    "in_language",
    "load",
    "outlook",
    "parse_value",
    "parse_values",
    "ratio",
    "require_indicator",
    "score",
    "score_dict",
    "shipped",
    "shipped_ids",
    "to_dict",
]
