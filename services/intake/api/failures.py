"""Uploads that failed for good in a browser, which nobody else would learn of."""

from services.intake.domain.failures import UploadFailure
from services.intake.schemas import UploadFailureInput
from shared import web
from shared.auth.guard import audience
from shared.core import telemetry
from shared.core.people import AGENCY_ROLES

log = telemetry.logger(__name__)

blp = web.Blueprint(
    "upload-failures",
    __name__,
    url_prefix="/upload-failures",
    description="Uploads that failed in a browser.",
)


@blp.route("", methods=["POST"])
@blp.arguments(UploadFailureInput)
@blp.response(204)
@web.counted("60/hour")
@audience(*AGENCY_ROLES)
def report_upload_failure(failure: UploadFailure) -> None:
    """Say that an upload failed for good; it is counted and logged, without who or which file."""
    telemetry.UPLOAD_FAILURES.labels(failure.stage, str(failure.status)).inc()
    log.warning("an upload failed in a browser", extra={"stage": failure.stage, "status": failure.status})
