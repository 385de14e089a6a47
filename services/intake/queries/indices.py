"""Indices of other ministries: those that are known, and what their editions say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake import domain, store
from services.intake.domain.import_kinds import INDICES
from services.intake.domain.indices import ExternalIndex, IndexFilter, sources_of
from services.intake.store import directory, indices, rounds
from shared.core.imports import Import, import_id, shown
from shared.core.people import Caller
from shared.instrument.model import Source
from shared.storage import imports
from shared.storage.reader import Page, Reader

MOST_VERSIONS = 100
"""Versions that a page shows."""


@dataclass(frozen=True)
class IndexView:
    """An index with its last versions, the newest first, its agency's name and what an edition says of its source."""

    index: ExternalIndex
    versions: Sequence[ExternalIndex]
    agency_name: str
    source: Source | None


@dataclass(frozen=True)
class IndexPage:
    """Indices, with the names of their agencies, and the sources that there are by key."""

    page: Page[ExternalIndex]
    names: Mapping[str, str]
    sources: Mapping[str, Source]


def list_indices(reader: Reader, wanted: IndexFilter, after: str | None, limit: int) -> Page[ExternalIndex]:
    """The indices that are asked for, by id, after that id."""
    return indices.list_indices(reader, wanted, after, limit)


def get_index_page(reader: Reader, wanted: IndexFilter, after: str | None, limit: int) -> IndexPage:
    """The indices that are asked for, as a page shows them."""
    page = indices.list_indices(reader, wanted, after, limit)
    names = directory.agency_names(reader, (one.agency for one in page.rows))
    return IndexPage(page, names, get_sources(reader))


def get_index(reader: Reader, id: str) -> ExternalIndex:
    """The index of an agency and a year; NotFound."""
    return domain.existing(indices.find_index(reader, id), f"index {id}")


def get_index_view(reader: Reader, id: str) -> IndexView:
    """The index of an agency and a year with its last versions; NotFound."""
    found = get_index(reader, id)
    name = directory.agency_names(reader, [found.agency]).get(found.agency, found.agency)
    versions = indices.list_versions(reader, id, None, MOST_VERSIONS).rows
    return IndexView(found, versions, name, get_sources(reader).get(found.source))


def list_versions(reader: Reader, id: str, below: int | None, limit: int) -> Page[ExternalIndex]:
    """The versions of the index of an agency and a year below one of them, the newest first; NotFound."""
    return indices.list_versions(reader, get_index(reader, id).id, below, limit)


def get_sources(reader: Reader) -> dict[str, Source]:
    """What published editions say of each source, by its key: that of the last one of them."""
    editions = [store.get_edition(reader, record) for record in rounds.list_published(reader)]
    return {key: said[-1] for key, said in sources_of(editions).items()}


def list_agencies(reader: Reader) -> Sequence[tuple[str, str]]:
    """Every agency with its name, by name."""
    return directory.list_agency_names(reader)


def get_indices_import(reader: Reader, caller: Caller, token: str) -> Import[ExternalIndex]:
    """What one's last import of indices would do, or did; NotFound when that is another one."""
    return shown(imports.find_import(reader, Import[ExternalIndex], import_id(INDICES, caller)), token)
