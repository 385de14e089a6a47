"""What the bench shows: of an indicator its evidence, its rating and the stage before, of a task how it may end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import flask
from flask_babel import gettext

from services.review.domain import (
    Clarification,
    Explanation,
    Pin,
    Rating,
    SubmittedFile,
    hears_agency,
)
from services.review.domain.patches import RatingOutcome
from services.review.pages import choices
from services.review.pages.forms import pin_text
from services.review.pages.queue import PLACE, navigation, stage_of
from services.review.queries import Desk, Work
from shared.auth.guard import caller
from shared.core import reading
from shared.core.errors import Invalid
from shared.instrument import Node
from shared.instrument.conditions import level_of
from shared.web import arrived
from shared.web.instruments import groups, said
from shared.web.roles import role_name
from shared.web.sentences import of_error
from shared.web.zones import reader_zone

DRAWN = frozenset({"pdf", "png", "jpeg", "gif", "webp", "tiff"})
"""Types of files that are looked at page by page; all others are fetched."""


def address(task: str, indicator: str) -> str:
    """Where an indicator of a task lies."""
    return f"{PLACE}/{task}/indicators/{indicator}"


def _frame(work: Work, current: str = "") -> dict[str, Any]:
    """What both pages of the bench show of the task."""
    return {
        "work": work,
        "task": work.task,
        "navigation": navigation(f"{PLACE}/{work.task.id}"),
        "role": role_name("assessor"),
        "stage": stage_of(work.edition, work.case, work.task.stage),
        "tree": [part for part in _tree(work, current) if part["inside"]],
        "done": len(work.task.indicators) - len(work.missing),
        "said": said,
        "place": lambda code: address(work.task.id, code),
        "top": f"{PLACE}/{work.task.id}",
    }


def _tree(work: Work, current: str) -> Iterator[dict[str, Any]]:
    for group in groups(work.edition):
        shown = [node for node in group.children if node.code in work.task.indicators]
        yield {
            "text": said(group.name),
            "done": sum(node.code not in work.missing for node in shown),
            "of": len(shown),
            "inside": [_item(work, node, current) for node in shown],
        }


def _item(work: Work, node: Node, current: str) -> dict[str, Any]:
    rating = work.ratings.get(node.code)
    begun = rating is not None
    state = "done" if node.code not in work.missing else "half" if begun else ""
    words = {"done": gettext("rated"), "half": gettext("begun"), "": gettext("not rated")}
    return {
        "number": node.code,
        "text": said(node.name),
        "href": address(work.task.id, node.code),
        "current": node.code == current,
        "state": state,
        "says": words[state],
        "value": rating.value if rating else "",
        "comments": 0,
        "question": bool(work.question(node.code)),
    }


def show_desk(found: Desk, outcome: RatingOutcome | None = None, refused: Invalid | None = None) -> str:
    work, node = found.work, found.node
    rating = found.rating or _blank(found)
    typed = flask.request.form if outcome or refused else {}
    return flask.render_template(
        "review/bench.html",
        **_frame(work, node.code),
        desk=found,
        node=node,
        rating=rating,
        typed=typed,
        outcome=outcome,
        refused=of_error(refused) if refused else "",
        levels=choices.levels(found, typed.get("value", rating.value)),
        **_ticked(node, rating, bool(typed)),
        follows=level_of(node, rating.conditions),
        proposal=choices.proposal(node, rating),
        pins=[_shown_pin(work, pin) for pin in rating.pins],
        pins_before=[_shown_pin(work, pin) for pin in found.before.pins],
        digits=_digits(node),
        **_looked_at(found.files),
        **_neighbours(work.task.indicators, node.code),
        question=typed.get("question", work.question(node.code)),
        asked="" if found.asked else work.asked_before(node.code),
        questions=[_question(work, one) for one in found.asked],
        **_asking(work),
        before=stage_of(work.edition, work.case, work.previous),
        is_first=work.previous == work.case.stages[0],
        left=max(1, int(work.left.total_seconds())),
        me=caller().id,
        zone_name=reader_zone().tzname(None),
    )


def _ticked(node: Node, rating: Rating, is_typed: bool) -> dict[str, Any]:
    """The conditions of each level and the evidence, ticked as the form that was sent has it, or as was saved."""
    sent = flask.request.form
    conditions = sent.getlist("conditions") if is_typed else rating.conditions
    accepted = sent.getlist("accepted") if is_typed else rating.accepted
    return {
        "conditions": [choices.conditions(node, conditions, level) for level in node.criteria],
        "accepted": choices.acceptable(node, accepted),
    }


def _asking(work: Work) -> dict[str, Any]:
    """Whether questions go to the agency when this task is finished, and for how many days it may answer."""
    hears = work.next_stage is not None and hears_agency(work.next_stage)
    return {"hears": hears, "days": work.case.clarification_days}


def _question(work: Work, one: Clarification) -> dict[str, Any]:
    """A question to the agency with how it is; `own` may be asked anew from this task."""
    state = one.state(arrived())
    words = {
        "open": (gettext("Waits for an answer"), "warn"),
        "answered": (gettext("Answered"), "good"),
        "unanswered": (gettext("Not answered in time"), "bad"),
        "withdrawn": (gettext("Taken back"), ""),
    }
    text, kind = words[state]
    return {
        "asked": one,
        "state": state,
        "says": text,
        "kind": kind,
        "stage": stage_of(work.edition, work.case, one.stage),
        "own": one.task == work.task.id and one.answer is None,
    }


def _looked_at(files: Sequence[SubmittedFile]) -> dict[str, Any]:
    """The files of an indicator, which of them is shown, and at which page."""
    shown = _shown_file(files)
    return {
        "files": [{"file": file, "shown": file == shown} for file in files],
        "shown": shown,
        "drawn": shown is not None and shown.type in DRAWN,
        "page": _page(shown),
    }


def _neighbours(codes: Sequence[str], code: str) -> dict[str, str | None]:
    """The indicators before and after one."""
    at = codes.index(code)
    return {
        "previous": codes[at - 1] if at else None,
        "following": codes[at + 1] if at + 1 < len(codes) else None,
    }


def _blank(found: Desk) -> Rating:
    task = found.work.task
    nothing = Explanation("", "", "")
    return Rating(
        "",
        task.case,
        task.stage,
        found.node.code,
        "",
        None,
        "",
        task.opened_at,
        explanation=nothing,
        version=0,
    )


def _shown_file(files: Sequence[SubmittedFile]) -> SubmittedFile | None:
    """The file that the address or the form names, else the first that can be looked at."""
    wanted = flask.request.values.get("file", "")
    named = next((file for file in files if file.sha256 == wanted), None)
    return named or next((file for file in files if file.type in DRAWN), files[0] if files else None)


def _page(shown: SubmittedFile | None) -> int:
    wanted = reading.whole(flask.request.values.get("page", "")[:6]) or 1
    last = shown.pages if shown and shown.pages else wanted
    return min(max(wanted, 1), last)


def _digits(node: Node) -> tuple[str, str]:
    """The first and the last digit with which a value of an indicator begins."""
    assert node.scale is not None, "whoever rates an indicator rates it on its scale"
    if node.scale.range:
        low, high = (int(bound) for bound in (node.scale.range.at_least, node.scale.range.at_most))
        return (str(low), str(high)) if high < len("0123456789") else ("0", "9")
    return str(node.scale.levels[0].value), str(node.scale.levels[-1].value)


def _shown_pin(work: Work, pin: Pin) -> dict[str, Any]:
    return {"pin": pin, "value": pin_text(pin), "text": pin_words(pin, work.material.file_names)}


def pin_words(pin: Pin, files: Mapping[str, str]) -> str:
    """What a pin points at, in words, by the names of the files."""
    if pin.minutes is not None:
        return str(gettext("minutes, paragraph %(number)s", number=pin.minutes))
    name = files.get(pin.sha256 or "", pin.sha256)
    return str(gettext("%(file)s, page %(number)s", file=name, number=pin.page))


def show_end(work: Work) -> str:
    missing = [
        {"node": work.edition.node(code), "parts": [_part_name(part) for part in parts]}
        for code, parts in work.missing.items()
    ]
    asked = [
        {"node": work.edition.node(mark.indicator), "question": mark.question} for mark in work.task.marks
    ]
    changed = [
        {"node": work.edition.node(code), "before": before.value, "now": work.ratings[code].value}
        for code, before in work.before.items()
        if code in work.ratings and work.ratings[code].value not in ("", before.value)
    ]
    following = stage_of(work.edition, work.case, work.next_stage) if work.next_stage else ""
    return flask.render_template(
        "review/end.html",
        **_frame(work),
        missing=missing,
        asked=asked,
        changed=changed,
        before=stage_of(work.edition, work.case, work.previous),
        following=following,
        waiting=[
            {"node": work.edition.node(one.indicator), **_question(work, one)} for one in work.unanswered
        ],
        **_asking(work),
    )


def _part_name(part: str) -> str:
    names: Mapping[str, str] = {
        "value": gettext("level"),
        "facts": gettext("facts"),
        "analysis": gettext("analysis"),
        "justification": gettext("justification"),
    }
    return names[part]
