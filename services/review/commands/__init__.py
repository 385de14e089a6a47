"""What review does: each function is one command, run in one transaction by its caller."""

from services.review.commands.assessors import (
    appoint,
    appoint_invited,
    cut_short,
    declare_conflict,
    declare_conflicts,
    declare_own_conflict,
    set_assessor,
    take_back_conflict,
)
from services.review.commands.cases import note_published, open_case
from services.review.commands.clarifications import note_answer, revise_question
from services.review.commands.evidence import link_explanations, link_file, link_task_file
from services.review.commands.imports import apply_assessors, preview_assessors
from services.review.commands.leases import claim, expire, heartbeat, release
from services.review.commands.ratings import patch_ratings, rate
from services.review.commands.tasks import ask, finish, mark

__all__ = [
    "apply_assessors",
    "appoint",
    "appoint_invited",
    "ask",
    "claim",
    "cut_short",
    "declare_conflict",
    "declare_conflicts",
    "declare_own_conflict",
    "expire",
    "finish",
    "heartbeat",
    "link_explanations",
    "link_file",
    "link_task_file",
    "mark",
    "note_answer",
    "note_published",
    "open_case",
    "patch_ratings",
    "preview_assessors",
    "rate",
    "release",
    "revise_question",
    "set_assessor",
    "take_back_conflict",
]
