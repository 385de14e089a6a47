"""Merkle trees of RFC 9162, section 2.1: one root vouches for a list, a short path for one of its leaves."""

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two hashes into the one above them."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Give the root of a list of leaves; that of an empty list is the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    return _levels(leaves)[-1][0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Give the hashes that lead from one leaf to the root, the lowest first; raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    # The last of an odd level has no neighbour: it rises as it is.
    return [
        level[index >> height ^ 1]
        for height, level in enumerate(_levels(leaves))
        if index >> height ^ 1 < len(level)
    ]


def root_of_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """Give the root to which a path leads; None when no tree of that size has such a path (2.1.3.2)."""
    if not 0 <= index < count:
        return None
    here, last, hashed = index, count - 1, leaf_hash(leaf)
    for step in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            hashed = node_hash(step, hashed)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        here, last = here >> 1, last >> 1
    return hashed if last == 0 else None


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    levels = [[leaf_hash(leaf) for leaf in leaves]]
    while len(below := levels[-1]) > 1:
        above = [node_hash(left, right) for left, right in zip(below[::2], below[1::2], strict=False)]
        levels.append([*above, below[-1]] if len(below) % 2 else above)
    return levels
