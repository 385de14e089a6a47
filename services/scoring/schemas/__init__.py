"""What the doors of scoring read and write as JSON."""

from services.scoring.schemas.results import DecisionInput, ResultQuery, ResultSchema, ResultSummarySchema
from services.scoring.schemas.scores import ScoreQuery, ScoreSchema, ScoreSummarySchema

__all__ = [
    "DecisionInput",
    "ResultQuery",
    "ResultSchema",
    "ResultSummarySchema",
    "ScoreQuery",
    "ScoreSchema",
    "ScoreSummarySchema",
]
