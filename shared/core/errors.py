"""The errors that a door may answer with: each class knows its HTTP status and its problem code."""

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """A request that cannot be carried out, said in a sentence that its sender can act on.

    `extra` holds JSON values and moments that the problem document carries beside the sentence.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, code: str | None = None, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.cause_code = code or self.code
        self.extra = dict(extra or {})


class BadRequest(AppError):
    """The request cannot be read."""

    status, code, title = 400, "bad-request", "Bad request"


class Unauthenticated(AppError):
    """The caller did not prove who it is."""

    status, code, title = 401, "unauthenticated", "Authentication needed"


class Forbidden(AppError):
    """The caller is known and may not do this."""

    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(AppError):
    """There is no such thing, or none that the caller may know of."""

    status, code, title = 404, "not-found", "Not found"


class Conflict(AppError):
    """The state of things does not allow this now."""

    status, code, title = 409, "conflict", "Conflict with the present state"


class TooLarge(AppError):
    """More bytes than the rules allow."""

    status, code, title = 413, "too-large", "Too large"


class UnsupportedMedia(AppError):
    """The content is of a media type that is not taken here."""

    status, code, title = 415, "unsupported-media-type", "Unsupported media type"


class Invalid(AppError):
    """The request can be read and breaks a rule; `extra["errors"]` may say which fields and why."""

    status, code, title = 422, "invalid", "Invalid content"


class Locked(AppError):
    """Somebody else is at work on the same thing right now."""

    status, code, title = 423, "locked", "Locked"


class TooMany(AppError):
    """The same was done too often in a short time; `seconds` says how long to wait."""

    status, code, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class PreconditionNeeded(AppError):
    """The request must say which version it changes."""

    status, code, title = 428, "precondition-needed", "Precondition needed"


class TryLater(AppError):
    """The system cannot answer now; nothing was changed, unless the code is outcome-unknown.

    The same request may be sent again.
    """

    status, code, title = 503, "try-later", "Try again later"
