"""Indices of other ministries: set one by one, or many together from a file."""

from collections.abc import Sequence
from dataclasses import replace

from services.intake import store
from services.intake.commands.imports import keep_preview, note_applied
from services.intake.domain.import_kinds import INDICES
from services.intake.domain.indices import ExternalIndex, IndexRules, sources_of
from services.intake.store import indices, rounds
from shared.core.imports import (
    Import,
    ImportResult,
    ReadRow,
    Source,
    import_id,
    rows_to_set,
    shown,
    wanted_of,
    weighed,
)
from shared.events.intake import ExternalIndexSet
from shared.storage import imports
from shared.storage.transaction import Transaction
from shared.storage.versions import Expected, check_rev


def set_index(tx: Transaction, wanted: ExternalIndex, expected_rev: Expected | None = None) -> ExternalIndex:
    """Make the index of an agency and a year known, or correct it with a reason; again changes nothing."""
    stored = indices.find_index(tx, wanted.id)
    settled = _rules(tx, [wanted]).settled(wanted, stored)
    if settled is stored:
        return stored
    check_rev(expected_rev, stored.rev if stored else 0, wanted, stored)
    return _save(tx, replace(settled, rev=stored.rev if stored else 0))


def preview_indices(
    tx: Transaction, source: Source, read: Sequence[ReadRow[ExternalIndex]]
) -> Import[ExternalIndex]:
    """Say what a list of indices would set; nothing of it is set yet."""
    wanted = wanted_of(read)
    stored = indices.load_indices(tx, [one.id for one in wanted])
    rows = weighed(read, stored, _rules(tx, wanted).settled)
    return keep_preview(tx, import_id(INDICES, tx.caller), source, rows)


def apply_indices(tx: Transaction, token: str) -> ImportResult:
    """Set exactly the indices that the preview showed; again changes nothing."""
    found = shown(imports.find_import(tx, Import[ExternalIndex], import_id(INDICES, tx.caller)), token)
    if found.result:
        return found.result
    changing = rows_to_set(found, indices.load_indices(tx, [one.id for one in found.wanted]))
    for wanted in wanted_of(changing):
        _save(tx, wanted)
    return note_applied(tx, found, len(changing))


def _rules(tx: Transaction, wanted: Sequence[ExternalIndex]) -> IndexRules:
    editions = [store.get_edition(tx, record) for record in rounds.list_published(tx)]
    agencies = store.load_agencies(tx, sorted({one.agency for one in wanted}))
    return IndexRules(sources_of(editions), agencies.keys(), tx.now)


def _save(tx: Transaction, wanted: ExternalIndex) -> ExternalIndex:
    saved = indices.save_index(tx, replace(wanted, set_at=tx.now, set_by=tx.caller.id))
    subject = f"external_index:{saved.id}"
    said = {"index": saved.index, "provenance": saved.provenance, "reason": saved.reason}
    tx.audit(subject, "external_index.set", rev=saved.rev, **said)
    tx.emit(
        subject,
        ExternalIndexSet(
            agency=saved.agency,
            source=saved.source,
            year=saved.year,
            index=saved.index,
            provenance=saved.provenance,
            version=saved.rev,
        ),
    )
    return saved
