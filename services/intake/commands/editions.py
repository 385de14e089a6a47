"""Editions of the instrument: loaded as drafts, then published for ever."""

from dataclasses import replace

import msgspec

from services.intake import store
from services.intake.domain import EditionRecord
from shared.core.errors import Conflict, Invalid, NotFound
from shared.events.intake import EditionPublished
from shared.instrument import Edition, check_crosswalk, to_dict
from shared.storage.transaction import Transaction

LARGEST = 1_000_000
"""Bytes of an edition that still travels in one event."""


def load_edition(tx: Transaction, edition: Edition) -> tuple[EditionRecord, bool]:
    """Keep an edition as a draft; gives its record and whether it is new. Conflict once it is published."""
    known = store.get(tx, EditionRecord, edition.id)
    if known and known.hash == edition.hash:
        return known, False
    if known and known.published_at:
        raise Conflict(
            f"The edition {edition.id} is published and never changes. Give other content an id of its own.",
            "edition-published",
        )
    _check(tx, edition)
    store.save_content(tx, edition)
    record = EditionRecord(edition.id, edition.hash, edition.guide_version, tx.now)
    tx.audit(f"edition:{edition.id}", "edition.loaded", hash=edition.hash)
    return store.save(tx, record), known is None


def _check(tx: Transaction, edition: Edition) -> None:
    size = len(msgspec.json.encode(to_dict(edition)))
    if size > LARGEST:
        raise Invalid(f"The edition has {size} bytes; at most {LARGEST} can be told.", "edition-too-large")
    before = store.get(tx, EditionRecord, edition.crosswalk.edition) if edition.crosswalk else None
    if before:
        check_crosswalk(edition, store.edition(tx, before))


def publish_edition(tx: Transaction, id: str) -> EditionRecord:
    """Put an edition in force and tell it to all services; again changes nothing."""
    record = store.get(tx, EditionRecord, id)
    if record is None:
        raise NotFound(f"There is no edition {id}.")
    if record.published_at:
        return record
    content = to_dict(store.edition(tx, record))
    tx.audit(f"edition:{id}", "edition.published", hash=record.hash)
    tx.emit(
        f"edition:{id}",
        EditionPublished(edition=id, guide_version=record.guide_version, hash=record.hash, content=content),
    )
    return store.save(tx, replace(record, published_at=tx.now))
