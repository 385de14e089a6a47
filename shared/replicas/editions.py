"""Each service's own copy of the editions, kept for good by the events that intake publishes."""

from collections.abc import Mapping
from typing import Any

from shared.events.intake import EditionPublished
from shared.instrument import Edition, from_dict
from shared.instrument.copies import check_copy
from shared.messaging.inbox import Handler, MissingDependency, Superseded
from shared.replicas.saving import save_replica
from shared.storage.reader import Reader
from shared.storage.transaction import Transaction

_BUILT: dict[str, Edition] = {}


def on_edition_published(tx: Transaction, event: EditionPublished) -> None:
    """Keep a whole edition, once.

    Raises Contradiction for another content under its id, EditionInvalid when nobody could work with it.
    """
    doc = tx.get("editions", event.edition)
    known = str(doc["hash"]) if doc and not tx.context.rebuilding else None
    if known == event.hash:
        raise Superseded(f"the edition {event.edition} is known already")
    check_copy(event.edition, event.content, event.hash, known)
    _built(event.hash, event.content)
    save_replica(tx, "editions", event.edition, hash=event.hash, content=dict(event.content))
    tx.audit(f"edition:{event.edition}", "edition.replicated", hash=event.hash)


EDITIONS = Handler(
    on_edition_published,
    lambda event: [("editions", event.edition), ("heads", f"edition:{event.edition}")],
    "editions",
)


def require(reader: Reader, id: str, hash: str | None = None) -> tuple[Edition, str]:
    """An edition and the hash that it was published with; raises MissingDependency.

    It is built once per process: where the hash is known, the database need not be asked.
    """
    if hash in _BUILT:
        return _BUILT[hash], hash
    doc = reader.get("editions", id)
    if doc is None:
        raise MissingDependency(f"edition:{id}")
    return _built(doc["hash"], doc["content"]), doc["hash"]


def _built(hash: str, content: Mapping[str, Any]) -> Edition:
    if hash not in _BUILT:
        _BUILT[hash] = from_dict(content)
    return _BUILT[hash]
