"""The inspection of a file in a process apart."""

from typing import BinaryIO

import msgspec

from services.intake.apart.process import Bounds, Died, Exhausted, Interrupted, ask
from services.intake.domain.inspection import UNREADABLE, Inspection, Mark

WHAT = "services.intake.inspection"


def inspect(file: BinaryIO, size: int, bounds: Bounds) -> Inspection:
    """What the file is, as a process of its own says it; what it cannot say within its bounds is unreadable.

    Raises Interrupted, and what reading the file raises.
    """
    try:
        return msgspec.json.decode(ask(WHAT, b"", file, size, bounds), type=Inspection)
    except Exhausted:
        return _unreadable("examining it takes too long")
    except Died:
        return _unreadable("the program that examines it fails on it")
    except msgspec.MsgspecError as why:
        raise Interrupted(f"the process that opens it says what cannot be read: {why}") from why


def _unreadable(why: str) -> Inspection:
    return Inspection(None, "nothing that could be examined", marks=(Mark(UNREADABLE, why),))
