"""Tables as somebody filled them in: each row says what it wants, or what is wrong with it."""

from services.review.domain import Assessor
from services.review.schemas.assessors import AssessorRowInput
from shared.core.imports import ReadRow
from shared.web.rows import read_rows
from shared.web.tables import Layout, Table

ASSESSORS = Layout(("id", "name", "subject", "since"), ("employer", "until"))


def assessor_rows_of(table: Table, issuer: str) -> list[ReadRow[Assessor]]:
    """The assessors of a table, whom that identity provider knows."""

    def cells(said: dict[str, str]) -> dict[str, str | None]:
        return {**said, "issuer": issuer, **{name: said[name] or None for name in ASSESSORS.optional}}

    return read_rows(table, AssessorRowInput(), cells)
