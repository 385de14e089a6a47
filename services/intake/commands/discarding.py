"""Deleting bytes that belong to nothing any more: many small commands, with the chunks deleted between them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from services.intake import store
from services.intake.blobs.chunks import ChunkStore
from services.intake.commands.unlinking import discount_orphan, release_file
from services.intake.domain.discarded import TAKE_BACK
from shared.storage.mongo import Store

AT_ONCE = 200


def release_files(database: Store) -> int:
    """Let go of what was unlinked, may not be taken back any more, and nobody owns; gives how many files."""
    released = each(partial(database.query, store.list_releases, TAKE_BACK, AT_ONCE))
    return sum(database.run(release_file, id) for id in released)


def delete_discarded(database: Store) -> int:
    """Delete the chunks that nobody needs and nobody can be writing, and count them no more; gives how many."""
    chunks, count = ChunkStore(database.db), 0
    for upload in each(partial(database.query, store.list_counted_orphans, AT_ONCE)):
        count += chunks.delete(upload)
        database.run(discount_orphan, upload)
    return count


def make_room(database: Store, agency: str) -> bool:
    """Delete at once what an agency has unlinked, and what nobody needs; gives whether anything was there."""
    unlinked = each(partial(database.query, store.list_releases_of, agency, AT_ONCE))
    released = sum(database.run(release_file, id) for id in unlinked)
    return bool(delete_discarded(database) or released)


def each(find: Callable[[], Sequence[str]]) -> Iterator[str]:
    """What is found, once each, until nothing new is."""
    seen: set[str] = set()
    while fresh := [id for id in find() if id not in seen]:
        seen.update(fresh)
        yield from fresh
