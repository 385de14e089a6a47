"""Review, put together."""

from services.review.api import doors
from services.review.handlers import HANDLERS
from services.review.store import INDEXES
from services.review.sweeps import SWEEPS
from shared.service import Service

service = Service("review", doors=doors, handlers=HANDLERS, indexes=INDEXES, sweeps=SWEEPS)
create_app = service.app
