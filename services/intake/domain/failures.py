"""What a browser says of an upload that failed there for good: enough to see a pattern, nothing of a person."""

from dataclasses import dataclass

STAGES = ("begin", "send", "inspect")
STATUSES = (0, 599)
"""Of answers: 0 where none came."""


@dataclass(frozen=True)
class UploadFailure:
    """At which stage an upload failed, and with which status."""

    stage: str
    status: int
