"""The evidence of intake alone, as a service for tests, and a cycle with two agencies to use it in."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import flask

from services.intake import store as intake
from services.intake.api import arrivals, files, linked_pages, links, uploads
from services.intake.api.incoming import SILENCE
from services.intake.domain import Agency, Cycle, EvidenceRules, Participation
from services.intake.handlers import HANDLERS
from services.intake.jobs import jobs
from services.intake.sweeps import SWEEPS
from shared.core.settings import Settings
from shared.service import Service
from shared.storage.mongo import Store
from shared.storage.transaction import Transaction
from shared.web import pace
from shared.web.pace import Pace

OPENS = datetime(2020, 1, 1, tzinfo=UTC)
DEADLINE = datetime(2100, 1, 1, tzinfo=UTC)
MIB = 1024 * 1024
TYPES = frozenset({"pdf", "image", "office", "zip", "mp4"})


def evidence_blueprints(settings: Settings, _: Store) -> Sequence[flask.Blueprint]:
    """The routes of evidence."""
    return [uploads.blp, arrivals.blp, files.blp, links.blueprint(settings), linked_pages.blueprint(settings)]


EVIDENCE = Service(
    name="intake",
    blueprints=evidence_blueprints,
    handlers=HANDLERS,
    indexes=intake.INDEXES,
    rights=intake.RIGHTS,
    jobs=jobs,
    sweeps=SWEEPS,
)


def create_app() -> flask.Flask:
    """The application for a process of its own, with the silence that the environment allows."""
    app = EVIDENCE.app()
    app.config[SILENCE] = float(os.environ["SILENCE_SECONDS"])
    app.config[pace.CONFIG] = Pace(120_000, float(os.environ["PACE_SECONDS"]))
    return app


def open_round(tx: Transaction, rules: EvidenceRules, cycle: str = "2026") -> None:
    """An open cycle in which the agencies kota-a and kota-b take part."""
    until = DEADLINE + timedelta(days=14)
    intake.save(tx, Cycle(cycle, "Putaran", "edisi", OPENS, DEADLINE, until, rules, opened_at=OPENS))
    for agency in ("kota-a", "kota-b"):
        intake.save(tx, Agency(agency, agency, "Kota", OPENS))
        intake.save(tx, Participation(f"{cycle}.{agency}", cycle, agency, "monitoring", visit=False))
    tx.audit(f"cycle:{cycle}", "cycle.opened")
