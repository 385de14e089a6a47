"""Each service's own copy of the editions, kept for good by the facts that intake tells."""

from collections.abc import Mapping
from typing import Any

from shared.events.intake import EditionPublished
from shared.hearing import Hears, NotYet, Stale
from shared.instrument import Edition, from_dict
from shared.instrument.copies import check_copy
from shared.transaction import Transaction
from shared.view import View

_BUILT: dict[str, Edition] = {}


def on_edition_published(tx: Transaction, fact: EditionPublished) -> None:
    """Keep a whole edition, once.

    Raises Contradiction for another content under its id, EditionInvalid when nobody could work with it.
    """
    doc = tx.get("editions", fact.edition)
    known = str(doc["hash"]) if doc else None
    if known == fact.hash:
        raise Stale(f"the edition {fact.edition} is known already")
    check_copy(fact.edition, fact.content, fact.hash, known)
    _built(fact.hash, fact.content)
    tx.insert("editions", {"_id": fact.edition, "hash": fact.hash, "content": dict(fact.content)})
    tx.audit(f"edition:{fact.edition}", "edition.copied", hash=fact.hash)


EDITIONS = Hears(
    on_edition_published, lambda fact: [("editions", fact.edition), ("heads", f"edition:{fact.edition}")]
)


def find(view: View, id: str, hash: str | None = None) -> tuple[Edition, str]:
    """An edition and the hash that it was told with; raises NotYet.

    It is built once per process: where the hash is known, the database need not be asked.
    """
    if hash in _BUILT:
        return _BUILT[hash], hash
    doc = view.get("editions", id)
    if doc is None:
        raise NotYet(f"edition:{id}")
    return _built(doc["hash"], doc["content"]), doc["hash"]


def _built(hash: str, content: Mapping[str, Any]) -> Edition:
    if hash not in _BUILT:
        _BUILT[hash] = from_dict(content)
    return _BUILT[hash]
