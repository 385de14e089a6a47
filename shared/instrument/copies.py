"""An edition as another service published it, kept once, if it is what its hash says."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from shared.core.canonical import exact


class Contradiction(Exception):
    """An event does not agree with itself or with what came before: a person must look."""


def check_copy(id: str, content: Mapping[str, Any], hash: str, known: str | None) -> None:
    """Refuse the content of an edition that is not what its hash says, or whose id is known with another hash."""
    if known not in (None, hash):
        raise Contradiction(f"the edition {id} is known with the hash {known}")
    if (found := sha256(exact(content)).hexdigest()) != hash:
        raise Contradiction(f"the edition's content has the hash {found}, not {hash}")
