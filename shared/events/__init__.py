"""The events that services publish: the one thing that they share."""

from shared.events import intake, notify, review, scoring
from shared.events.contract import Contract, contract_of, contracts, of_type
from shared.events.envelope import Envelope, Unreadable, decode, encode

__all__ = [
    "Contract",
    "Envelope",
    "Unreadable",
    "contract_of",
    "contracts",
    "decode",
    "encode",
    "intake",
    "notify",
    "of_type",
    "review",
    "scoring",
]
