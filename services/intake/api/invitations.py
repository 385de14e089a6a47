"""Inviting people."""

import secrets
from typing import Any

from services.intake import commands, queries
from services.intake.domain import Person
from services.intake.domain.invitations import Invitation, InvitationOrder, invitation_id
from services.intake.schemas import (
    AcceptInput,
    InvitationInput,
    InvitationSchema,
    InvitationsQuery,
    NewInvitationSchema,
    PersonSchema,
)
from shared import web
from shared.auth.guard import ANYONE, audience, caller, sessions_of_app
from shared.auth.sessions import session_name
from shared.core.errors import Conflict, Forbidden, NotFound

blp = web.Blueprint("invitations", __name__, url_prefix="/invitations", description="Links that give a role.")


@blp.route("", methods=["POST"])
@blp.arguments(InvitationInput)
@blp.response(201, NewInvitationSchema)
@web.counted("120/hour")
@audience("ministry", "coordinator")
def invite(order: InvitationOrder) -> dict[str, Any]:
    """Make a link that gives a role to whoever opens it first and signs in; it is told in this answer only.

    Officers of the ministry invite for every role of people, coordinators officers, clerks and members of their
    agency. `ministry` waits for a second officer as always. Whoever takes up `assessor` is appointed as one in review,
    for the officer who invited.
    """
    token = secrets.token_urlsafe(32)
    made = web.run(commands.invite, order, invitation_id(token))
    return {"invitation": made, "link": f"{sessions_of_app().origin}/intake/invitation?token={token}"}


@blp.route("")
@blp.arguments(InvitationsQuery, location="query")
@blp.response(200, web.page_of(InvitationSchema))
@audience("ministry", "coordinator")
def list_invitations(query: dict[str, Any]) -> dict[str, Any]:
    """The invitations, by id."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.list_invitations, caller(), after, limit))


@blp.route("/<id>/revoke", methods=["POST"])
@blp.response(200, InvitationSchema)
@web.document_errors(Conflict)
@audience("ministry", "coordinator")
def revoke_invitation(id: str) -> Invitation:
    """Have an open invitation count no more."""
    return web.run(commands.revoke_invitation, id)


@blp.route("/accept", methods=["POST"])
@blp.arguments(AcceptInput)
@blp.response(200, PersonSchema)
@web.document_errors(NotFound, Conflict, Forbidden)
@web.counted("30/hour")
@audience(ANYONE)
def accept_invitation(order: dict[str, str]) -> Person:
    """Take the role of an invitation, once, as whom the identity provider says that one is."""
    return web.run(commands.accept_invitation, invitation_id(order["token"]), session_name())
