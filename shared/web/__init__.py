"""The HTTP side that all services share: the application, its doors' helpers, one shape for every error."""

from shared.web.app import create_app
from shared.web.doors import IDEMPOTENCY_KEY, IF_MATCH, etag, idempotency_key, if_match, look, run
from shared.web.openapi import Blueprint, takes
from shared.web.paging import PageQuery, page, page_of, position
from shared.web.requests import arrived

__all__ = [
    "IDEMPOTENCY_KEY",
    "IF_MATCH",
    "Blueprint",
    "PageQuery",
    "arrived",
    "create_app",
    "etag",
    "idempotency_key",
    "if_match",
    "look",
    "page",
    "page_of",
    "position",
    "run",
    "takes",
]
