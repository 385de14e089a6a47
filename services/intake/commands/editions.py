"""Editions of the instrument: loaded as drafts, then published for ever."""

from dataclasses import replace

import msgspec

from services.intake import domain, store
from services.intake.domain import EditionRecord
from shared.events.intake import EditionPublished
from shared.instrument import Edition, check_crosswalk, to_dict
from shared.storage.transaction import Transaction


def load_edition(tx: Transaction, edition: Edition) -> tuple[EditionRecord, bool]:
    """Keep an edition as a draft; gives its record and whether its id is new. Conflict once it is published."""
    stored = store.find(tx, EditionRecord, edition.id)
    if stored and domain.is_loaded(stored, edition.hash):
        return stored, False
    domain.check_edition_size(len(msgspec.json.encode(to_dict(edition))))
    _check_crosswalk(tx, edition)
    store.add_content(tx, edition)
    record = EditionRecord(edition.id, edition.hash, edition.guide_version, tx.now)
    tx.audit(f"edition:{edition.id}", "edition.loaded", hash=edition.hash)
    return store.save(tx, record), stored is None


def _check_crosswalk(tx: Transaction, edition: Edition) -> None:
    before = store.find(tx, EditionRecord, edition.crosswalk.edition) if edition.crosswalk else None
    if before:
        check_crosswalk(edition, store.get_edition(tx, before))


def publish_edition(tx: Transaction, id: str) -> EditionRecord:
    """Put an edition in force and publish it to all services; again changes nothing."""
    record = domain.existing(store.find(tx, EditionRecord, id), f"edition {id}")
    if record.published_at:
        return record
    content = to_dict(store.get_edition(tx, record))
    tx.audit(f"edition:{id}", "edition.published", hash=record.hash)
    tx.emit(
        f"edition:{id}",
        EditionPublished(edition=id, guide_version=record.guide_version, hash=record.hash, content=content),
    )
    return store.save(tx, replace(record, published_at=tx.now))
