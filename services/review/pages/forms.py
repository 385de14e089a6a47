"""What the form of the bench says: a rating with its pins, a question, and which page was looked at."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import flask
from marshmallow import Schema, ValidationError

from services.review.domain import LeaseOrder, Pin, QuestionOrder
from services.review.domain.patches import PatchOrder
from services.review.schemas import QuestionInput, RatingPatchesInput
from shared.core import reading
from shared.core.errors import BadRequest

TEXTS = ("facts", "analysis", "justification")
_FILE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PIN = re.compile(r"([0-9a-f]{64})@(\d{1,6})(?:@(\d{1,4}),(\d{1,4}))?|§(\d{1,6})", re.ASCII)


def looking_at() -> str:
    """Which file was open at which page, for the address that is opened next; nothing for another indicator."""
    sha256, page = flask.request.form.get("file", ""), flask.request.form.get("page", "")
    if "next" in flask.request.form or not _FILE.fullmatch(sha256):
        return ""
    return f"?file={sha256}&page={reading.whole(page[:6]) or 1}"


def read_patch(indicator: str) -> PatchOrder:
    """What the form says of a rating, read by the schema of the API; a decimal comma counts as a point."""
    form = flask.request.form
    texts = {name: form[name].replace("\r\n", "\n") for name in TEXTS if name in form}
    version = reading.whole(form.get("version", "")[:9]) or 0
    item: dict[str, Any] = {"indicator": indicator, "version": version, **texts}
    value = (form.get("take") or form.get("value", "")).strip()
    if value:
        item["value"] = value.replace(",", ".")
    item["conditions"], item["accepted"] = form.getlist("conditions"), form.getlist("accepted")
    item["pins"] = [pin for text in _pins_named() if (pin := _pin(text))]
    read: PatchOrder = _read(RatingPatchesInput(), {"fence": read_fence(), "ratings": [item]})
    return read


def _pins_named() -> Iterator[str]:
    """The pins that the form keeps, and the page or paragraph that its button adds."""
    form = flask.request.form
    yield from form.getlist("pins")
    if form.get("deed") == "pin":
        yield f"{form.get('file', '')}@{form.get('page', '')}"
    if form.get("paragraph", "").strip():
        yield f"§{form['paragraph'].strip()}"


def _pin(text: str) -> dict[str, Any] | None:
    """What a text like HASH@PAGE, HASH@PAGE@X,Y or §PARAGRAPH points at."""
    found = _PIN.fullmatch(text)
    if not found:
        return None
    sha256, page, x, y, paragraph = found.groups()
    if paragraph:
        return {"minutes": int(paragraph)}
    place = {"x": int(x), "y": int(y)} if x else {}
    return {"sha256": sha256, "page": int(page), **place}


def pin_text(pin: Pin) -> str:
    """A pin as a form carries it."""
    if pin.minutes is not None:
        return f"§{pin.minutes}"
    place = f"@{pin.x},{pin.y}" if pin.x is not None else ""
    return f"{pin.sha256}@{pin.page}{place}"


def read_question() -> QuestionOrder | None:
    """The question to the agency; None where the form has none."""
    form = flask.request.form
    if "question" not in form:
        return None
    question = form["question"].replace("\r\n", "\n").strip()
    read: QuestionOrder = _read(QuestionInput(), {"fence": read_fence(), "question": question})
    return read


def _read(schema: Schema, said: Mapping[str, Any]) -> Any:
    """What the schema of the API reads; BadRequest for what no form of ours sends."""
    try:
        return schema.load(said)
    except ValidationError as wrong:
        raise BadRequest(
            "This form cannot be read: load its page anew, then send it again.", "bad-form"
        ) from wrong


def read_fence() -> int:
    """The fencing number that the form names; 0, which nothing takes, where it names none."""
    return reading.whole(flask.request.form.get("fence", "")[:16]) or 0


def read_lease() -> LeaseOrder:
    """An order that says nothing but its fence."""
    return LeaseOrder(read_fence())
