"""What scoring does: each function is one command, run in one transaction by its caller."""

from services.scoring.commands.results import approve, publish
from services.scoring.commands.scores import score_answers, score_final, score_stage

__all__ = ["approve", "publish", "score_answers", "score_final", "score_stage"]
