"""The facts that services tell each other: the one thing that they share."""

from shared.events import intake, notify, review, scoring
from shared.events.contract import Contract, contracts, of_fact, of_type
from shared.events.envelope import Envelope, Unreadable, decode, encode

__all__ = [
    "Contract",
    "Envelope",
    "Unreadable",
    "contracts",
    "decode",
    "encode",
    "intake",
    "notify",
    "of_fact",
    "of_type",
    "review",
    "scoring",
]
