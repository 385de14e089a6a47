"""What one worker of intake does by the clock."""

from collections.abc import Mapping

from services.intake.sweeps import evidence, sessions, submissions
from shared.worker import Sweep

SWEEPS: Mapping[str, Sweep] = {**submissions.SWEEPS, **evidence.SWEEPS, **sessions.SWEEPS}
