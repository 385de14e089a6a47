"""People and machine clients, and what they may do."""

from typing import Any

from services.intake import commands, queries
from services.intake.domain import Person, PersonDetails
from services.intake.schemas import PeopleQuery, PersonInput, PersonSchema
from shared import web
from shared.auth.guard import audience
from shared.core.errors import Conflict
from shared.web.fields import PERSON_ID

blp = web.Blueprint("people", __name__, url_prefix="/people", description="Who may do what.")


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(PersonInput)
@blp.response(201, PersonSchema)
@blp.response(200, PersonSchema)
@web.document_headers(web.MAY_MATCH)
@audience("ministry")
def set_person(details: PersonDetails, id: str) -> web.Versioned[Person]:
    """Say who somebody else is (201), or change the version that If-Match names.

    `grants` is everything that the person may do; assessors are appointed in review. A grant of `ministry` stands
    among the `proposals` until another officer confirms it. Nobody changes their own grants.
    """
    person = web.run(commands.set_person, details.of(web.checked(id, PERSON_ID)), web.seen())
    return web.versioned(person, person.rev)


@blp.route("/<id>/confirm", methods=["POST"])
@blp.response(200, PersonSchema)
@web.document_headers(web.IF_MATCH)
@web.document_errors(Conflict)
@audience("ministry")
def confirm_person(id: str) -> web.Tagged[Person]:
    """Put the proposed roles of that version of a person in force; an officer other than who proposed them does."""
    person = web.run(commands.confirm_person, id, web.if_match())
    return web.tagged(person, person.rev)


@blp.route("")
@blp.arguments(PeopleQuery, location="query")
@blp.response(200, web.page_of(PersonSchema))
@audience("ministry")
def list_people(query: dict[str, Any]) -> dict[str, Any]:
    """The people, by id."""
    after, limit = web.page_args(query)
    return web.by_id(web.query(queries.list_people, query["proposed"], after, limit))


@blp.route("/<id>")
@blp.response(200, PersonSchema)
@audience("ministry")
def get_person(id: str) -> web.Tagged[Person]:
    """One person."""
    person = web.query(queries.get_entity, Person, id)
    return web.tagged(person, person.rev)
