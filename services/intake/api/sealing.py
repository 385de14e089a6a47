"""The seal: the one route that signs."""

import flask

from services.intake import commands
from services.intake.domain import SEALERS, SealOrder
from services.intake.schemas import SealedSchema, SealInput
from shared import web
from shared.auth.guard import audience
from shared.core.errors import Conflict, PreconditionNeeded
from shared.core.settings import Settings
from shared.signing.keys import KeyRing
from shared.signing.receipts import PURPOSE

LARGEST_ORDER = 8 * 1024 * 1024
"""Bytes: 5,000 files with the longest names in escapes (`\\u00e9`) take 4.4 MB, the hashes of the answers 1.3 MB."""


def blueprint(settings: Settings) -> web.Blueprint:
    """The route, with the keys of this installation; they are read anew for each seal, so a rotated key counts."""
    blp = web.Blueprint("seal", __name__, url_prefix="/self-assessments", description="Handing in.")

    @blp.route("/<participation>/seal", methods=["POST"])
    @blp.arguments(SealInput)
    @blp.response(201, SealedSchema)
    @web.document_headers(web.IDEMPOTENCY_KEY)
    @web.document_errors(Conflict, PreconditionNeeded)
    @web.up_to(LARGEST_ORDER)
    @audience(*SEALERS)
    def seal(order: SealOrder, participation: str) -> flask.Response:
        """Seal a self-assessment; gives the signed receipt.

        The manifest must be what is saved. Bytes may come until `bytes_until`.
        """
        key = web.idempotency_key()
        signing = KeyRing.load(settings.keys, settings.service).signing(PURPOSE, web.arrived())
        body = web.run(commands.seal, participation, order, signing, key)
        return flask.Response(body, 201, content_type="application/json")

    return blp
