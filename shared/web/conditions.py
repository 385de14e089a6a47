"""Conditional requests (RFC 9110, section 13): ETags of versions, who changes which, who has which already.

A compressing proxy makes `W/"7"` of `"7"`; since a version's number is all that we compare, both count as one.
"""

import re
from hashlib import sha256
from http import HTTPStatus
from typing import TypeAlias, TypeVar

import flask
from werkzeug.http import parse_etags

from shared.auth import guard
from shared.core.errors import AppError, BadRequest, PreconditionNeeded
from shared.storage.versions import EVERY, Expected
from shared.web import problems

R = TypeVar("R")

Tagged: TypeAlias = tuple[R, dict[str, str]]
"""What is shown of a thing that has versions, with its ETag."""

Versioned: TypeAlias = tuple[R, int, dict[str, str]]
"""The same, with its status: 201 for the first version, 200 for any other."""

_ONE = r'(?:W/)?"[0-9]{1,18}(?:-[0-9a-f]{8})?"'
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": 'The ETag of the version that this changes, such as `"7"`; `"0"` where there is none yet; '
    "a list of them; `*` for any that exists.",
    "schema": {"type": "string", "pattern": rf"^(?:\*|{_ONE}(?:, ?{_ONE})*)$"},
    "example": '"7"',
}
MAY_MATCH = IF_MATCH | {
    "required": False,
    "description": 'Needed where it exists already: the ETag of the version that this changes, such as `"7"`.',
}
_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
_TAGS = re.compile(rf"\s*\*\s*|[\s,]*{_TAG}(?:\s*,[\s,]*{_TAG})*[\s,]*")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,17})(?:-[0-9a-f]{8})?")

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class AnotherVersion(AppError):
    """The version that is asked for is not the present one."""

    status, code, title = 412, "another-version", "Another version"


def init_app(app: flask.Flask) -> None:
    """Look at the conditions of every request, once its caller may call."""
    app.before_request(_refuse_unseen)
    app.after_request(_answer)


def tagged(shown: R, rev: int, *more: object) -> Tagged[R]:
    """The answer that shows a version of a thing; `more` is what it shows beside, which has no part in that version."""
    return shown, {"ETag": etag(rev, *more)}


def versioned(shown: R, rev: int, *more: object) -> Versioned[R]:
    """The answer to a PUT, whose first version is 201 (again, too: a lost answer may be asked for once more)."""
    return shown, HTTPStatus.CREATED if rev == 1 else HTTPStatus.OK, {"ETag": etag(rev, *more)}


def etag(rev: int, *more: object) -> str:
    """The ETag of a version, and of what is shown beside it."""
    beside = f"-{sha256(repr(more).encode()).hexdigest()[:8]}" if more else ""
    return f'"{rev}{beside}"'


def seen() -> Expected | None:
    """The version that the request says it changes (0: it makes the first), or None when it says none."""
    given = flask.request.headers
    if "If-Match" in given:
        return _versions(given["If-Match"])
    return 0 if given.get("If-None-Match", "").strip() == "*" else None


def if_match() -> Expected:
    """The version that the request says it changes; PreconditionNeeded when it says none."""
    found = seen()
    if found is None:
        raise PreconditionNeeded(
            'Say which version you change: send the ETag that you got, as in If-Match: "7"; "0" if there is none yet.'
        )
    return found


def _versions(given: str) -> Expected:
    if not _TAGS.fullmatch(given):
        raise BadRequest(
            'If-Match must be an ETag as you got it, as in "7", a list of them, or *.', code="bad-if-match"
        )
    tags = parse_etags(given)
    if tags.star_tag:
        return EVERY
    found = filter(None, map(_VERSION.fullmatch, filter(None, tags.as_set(include_weak=True))))
    versions = frozenset(int(one[1]) for one in found)
    return next(iter(versions)) if len(versions) == 1 else versions


def _refuse_unseen() -> None:
    """Refuse a change under a condition that its route does not look at: it must not happen as if it held."""
    request = flask.request
    if request.url_rule is None or "If-Match" not in request.headers or request.method in _READS:
        return
    declared = guard.view_documentation(flask.current_app, request.url_rule, request.method)
    looked_at = [header["name"] for header in declared.get("headers", ())]
    if "name" in declared and "If-Match" not in looked_at:
        raise BadRequest("This request does not look at If-Match: leave it out.", "if-match-not-taken")


def _answer(response: flask.Response) -> flask.Response:
    """Instead of what was asked for: 304 when its reader has it, 412 when its reader wanted another version."""
    request, (tag, _) = flask.request, response.get_etag()
    if tag is None or request.method not in _READS or response.status_code not in (200, 206):
        return response
    if request.if_match and not request.if_match.contains_weak(tag):
        present = response.headers["ETag"]
        return problems.of_app_error(AnotherVersion(f"The version is {present} now: ask without If-Match."))
    if request.if_none_match.contains_weak(tag):
        return flask.current_app.response_class(status=304, headers=_kept(response))
    return response


def _kept(response: flask.Response) -> list[tuple[str, str]]:
    """The headers that an answer without content keeps (section 15.4.5)."""
    return [pair for pair in response.headers if pair[0].lower() in ("etag", "vary", "cache-control")]
