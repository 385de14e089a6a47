"""Intake, put together."""

from services.intake import store
from services.intake.api import blueprints
from services.intake.cli import grant, load_edition
from services.intake.handlers import HANDLERS
from services.intake.sweeps import SWEEPS
from shared.service import Service

service = Service(
    name="intake",
    blueprints=blueprints,
    handlers=HANDLERS,
    indexes=store.INDEXES,
    sweeps=SWEEPS,
    commands=(grant, load_edition),
)
create_app = service.app
