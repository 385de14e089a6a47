"""Rating the indicators of a task that the caller holds, one by one or several at once."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache, partial

from services.review import domain, store
from services.review.commands.events import case_subject
from services.review.commands.evidence import readable_material
from services.review.commands.leases import require_held
from services.review.commands.stages import edition_of
from services.review.domain import Material, Rating, RatingOrder, Task
from services.review.domain.patches import (
    PatchOrder,
    RatingOutcome,
    RatingPatch,
    SentRatingPatch,
    decide,
    next_rating,
    older_versions,
    patched,
    refused_patch,
)
from shared.core.errors import Conflict, Invalid
from shared.core.patches import check_once
from shared.instrument import Edition
from shared.instrument.conditions import known_conditions, known_evidence
from shared.storage.transaction import Transaction


def rate(tx: Transaction, id: str, indicator: str, order: RatingOrder) -> Rating:
    """Save a rating of one indicator as the next version, beside those before it."""
    task = require_held(tx, id, order.fence, {**order.yours, "indicator": indicator})
    case = store.require_case(tx, task.case)
    domain.check_asked(task, indicator)
    edition = edition_of(tx, case)
    value = domain.read_value(edition, indicator, order.value)
    node = edition.node(indicator)
    ticked = {
        "conditions": known_conditions(node, order.conditions),
        "accepted": known_evidence(node, order.accepted),
    }
    said = {"value": value, **asdict(order.explanation), "pins": order.pins, **ticked}
    rating = next_rating(task, indicator, said, tx.new_id(), tx.now)
    domain.check_pins(rating.pins, readable_material(tx, case.id))
    store.save_task(tx, _keep(tx, task, rating))
    return rating


def patch_ratings(tx: Transaction, id: str, order: PatchOrder) -> tuple[RatingOutcome, ...]:
    """Change fields of several ratings, each over the version that its sender saw; gives what became of each.

    What cannot be kept of one leaves the others alone.
    """
    task = before = require_held(tx, id, order.fence, order.yours)
    check_once(order.patches, "rating")
    edition = edition_of(tx, store.require_case(tx, task.case))
    stored = {each.indicator: each for each in store.list_ratings(tx, [ref.rating for ref in task.rated])}
    older = store.find_versions(tx, task, older_versions(order.patches, stored))
    material = cache(partial(readable_material, tx, task.case))
    outcomes = []
    for patch in order.patches:
        task, outcome = _patch(tx, edition, task, patch, (stored, older, material))
        outcomes.append(domain.show_outcome(outcome, tx.caller))
    if task != before:
        store.save_task(tx, task)
    return tuple(outcomes)


def _patch(
    tx: Transaction,
    edition: Edition,
    task: Task,
    patch: SentRatingPatch,
    found: tuple[Mapping[str, Rating], Mapping[str, Rating], Callable[[], Material]],
) -> tuple[Task, RatingOutcome]:
    code = patch.indicator
    stored, older, material = found[0].get(code), found[1].get(code), found[2]
    if not isinstance(patch, RatingPatch):
        return task, refused_patch(patch, stored, None)
    try:
        domain.check_asked(task, code)
        wanted = patched(edition, stored, patch)
        if outcome := decide(patch, older, stored, wanted):
            return task, outcome
        rating = next_rating(task, code, wanted, tx.new_id(), tx.now)
        if "pins" in patch.fields:
            domain.check_pins(rating.pins, material())
        task = _keep(tx, task, rating)
    except (Invalid, Conflict) as refused:
        return task, refused_patch(patch, stored, refused)
    return task, RatingOutcome(code, "saved", rating, merged=rating.version != patch.version + 1)


def _keep(tx: Transaction, task: Task, rating: Rating) -> Task:
    """Keep a rating as the newest of its task, which is given, not saved; nothing is written before it may be."""
    rated = domain.add_rating(task, rating.ref)
    store.add_ratings(tx, [rating])
    detail = {"task": task.id, "indicator": rating.indicator, "rating": rating.id, "value": rating.value}
    tx.audit(case_subject(task.case), "rating.saved", **detail, version=rating.version)
    return rated
