"""The HTTP side that all services share: the application, its doors' helpers, one shape for every error."""

from shared.web.app import create_app
from shared.web.doors import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    MAY_MATCH,
    Tagged,
    Versioned,
    checked,
    etag,
    idempotency_key,
    if_match,
    look,
    run,
    seen,
    tagged,
    versioned,
)
from shared.web.openapi import Blueprint, fails, takes
from shared.web.paging import PageQuery, asked, by_id, page, page_of, position
from shared.web.requests import arrived

__all__ = [
    "IDEMPOTENCY_KEY",
    "IF_MATCH",
    "MAY_MATCH",
    "Blueprint",
    "PageQuery",
    "Tagged",
    "Versioned",
    "arrived",
    "asked",
    "by_id",
    "checked",
    "create_app",
    "etag",
    "fails",
    "idempotency_key",
    "if_match",
    "look",
    "page",
    "page_of",
    "position",
    "run",
    "seen",
    "tagged",
    "takes",
    "versioned",
]
