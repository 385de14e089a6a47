"""How large a page is drawn."""

import math

MOST_PIXELS = 20_000_000
MOST_SIDE = 12_000
"""Pixels of an image, and of one side of it: a page that is longer than that is drawn smaller as a whole."""


def fit(width: float, height: float, wanted: int) -> tuple[int, int]:
    """The size in pixels of a page of these measures that is to be so wide."""
    scale = min(wanted / width, MOST_SIDE / height, math.sqrt(MOST_PIXELS / width / height))
    return max(round(width * scale), 1), max(round(height * scale), 1)
