"""Review, put together."""

from services.review.api import blueprints
from services.review.handlers import HANDLERS
from services.review.store import INDEXES
from services.review.sweeps import SWEEPS
from shared.service import Service

service = Service("review", blueprints=blueprints, handlers=HANDLERS, indexes=INDEXES, sweeps=SWEEPS)
create_app = service.app
