"""What scoring reads and writes as JSON: …Input is sent, …Query stands in an address, …Schema is answered."""

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
