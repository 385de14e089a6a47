"""The editions of the instrument, for the ministry: loaded from a file, looked at with all that they say, published."""

import json
from collections.abc import Sequence
from http import HTTPStatus

import flask
from flask_babel import gettext
from marshmallow import ValidationError

from services.intake import commands, queries
from services.intake.pages.ministry import EDITIONS, ROWS, address, after, blueprint, render
from services.intake.queries import rounds
from services.intake.schemas import EditionContentSchema, EditionInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core.errors import AppError, BadRequest
from shared.core.text import seen
from shared.instrument import EditionInvalid, Problem
from shared.instrument.source import decode
from shared.web import instruments
from shared.web.editionwords import sentence_of
from shared.web.sentences import of_error

NEW = "/intake/new-edition"
LONGEST_NAME = 200
MOST_SHOWN = 200
"""Problems of a file."""
Answer = flask.typing.ResponseReturnValue

pages = blueprint("editions")


@pages.get("/editions")
@audience("ministry")
def editions() -> str:
    """Every edition, drafts too."""
    begin = after()
    found = web.query(rounds.list_edition_views, caller(), begin, ROWS)
    return render(
        "editions.html",
        EDITIONS,
        editions=found.rows,
        first=EDITIONS if begin else "",
        next=address(EDITIONS, {"after": found.rows[-1].record.id}) if found.more else "",
    )


@pages.get("/editions/<id>")
@audience("ministry")
def edition(id: str) -> str:
    """One edition: its tree with weights, its predicates, its activities."""
    view = web.query(rounds.get_edition_view, caller(), id)
    return render(
        "edition.html",
        EDITIONS,
        view=view,
        bands=instruments.rising(view.edition),
        reach=instruments.reach,
        loaded="loaded" in flask.request.args,
    )


@pages.get("/editions/<id>/file")
@audience("ministry")
def file(id: str) -> Answer:
    """What an edition says, as a file to begin another one from."""
    found = EditionContentSchema().dump(web.query(queries.get_edition, caller(), id))
    body = json.dumps(found["content"], ensure_ascii=False, indent=2) + "\n"
    name = f'attachment; filename="{found["edition"]["id"]}.json"'
    return flask.Response(body, headers={"Content-Type": "application/json", "Content-Disposition": name})


@pages.get("/new-edition")
@audience("ministry")
def new() -> str:
    """Where the file of an edition is chosen."""
    return _form("")


@pages.post("/new-edition")
@web.counted("120/hour")
@audience("ministry")
def load() -> Answer:
    """Keep what a file says as a draft, and lead to it; or say everything that is wrong with the file."""
    file = flask.request.files.get("file")
    name = seen(file.filename or "")[:LONGEST_NAME] if file else ""
    raw = file.read() if file else b""
    try:
        wanted = EditionInput().load({"yaml": decode(raw, name)})
        record, _ = web.run(commands.load_edition, wanted)
    except (AppError, ValidationError) as refused:
        problems = refused.problems if isinstance(refused, EditionInvalid) else ()
        return _form(_refusal(refused, raw), problems), _status(refused)
    return flask.redirect(f"{EDITIONS}/{record.id}?loaded", HTTPStatus.SEE_OTHER)


@pages.post("/editions/<id>/publish")
@audience("ministry")
def publish(id: str) -> Answer:
    """Put an edition in force."""
    web.run(commands.publish_edition, id)
    return flask.redirect(f"{EDITIONS}/{id}", HTTPStatus.SEE_OTHER)


def _form(wrong: str, problems: Sequence[Problem] = ()) -> str:
    said = [(one, sentence_of(one)) for one in problems[:MOST_SHOWN]]
    return render("edition_form.html", EDITIONS, wrong=wrong, problems=said, all=len(problems), place=NEW)


def _refusal(refused: AppError | ValidationError, raw: bytes) -> str:
    if not raw:
        return str(gettext("Choose a file that says something."))
    if isinstance(refused, EditionInvalid):
        return str(
            gettext("The edition does not add up: put right what is listed below, then send the file again.")
        )
    if isinstance(refused, BadRequest | ValidationError):
        return str(gettext("The file cannot be read: send YAML or JSON in UTF-8, of at most 1 MB."))
    return of_error(refused)


def _status(refused: AppError | ValidationError) -> int:
    return int(getattr(refused, "status", HTTPStatus.UNPROCESSABLE_ENTITY))
