"""What one worker of review does by the clock."""

from services.review.sweeps.leases import release_expired
from shared.worker import Sweep

SWEEPS = {"leases": Sweep(15, release_expired)}
