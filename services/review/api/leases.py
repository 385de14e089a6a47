"""The lease of a task: an assessor claims it for a time, and renews that."""

from datetime import timedelta

from services.review import commands
from services.review.domain import LeaseOrder, Task
from services.review.schemas import LeaseInput, LeaseSchema
from shared import web
from shared.auth.guard import audience
from shared.core.errors import Conflict
from shared.core.settings import Settings


def blueprint(settings: Settings) -> web.Blueprint:
    """The routes that give a lease, for as long as the settings say."""
    blp = web.Blueprint(
        "leases", __name__, url_prefix="/tasks", description="Who may work on a task, and until when."
    )
    length = timedelta(seconds=settings.review_lease)

    @blp.route("/<id>/claim", methods=["POST"])
    @blp.response(200, LeaseSchema)
    @web.document_errors(Conflict)
    @web.counted("120/minute")
    @audience("assessor")
    def claim_task(id: str) -> Task:
        """Lease a task until `until`: half an hour, or what the operator sets; of two claimants one gets it.

        Claimed once more by its holder, it gets a new fence, and what is sent with the old one is refused. What the
        caller rated and marked in it before is there again: see the case.
        """
        return web.run(commands.claim, id, length)

    @blp.route("/<id>/heartbeat", methods=["POST"])
    @blp.arguments(LeaseInput)
    @blp.response(200, LeaseSchema)
    @web.document_errors(Conflict)
    @audience("assessor")
    def renew_lease(order: LeaseOrder, id: str) -> Task:
        """Renew the lease: as long from now as a claim lasts."""
        return web.run(commands.heartbeat, id, order, length)

    return blp
