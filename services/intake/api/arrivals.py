"""How uploads are, as JSON: under way, being inspected, done with what was found, or refused and why."""

from operator import attrgetter
from typing import Any

from services.intake import queries
from services.intake.domain import Upload
from services.intake.schemas import UploadSchema
from shared import web
from shared.auth.guard import audience, caller
from shared.core.people import AGENCY_ROLES

blp = web.Blueprint("arrivals", __name__, url_prefix="/uploads", description="How uploads are.")


@blp.route("/<participation>")
@blp.arguments(web.PageQuery, location="query")
@blp.response(200, web.page_of(UploadSchema))
@audience(*AGENCY_ROLES)
def list_uploads(query: dict[str, Any], participation: str) -> dict[str, Any]:
    """The uploads of a participation, the oldest first."""
    after, limit = web.page_args(query)
    rows = web.query(queries.list_uploads, participation, caller(), after, limit)
    return web.by_id(rows, attrgetter("id"))


@blp.route("/<participation>/<id>")
@blp.response(200, UploadSchema)
@audience(*AGENCY_ROLES)
def get_upload_state(participation: str, id: str) -> Upload:
    """How one upload is; after its last byte `state` is inspecting for a moment, then done or refused."""
    return web.query(queries.get_upload, participation, id, caller())
