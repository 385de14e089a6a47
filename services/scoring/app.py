"""The scoring service, described once."""

from services.scoring.api import blueprints
from services.scoring.cli import recompute
from services.scoring.handlers import handlers
from services.scoring.store import INDEXES
from shared.service import Service

service = Service(
    name="scoring", blueprints=blueprints, handlers=handlers, indexes=INDEXES, commands=(recompute,)
)
create_app = service.app
