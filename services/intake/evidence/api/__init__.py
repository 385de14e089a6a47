"""The doors of evidence: files come in by tus 1.0.0, and go out to those who possess them or hold a link."""

from collections.abc import Sequence

import flask

from services.intake.evidence.api import files, links, uploads
from shared.core.settings import Settings


def blueprints(settings: Settings) -> Sequence[flask.Blueprint]:
    """Every group of routes; the links need the public keys, so that group is made with the settings."""
    return [uploads.blp, files.blp, links.door(settings)]
