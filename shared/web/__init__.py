"""The HTTP side that all services share: the application, what views need, one shape for every error."""

from shared.web.app import create_app
from shared.web.openapi import Blueprint, document_errors, document_headers
from shared.web.paging import PageQuery, by_id, page, page_args, page_of, parse_cursor
from shared.web.requests import arrived
from shared.web.views import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    MAY_MATCH,
    Tagged,
    Versioned,
    checked,
    etag,
    idempotency_key,
    if_match,
    query,
    run,
    seen,
    tagged,
    versioned,
)

__all__ = [
    "IDEMPOTENCY_KEY",
    "IF_MATCH",
    "MAY_MATCH",
    "Blueprint",
    "PageQuery",
    "Tagged",
    "Versioned",
    "arrived",
    "by_id",
    "checked",
    "create_app",
    "document_errors",
    "document_headers",
    "etag",
    "idempotency_key",
    "if_match",
    "page",
    "page_args",
    "page_of",
    "parse_cursor",
    "query",
    "run",
    "seen",
    "tagged",
    "versioned",
]
