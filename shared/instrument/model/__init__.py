"""An edition of the instrument as values: a tree of nodes, its scales, bands, stages and rules."""

from shared.instrument.model.activities import STAGES, Activity, Stage
from shared.instrument.model.edition import Crosswalk, Edition, Targets, Tier, to_dict
from shared.instrument.model.nodes import Condition, Criteria, Evidence, Node, Source
from shared.instrument.model.scales import LANGUAGES, Band, Level, LocalizedText, Range, Scale, in_language

__all__ = [
    "LANGUAGES",
    "STAGES",
    "Activity",
    "Band",
    "Condition",
    "Criteria",
    "Crosswalk",
    "Edition",
    "Evidence",
    "Level",
    "LocalizedText",
    "Node",
    "Range",
    "Scale",
    "Source",
    "Stage",
    "Targets",
    "Tier",
    "in_language",
    "to_dict",
]
