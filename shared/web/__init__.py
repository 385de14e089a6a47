"""The HTTP side that all services share: the application, what views need, one shape for every error."""

from shared.web.app import create_app
from shared.web.bodies import up_to
from shared.web.conditions import (
    IF_MATCH,
    MAY_MATCH,
    Tagged,
    Versioned,
    etag,
    if_match,
    seen,
    tagged,
    versioned,
)
from shared.web.limits import counted
from shared.web.openapi import Blueprint, document_answer, document_errors, document_headers
from shared.web.paging import PageQuery, by_id, page, page_args, page_of, parse_cursor
from shared.web.requests import arrived
from shared.web.seats import large
from shared.web.views import IDEMPOTENCY_KEY, checked, database, idempotency_key, query, run

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
    "counted",
    "create_app",
    "database",
    "document_answer",
    "document_errors",
    "document_headers",
    "etag",
    "idempotency_key",
    "if_match",
    "large",
    "page",
    "page_args",
    "page_of",
    "parse_cursor",
    "query",
    "run",
    "seen",
    "tagged",
    "up_to",
    "versioned",
]
