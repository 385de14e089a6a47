"""What runs by the clock: overdue submissions, idle uploads, blobs and chunks that nobody needs."""

from collections.abc import Mapping

from services.intake.sweeps import evidence, submissions
from shared.worker import Sweep

SWEEPS: Mapping[str, Sweep] = {**submissions.SWEEPS, **evidence.SWEEPS}
