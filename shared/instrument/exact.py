"""Exact numbers: read as they are written, rounded once for display."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from shared.instrument.problems import unreadable

# Bounded everywhere, so that no text can ask for a number too large to count with.
_NUMBER: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?|[0-9]{1,20}/[0-9]{1,20}")

MODES: Final[Mapping[str, Callable[[Fraction], int]]] = {
    "half-up": lambda value: floor(value + Fraction(1, 2)),
    "half-even": round,
    "down": floor,
}


class Exact(Fraction):
    """A fraction that remembers how it was written, so that "1.30" and "20/6" are shown and published as such."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Exact":
        """Read a decimal or a fraction without a sign; raises ValueError."""
        if not _NUMBER.fullmatch(text):
            raise unreadable("not-a-number")
        try:
            self = super().__new__(cls, text)
        except ZeroDivisionError:
            raise unreadable("zero-below") from None
        self.text = text
        return self

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(self.text, spec)  # Python 3.13 would write the lowest terms

    def __reduce__(self) -> tuple[type["Exact"], tuple[str]]:
        return Exact, (self.text,)

    def __copy__(self) -> "Exact":
        return self

    def __deepcopy__(self, memo: object) -> "Exact":
        return self


def exact(raw: object) -> Exact:
    """Read what an int, a float's shortest form, a fraction or a string of those says; raises ValueError."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Fraction):
        raise unreadable("not-a-number")
    return Exact(repr(raw) if isinstance(raw, float) else str(raw))


def ratio(value: Fraction) -> str:
    """Write a fraction in its lowest terms, always with its denominator: "1179/400", "3/1"."""
    return f"{value.numerator}/{value.denominator}"


def decimal(value: Fraction) -> str:
    """Write a fraction as a decimal number where it is one of at most twenty decimals, else as it is."""
    places = next((count for count in range(21) if 10**count % value.denominator == 0), None)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    return f"{Decimal(f'{value.numerator * 10**places // value.denominator}E-{places}'):f}"


@dataclass(frozen=True)
class Rounding:
    """How an edition shows an index, and whether a band looks at the exact or the displayed one."""

    digits: int
    mode: str
    band_looks_at: str

    def display(self, value: Fraction) -> str:
        """Round once, for people, to exactly `digits` decimals."""
        whole, rest = divmod(MODES[self.mode](value * 10**self.digits), 10**self.digits)
        return f"{whole}.{rest:0{self.digits}d}" if self.digits else str(whole)

    def for_band(self, value: Fraction) -> Fraction:
        """Give the number that a band is chosen by."""
        return Fraction(self.display(value)) if self.band_looks_at == "displayed" else value
