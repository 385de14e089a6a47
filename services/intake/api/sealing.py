"""The seal: the one door that signs."""

import flask

from services.intake import commands
from services.intake.domain import SealOrder
from services.intake.schemas import SealedSchema, SealSchema
from shared.auth import audience
from shared.errors import PreconditionNeeded
from shared.keys import KeyRing
from shared.people import AGENCY_ROLES
from shared.receipts import PURPOSE
from shared.settings import Settings
from shared.web import IDEMPOTENCY_KEY, Blueprint, arrived, idempotency_key, run, takes


def door(settings: Settings) -> Blueprint:
    """The door, with the keys of this installation; they are read anew for each seal, so a rotated key counts."""
    blp = Blueprint("seal", __name__, url_prefix="/self-assessments", description="Handing in.")

    @blp.route("/<participation>/seal", methods=["POST"])
    @blp.arguments(SealSchema)
    @blp.response(201, SealedSchema)
    @takes(IDEMPOTENCY_KEY | {"required": True})
    @audience(*AGENCY_ROLES)
    def seal(order: SealOrder, participation: str) -> flask.Response:
        """Seal a self-assessment; gives the signed receipt.

        The manifest must be what is saved. Bytes may come until `bytes_until`.
        """
        key = idempotency_key()
        if key is None:
            raise PreconditionNeeded("Send an Idempotency-Key, a fresh random text for this seal.")
        signing = KeyRing.load(settings.keys, settings.service).signing(PURPOSE, arrived())
        body = run(commands.seal, participation, order, signing, key)
        return flask.Response(body, 201, content_type="application/json")

    return blp
