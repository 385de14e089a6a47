"""Several changes in one request: each is read by itself, and each answer says what became of it."""

from itertools import islice
from typing import Any

import marshmallow as ma
from marshmallow import Schema, fields, validate

from shared.core.patches import UnreadPatch
from shared.web.pointers import field_problems
from shared.web.problems import MOST_ERRORS
from shared.web.sentences import Detail


class EachByItself(fields.Nested):
    """A patch; one that names its indicator and is wrong otherwise is kept as what is wrong with it."""

    def _load(self, value: Any, partial: Any = None) -> Any:
        try:
            return super()._load(value, partial)
        except ma.ValidationError as problem:
            told = problem.messages
            if not isinstance(value, dict) or not isinstance(told, dict) or "indicator" in told:
                raise
            errors = islice(field_problems({"json": told}, self.schema), MOST_ERRORS)
            return UnreadPatch(value["indicator"], tuple(errors))


def seen_version() -> fields.Integer:
    """The version that the sender of a patch changed."""
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 2**31),
        metadata={"description": "The version that was seen; 0: none."},
    )


class PatchErrorSchema(Schema):
    """What is wrong with one field of a patch."""

    place = fields.String(required=True, data_key="in", attribute="in")
    pointer = fields.String(required=True, metadata={"description": "Within the item."})
    detail = fields.String(required=True)


class PatchProblemSchema(Schema):
    """Why a patch cannot be kept: a code of the list of problems, and a sentence."""

    code = fields.String(required=True)
    detail = Detail(required=True)
    errors = fields.List(fields.Nested(PatchErrorSchema), required=True)


class OutcomeSchema(Schema):
    """What became of one patch, whatever it changes."""

    indicator = fields.String(required=True)
    differing = fields.List(fields.String(), required=True)
    problem = fields.Nested(PatchProblemSchema, required=True, allow_none=True)


def outcome_field(by: str, who: str) -> fields.String:
    """What became of a patch, in one word; `by` names the field that counts versions, `who` the other writer."""
    return fields.String(
        required=True,
        validate=validate.OneOf(["saved", "unchanged", "stale", "invalid"]),
        metadata={
            "description": f"saved: kept as version `{by}`. unchanged: `stored` says all of it already. stale: "
            f"nothing was kept, since {who} changed `differing`; choose between `yours` and `stored`, and send it "
            f"with `{by}`. invalid: nothing was kept; `problem` says why."
        },
    )
