"""Two people at one thing: who changes it says which version it saw, and nobody's text is lost."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from shared.core.errors import Conflict, PreconditionNeeded


class Versioned(Protocol):
    """A dataclass whose `rev` counts its versions from 1."""

    @property
    def rev(self) -> int: ...


T = TypeVar("T", bound=Versioned)
Expected: TypeAlias = int | Container[int]
"""The version that a sender saw (0: none), or several of which one must be it."""
EVERY: Container[int] = range(1, 10**18)
"""Any version that exists."""


def differs(stored: T | None, yours: T, expected_rev: Expected | None) -> bool:
    """Whether `yours` is to be kept; False when it is what is stored already, so that it may be sent again.

    `expected_rev` is the version that the sender saw (0 or None: none). PreconditionNeeded when a change does not say
    it, Conflict with both versions when it is another one.
    """
    rev = stored.rev if stored else 0
    if stored and replace(yours, rev=rev) == stored:  # type: ignore[type-var]  # a Versioned is a dataclass
        return False
    check_rev(expected_rev, rev, yours, stored)
    return True


def check_rev(expected_rev: Expected | None, rev: int, yours: object, stored: object) -> None:
    """Let a change of version `rev` (0: there is none yet) pass when its sender saw that one."""
    if rev and expected_rev is None:
        raise PreconditionNeeded(f'It exists already: say which version you change, as in If-Match: "{rev}".')
    expected = expected_rev or 0
    if not (expected == rev if isinstance(expected, int) else rev in expected):
        raise Conflict(
            "Somebody else changed this meanwhile: compare `yours` with `stored`, then send it again with "
            f'If-Match: "{rev}".',
            "stale",
            {"yours": _plain(yours), "stored": _plain(stored), "rev": rev},
        )


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value, builtin_types=(datetime,))
