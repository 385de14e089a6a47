"""What the pages of an agency have in common: where they lie, and how the things of a self-assessment are said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import flask
from flask_babel import gettext, lazy_gettext

from services.intake.domain.clarifications import Asked
from services.intake.domain.file_types import FAMILIES, FILE_TYPES
from services.intake.domain.readiness import Round
from services.intake.queries.workspace import Workspace
from shared.auth.guard import caller
from shared.core.people import AGENCY_ROLES
from shared.instrument import Node
from shared.web import charts, formats, instruments
from shared.web.instruments import groups, said
from shared.web.roles import role_name

TEMPLATES = Path(__file__).parents[1] / "templates"
FILTERS = {
    "": lazy_gettext("All"),
    "empty": lazy_gettext("Empty"),
    "bare": lazy_gettext("Without evidence"),
    "mine": lazy_gettext("Edited by me"),
    "commented": lazy_gettext("Commented"),
}


def address(participation: str, *rest: str) -> str:
    """Where a page of a self-assessment lies."""
    return "/".join(("/intake/self-assessments", participation, *rest))


def frame(workspace: Workspace, here: str = "") -> dict[str, Any]:
    """What the layout needs: navigation, deadline, the reader's role."""
    round, times = workspace.round, workspace.windows
    id = round.participation.id
    sealed = round.participation.submission is not None
    pages = [
        ("", address(id), gettext("Home")),
        ("indicators", address(id, "indicators"), gettext("Self-assessment")),
        ("seal", address(id, "seal"), gettext("Sealed") if sealed else gettext("Seal")),
    ]
    if workspace.questions:
        pages.insert(2, ("questions", address(id, "questions"), gettext("Questions")))
    if caller().has("coordinator", agency=round.agency.id):
        pages.append(("people", "/intake/people", gettext("People")))
    return {
        "workspace": workspace,
        "round": round,
        "navigation": [{"text": text, "href": href, "active": name == here} for name, href, text in pages],
        "role": " · ".join([*_roles(round.agency.id), round.agency.name]),
        "deadline": None if sealed else formats.deadline(times.deadline),
        "deadline_note": _note(workspace),
        "said": said,
        "address": address,
        "reviewed": list(_reviewed(round)),
    }


def _reviewed(round: Round) -> Iterator[str]:
    """The stages in which assessors rate an agency, as its edition calls them."""
    for stage in round.edition.activity(round.participation.activity).stages[1:]:
        if round.participation.visit or not stage.optional:
            yield said(stage.name)


def _roles(agency: str) -> Iterator[str]:
    return (role_name(role) for role in AGENCY_ROLES if caller().has(role, agency=agency))


def _note(workspace: Workspace) -> str:
    if workspace.round.participation.completed_at:
        return ""
    return str(
        gettext("Files may follow until %(moment)s", moment=formats.due(workspace.windows.bytes_until))
    )


def file_kinds(types: Iterable[str]) -> str:
    """The families of files that a cycle takes, in words, with how their names end."""
    words = {
        "pdf": gettext("PDF"),
        "image": gettext("images"),
        "office": gettext("Office"),
        "zip": gettext("zip archives"),
        "mp4": gettext("videos"),
    }
    return ", ".join(f"{words[family]}{_endings(family)}" for family in FAMILIES if family in types)


def _endings(family: str) -> str:
    """How the names of a family's files end, unless the family's own name says it."""
    own = [one.extensions[0] for one in FILE_TYPES.values() if one.family == family]
    return "" if family == "pdf" else f" ({', '.join(f'.{ending}' for ending in own)})"


def states(workspace: Workspace, filled: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Of each indicator the state of its mark, and that in words; `filled` counts the files of those answered."""
    words = {
        "": gettext("empty"),
        "half": gettext("without evidence"),
        "done": gettext("filled in"),
    }
    kinds = {
        code: "" if code not in filled else "done" if filled[code] else "half"
        for code in workspace.round.edition.codes
    }
    return {code: (kind, words[kind]) for code, kind in kinds.items()}


def tree(workspace: Workspace, current: str = "", only: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """The indicators by parts: all parts, the current one open, or those with an indicator of `only`, all open."""
    wanted = set(workspace.round.edition.codes if only is None else only)
    shown = [
        (group, [node for node in group.children if node.code in wanted])
        for group in groups(workspace.round.edition)
    ]
    is_open = only is not None
    return [_part(workspace, group, nodes, (current, is_open)) for group, nodes in shown if nodes]


def _part(workspace: Workspace, group: Node, shown: Sequence[Node], how: tuple[str, bool]) -> dict[str, Any]:
    current, is_open = how
    nodes = {node.code: node for node in workspace.progress.nodes}
    filled = {code: node.answered - node.without_evidence for code, node in nodes.items() if node.answered}
    marks, own = states(workspace, filled), nodes[group.code]
    here = is_open or any(node.code == current for node in shown)
    inside = [_item(workspace, node, marks[node.code], current) for node in shown] if here else []
    return {
        "code": group.code,
        "text": said(group.name),
        "done": own.answered,
        "of": own.of,
        "href": address(workspace.round.participation.id, "indicators", shown[0].code),
        "inside": inside,
    }


def _item(workspace: Workspace, node: Node, mark: tuple[str, str], current: str) -> dict[str, Any]:
    return {
        "number": node.code,
        "text": said(node.name),
        "href": address(workspace.round.participation.id, "indicators", node.code),
        "current": node.code == current,
        "state": mark[0],
        "says": mark[1],
        "comments": workspace.commented.get(node.code, 0),
    }


def shown_question(workspace: Workspace, one: Asked) -> dict[str, Any]:
    """A question as pages say it: where, how it is, and for which stage."""
    round, asked = workspace.round, one.clarification
    words = {
        "open": (gettext("To be answered"), "warn"),
        "answered": (gettext("Answered"), "good"),
        "withdrawn": (gettext("Taken back by the assessors"), ""),
        "late": (gettext("Not answered in time"), "bad"),
        "over": (gettext("Not answered in time"), "bad"),
    }
    text, kind = words[one.state]
    stages = round.edition.activity(round.participation.activity).stages
    return {
        "asked": one,
        "id": asked.id,
        "says": text,
        "kind": kind,
        "name": said(round.edition.node(asked.indicator).name),
        "stage": next((said(stage.name) for stage in stages if stage.code == asked.stage), asked.stage),
        "place": address(round.participation.id, "questions", asked.id),
    }


def radar(workspace: Workspace) -> charts.Radar | None:
    """The parts of the index as a radar; None where there are fewer than three."""
    values = {node.code: float(node.index) for node in workspace.progress.nodes}
    return instruments.radar(workspace.round.edition, values)


def render(template: str, workspace: Workspace, here: str, **values: Any) -> str:
    """A page of a self-assessment."""
    return flask.render_template(f"intake/agency/{template}", **frame(workspace, here), **values)
