"""What can be changed in review: each function is one command, run in one transaction by its caller."""

from services.review.commands.assessors import declare_conflicts, set_assessor
from services.review.commands.cases import link_file, link_words, open_case
from services.review.commands.tasks import claim, expire, finish, heartbeat, mark, rate, release

__all__ = [
    "claim",
    "declare_conflicts",
    "expire",
    "finish",
    "heartbeat",
    "link_file",
    "link_words",
    "mark",
    "open_case",
    "rate",
    "release",
    "set_assessor",
]
