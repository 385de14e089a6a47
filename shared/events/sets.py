"""The hash that names a set of ratings: review writes it, scoring checks it before it computes anything."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from shared.core.canonical import exact
from shared.events.review import StageRating

# Named one by one, so that a field which a later version adds leaves the hashes of earlier sets as they are.
FIELDS: Final = ("indicator", "value", "stage", "rating", "origin", "words_sha256", "carried_from")


def set_hash(ratings: Iterable[StageRating]) -> str:
    """Give SHA-256 (hex) of the canonical JSON (RFC 8785) of the ratings' FIELDS, in the order given."""
    return sha256(exact([{name: getattr(rating, name) for name in FIELDS} for rating in ratings])).hexdigest()
