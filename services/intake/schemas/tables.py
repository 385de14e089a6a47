"""Tables as somebody filled them in: each row says what it wants, or what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from services.intake.domain import Agency
from services.intake.domain.indices import ExternalIndex
from services.intake.domain.joining import TakingPart
from services.intake.domain.memberships import Membership
from services.intake.schemas.indices import IndexRowInput
from services.intake.schemas.registry import AgencyRowInput
from services.intake.schemas.rows import MembershipRowInput, ParticipationRowInput
from shared.core.imports import ReadRow
from shared.web.rows import read_rows
from shared.web.tables import Layout, Table

AGENCIES = Layout(("id", "name", "group", "since", "until"))
PARTICIPATIONS = Layout(("agency", "activity"), ("visit", "deadline"))
PEOPLE = Layout(("subject", "role", "agency"))
INDICES = Layout(("agency", "source", "year", "index", "provenance"), ("reason",))


def agency_rows_of(table: Table) -> list[ReadRow[Agency]]:
    """The agencies of a table."""
    return read_rows(table, AgencyRowInput(), _agency_cells)


def participation_rows_of(table: Table, cycle: str) -> list[ReadRow[TakingPart]]:
    """Those who take part in a cycle, of a table."""

    def cells(said: Mapping[str, str]) -> Mapping[str, Any]:
        return {**said, "cycle": cycle, "deadline": said["deadline"] or None}

    return read_rows(table, ParticipationRowInput(), cells)


def people_rows_of(table: Table) -> list[ReadRow[Membership]]:
    """The roles at agencies of a table."""
    return read_rows(table, MembershipRowInput(), dict)


def index_rows_of(table: Table) -> list[ReadRow[ExternalIndex]]:
    """The indices of other ministries, of a table."""
    return read_rows(table, IndexRowInput(), dict)


def _agency_cells(cells: Mapping[str, str]) -> Mapping[str, Any]:
    return {**cells, "until": cells["until"] or None}
