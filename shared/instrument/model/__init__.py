"""An edition of the instrument as values: a tree of nodes, its scales, bands, stages and rules."""

from shared.instrument.model.activities import STAGES, Activity, Stage
from shared.instrument.model.edition import Crosswalk, Edition, Targets, Tier, to_dict
from shared.instrument.model.nodes import Condition, Criteria, Evidence, Node
from shared.instrument.model.scales import (
    LANGUAGES,
    Band,
    Level,
    LocalizedText,
    Range,
    Scale,
    Within,
    in_language,
)
from shared.instrument.model.sources import ConversionNode, Gate, Source

__all__ = [
    "LANGUAGES",
    "STAGES",
    "Activity",
    "Band",
    "Condition",
    "ConversionNode",
    "Criteria",
    "Crosswalk",
    "Edition",
    "Evidence",
    "Gate",
    "Level",
    "LocalizedText",
    "Node",
    "Range",
    "Scale",
    "Source",
    "Stage",
    "Targets",
    "Tier",
    "Within",
    "in_language",
    "to_dict",
]
