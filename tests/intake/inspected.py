"""What the inspection of a file says, as its tests compare it."""

import io

from services.intake.domain.inspection import Inspection, content_refusal, findings_of
from services.intake.inspection.inspecting import inspect_file
from tests.intake.evidence_app import TYPES


def found(data: bytes) -> Inspection:
    """What the file is."""
    return inspect_file(io.BytesIO(data), len(data))


def judged(name: str, data: bytes) -> tuple[str | None, list[str]]:
    """The code of the refusal, if there is one, and those of the findings."""
    inspection = found(data)
    refusal = content_refusal(TYPES, name, inspection)
    return (refusal.code if refusal else None), [finding.code for finding in findings_of(inspection)]
