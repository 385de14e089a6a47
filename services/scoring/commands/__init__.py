"""What scoring does: one function, one transaction."""

from services.scoring.commands.replicas import replicate_agency
from services.scoring.commands.results import approve, publish
from services.scoring.commands.scores import score_answers, score_final, score_stage

__all__ = ["approve", "publish", "replicate_agency", "score_answers", "score_final", "score_stage"]
