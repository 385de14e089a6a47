"""Intake for a process of its own, which waits for bodies no longer than a test wants to."""

import flask

from services.intake.app import service
from shared.web.bodies import TIMEOUTS, BodyTimeouts

SILENCE, TOTAL = 1.5, 3.0


def create_app() -> flask.Flask:
    """The application for gunicorn."""
    app = service.app()
    app.config[TIMEOUTS] = BodyTimeouts(SILENCE, TOTAL)
    return app
