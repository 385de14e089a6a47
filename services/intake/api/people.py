"""People and machine clients, and what they may do."""

from operator import attrgetter
from typing import Any

from services.intake import commands, queries
from services.intake.api.answering import after_id, by_id, checked, seen, tagged, versioned
from services.intake.domain import Person
from services.intake.schemas import PERSON_ID, PersonBody, PersonSchema
from shared.auth import audience
from shared.web import IF_MATCH, Blueprint, PageQuery, look, page_of, run, takes

blp = Blueprint("people", __name__, url_prefix="/people", description="Who may do what.")


@blp.route("/<id>", methods=["PUT"])
@blp.arguments(PersonBody)
@blp.response(200, PersonSchema)
@takes(IF_MATCH | {"required": False})
@audience("ministry")
def set_person(body: dict[str, Any], id: str) -> tuple[Person, int, dict[str, str]]:
    """Say who somebody is (201), or change the version that If-Match names.

    `grants` is everything that the person may do; assessors are appointed in review.
    """
    wanted = Person(checked(id, PERSON_ID), body["issuer"], body["subject"], tuple(body["grants"]))
    person = run(commands.set_person, wanted, seen())
    return versioned(person, person.rev)


@blp.route("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, page_of(PersonSchema))
@audience("ministry")
def people(query: dict[str, Any]) -> dict[str, Any]:
    """The people."""
    return by_id(look(queries.many, Person, after_id(query), query["limit"]), query, attrgetter("id"))


@blp.route("/<id>")
@blp.response(200, PersonSchema)
@audience("ministry")
def person(id: str) -> tuple[Person, dict[str, str]]:
    """One person."""
    return tagged(look(queries.one, Person, id))
