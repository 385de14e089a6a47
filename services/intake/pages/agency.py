"""The pages of an agency's people: their home, the indicators, the way to the seal and what came of it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from fractions import Fraction
from http import HTTPStatus
from typing import Any

import flask
from flask_babel import gettext

from services.intake import commands
from services.intake.domain import Answer
from services.intake.domain.patches import SentPatch
from services.intake.pages import workspace as pages
from services.intake.pages.workspace import TEMPLATES, address, render
from services.intake.queries import workspace as questions
from services.intake.queries.workspace import Desk, Workspace
from services.intake.schemas import PatchesInput
from shared import web
from shared.auth.guard import audience, caller
from shared.core import reading
from shared.core.errors import BadRequest, NotFound
from shared.core.people import AGENCY_ROLES
from shared.instrument import Node
from shared.instrument.exact import exact
from shared.instrument.model import Level
from shared.web.instruments import groups, said, share, titled

blp = flask.Blueprint("agency", __name__, url_prefix="/self-assessments", template_folder=str(TEMPLATES))
_CODE = re.compile(r"[\w-]{1,40}", re.ASCII)
FORM_FIELDS = ("value", "facts", "analysis", "subject")


@blp.get("/")
@audience(*AGENCY_ROLES)
def choose() -> flask.typing.ResponseReturnValue:
    """The self-assessment of the caller's agency, or a list where there are several."""
    own = web.query(questions.list_own_rounds, caller())
    if len(own) == 1:
        return flask.redirect(address(own[0].participation.id), HTTPStatus.SEE_OTHER)
    return flask.render_template("intake/agency/choose.html", own=own, address=address)


@blp.get("/<participation>")
@audience(*AGENCY_ROLES)
def overview(participation: str) -> str:
    """The home of an agency: what to go on with, how far it is, who did what last."""
    found = web.query(questions.get_overview, caller(), participation)
    nodes = {node.code: node for node in found.progress.nodes}
    parts = [(node, nodes[node.code]) for node in groups(found.round.edition)]
    return render(
        "overview.html",
        found,
        "",
        parts=parts,
        next=_next(found),
        waiting_questions=[pages.shown_question(found, one) for one in found.waiting],
        radar=pages.radar(found),
        acts=found.acts,
        team=found.team,
        may_invite=caller().has("coordinator", agency=found.round.agency.id),
        me=caller().id,
    )


@blp.get("/<participation>/indicators")
@audience(*AGENCY_ROLES)
def list_indicators(participation: str) -> str:
    """All indicators, or those that are empty, bare of evidence, the caller's own, or with open comments."""
    found = web.query(questions.get_overview, caller(), participation)
    wanted = flask.request.args.get("show", "")
    if wanted not in pages.FILTERS:
        raise BadRequest(f"show is one of {', '.join(filter(None, pages.FILTERS))}.", "bad-parameter")
    kinds = _kinds(found)
    counts = {name: len(codes) for name, codes in kinds.items()}
    shown = pages.tree(found, only=kinds[wanted])
    return render(
        "indicators.html", found, "indicators", parts=shown, filters=pages.FILTERS, counts=counts, show=wanted
    )


def _kinds(found: questions.Overview) -> dict[str, list[str]]:
    """The indicators that each filter shows."""
    leaves = [node for node in found.progress.nodes if node.code in found.round.edition.codes]
    return {
        "": [node.code for node in leaves],
        "empty": [node.code for node in leaves if not node.answered],
        "bare": [node.code for node in leaves if node.without_evidence],
        "mine": [edited.indicator for edited in found.acts.mine],
        "commented": [code for code in found.round.edition.codes if code in found.commented],
    }


def _next(found: questions.Overview) -> str | None:
    """The indicator to go on with: the one that the caller edited last if it is unfinished, else the first gap."""
    if found.round.participation.submission:
        return None
    open_ = [*_kinds(found)["bare"], *_kinds(found)["empty"]]
    mine = next((edited.indicator for edited in found.acts.mine if edited.indicator in open_), None)
    return mine or next((code for code in found.round.edition.codes if code in open_), None)


@blp.get("/<participation>/indicators/<indicator>")
@audience(*AGENCY_ROLES)
def indicator(participation: str, indicator: str) -> str:
    """One indicator: its question, levels and conditions, the answer in its parts, and the evidence."""
    found = web.query(questions.get_desk, caller(), participation, indicator)
    return show_desk(found, indicator)


@blp.post("/<participation>/indicators/<indicator>")
@audience(*AGENCY_ROLES)
def save_indicator(participation: str, indicator: str) -> flask.typing.ResponseReturnValue:
    """Save what the form says, field by field, where no script does it; a conflict shows both versions."""
    sent = flask.request.form
    fields: dict[str, Any] = {name: sent[name].replace("\r\n", "\n") for name in FORM_FIELDS if name in sent}
    (outcome,) = web.run(commands.patch_answers, participation, _patches(indicator, sent.get("rev"), fields))
    if outcome.outcome in ("saved", "unchanged"):
        next = sent.get("next", "")
        place = address(participation, "indicators", next if _CODE.fullmatch(next) else indicator)
        return flask.redirect(place, HTTPStatus.SEE_OTHER)
    found = web.query(questions.get_desk, caller(), participation, indicator)
    return show_desk(found, indicator, outcome=outcome, typed=fields), HTTPStatus.UNPROCESSABLE_ENTITY


def _patches(indicator: str, rev: str | None, fields: Mapping[str, Any]) -> Sequence[SentPatch]:
    """What a form sent, read by the schema of the API; a decimal comma counts as a point."""
    if not _CODE.fullmatch(indicator):
        raise NotFound("There is no such indicator: go on from the list of indicators.")
    typed: dict[str, Any] = {}
    if "value" in fields:
        typed["value"] = fields["value"].strip().replace(",", ".")
    if "subject" in fields:
        typed["subject"] = fields["subject"].strip() or None
    known = reading.whole(rev) if rev and len(rev) < 10 else None
    item = {"indicator": indicator, "rev": known or 0, **fields, **typed}
    read: Sequence[SentPatch] = PatchesInput().load({"answers": [item]})["answers"]
    return read


def show_desk(found: Desk, code: str, typed: Mapping[str, Any] | None = None, **not_kept: Any) -> str:
    """The page of an indicator, with what was typed of its answer.

    What was `not_kept` comes with why: the `outcome` of the answer, a `comment` (text, refused), or what `refused` a
    file.
    """
    codes = found.round.edition.codes
    at = codes.index(code)
    raise_ = next(one for one in found.progress.one_level_up if one.indicator == code)
    return render(
        "indicator.html",
        found,
        "indicators",
        node=found.round.edition.node(code),
        share=share(found.round.edition, found.round.edition.node(code)),
        path=_path(found, code),
        answer=found.answer or _blank(found, code),
        given=found.round.given.get(code),
        found_gate=found.gate,
        typed=typed or {},
        choices=_choices(found, code, (typed or {}).get("value")),
        kinds=pages.file_kinds(found.round.cycle.evidence.types),
        tree=pages.tree(found, code),
        radar=pages.radar(found),
        previous=codes[at - 1] if at else None,
        following=codes[at + 1] if at + 1 < len(codes) else None,
        higher=raise_ if raise_.value else None,
        writable=found.round.participation.submission is None,
        questions=[pages.shown_question(found, one) for one in found.asked_at(code)],
        new_key=secrets.token_urlsafe(16),
        me=caller().id,
        **{"outcome": None, "comment": {}, "refused": "", **not_kept},
    )


def _choices(found: Desk, code: str, typed: str | None) -> list[dict[str, Any]]:
    """The levels of an indicator with their conditions; the chosen one is open, and the next one above it."""
    node = found.round.edition.node(code)
    value = typed if typed is not None else found.answer.value if found.answer else ""
    levels = node.scale.levels if node.scale else ()
    at_value = node.scale.level_at(_number(value)) if node.scale else None
    chosen = levels.index(at_value) if at_value else -1
    return [_choice(found, node, at, level, chosen) for at, level in enumerate(levels)]


def _number(typed: str) -> Fraction:
    """A value as it is stored or was typed; less than any that there is where it is none."""
    try:
        return exact(typed.strip().replace(",", "."))
    except ValueError:
        return Fraction(-1)


def _choice(found: Desk, node: Node, at: int, level: Level, chosen: int) -> dict[str, Any]:
    criteria = next((one for one in node.criteria if one.level == level.value), None)
    own = criteria.conditions if criteria else ()
    met = sum(one.code in found.ticked for one in own)
    conditions = [
        {"value": one.code, "text": said(one.text), "code": one.code, "checked": one.code in found.ticked}
        for one in own
    ]
    count = gettext("%(met)s of %(of)s conditions", met=met, of=len(own)) if own else said(level.text)
    return {
        "value": str(level.value),
        "text": titled(node.scale, level) if node.scale else "",
        "checked": at == chosen,
        "open": at in (chosen, chosen + 1),
        "met": met,
        "count": count,
        "conditions": conditions,
        "note": said(criteria.note) if criteria else "",
    }


def _blank(found: Desk, code: str) -> Answer:
    return Answer("", found.round.participation.id, code, "", "", "")


def _path(found: Workspace, code: str) -> list[Any]:
    """The nodes above an indicator, the highest first."""
    return [node for node in found.round.edition.walk() if node.children and _holds(node, code)]


def _holds(node: Any, code: str) -> bool:
    return any(one.code == code for one in node.walk())
