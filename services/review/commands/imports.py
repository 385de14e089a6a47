"""Appointing many assessors from a file: first what that would do is kept and shown, then exactly that is done."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from services.review import domain, store
from services.review.commands.assessors import set_assessor
from services.review.domain import ASSESSORS, Assessor, Registry
from shared.core.imports import (
    Import,
    ImportResult,
    ReadRow,
    Source,
    import_id,
    rows_to_set,
    shown,
    weighed,
)
from shared.storage.transaction import Transaction

_id, _subject = attrgetter("id"), attrgetter("subject")


def preview_assessors(tx: Transaction, source: Source, read: Sequence[ReadRow[Assessor]]) -> Import[Assessor]:
    """Say what a list of assessors would set; nothing of it is set yet."""
    wanted = domain.wanted_in(read)
    stored = store.find_assessors(tx, map(_id, wanted))
    registry = Registry(
        by_identity=store.find_assessors_by_subject(tx, tx.caller.issuer, map(_subject, wanted)),
        agencies=store.agency_names(tx, domain.employers_of(wanted)),
    )
    settle = domain.settling(tx.caller, tx.now, registry)
    rows = weighed(domain.each_once(read), stored, settle)
    made = Import(import_id(ASSESSORS, tx.caller), tx.new_id(), source, tx.now, rows)
    tx.audit(f"import:{made.id}", "import.previewed", token=made.token, rows=len(rows))
    return store.save_import(tx, made)


def apply_assessors(tx: Transaction, token: str) -> ImportResult:
    """Set exactly the assessors that the preview showed; again changes nothing."""
    id = import_id(ASSESSORS, tx.caller)
    found = shown(store.find_import(tx, Import[Assessor], id), token)
    if found.result:
        return found.result
    stored = store.find_assessors(tx, map(_id, found.wanted))
    changing = rows_to_set(found, stored)
    for row in changing:
        assert row.wanted is not None
        set_assessor(tx, row.wanted.id, domain.appointment_of(row.wanted), row.wanted.rev)
    result = ImportResult(len(changing), len(found.rows) - len(changing))
    tx.audit(f"import:{id}", "import.applied", token=token, set=result.set)
    store.save_import(tx, replace(found, result=result))
    return result
