"""The seal: what is handed in."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import marshmallow as ma
import msgspec
from marshmallow import Schema, fields

from services.intake import domain
from services.intake.schemas.answers import file_name
from shared.events.contract import Rows
from shared.web.fields import SHA256, RowsOfNumbers, line

MOST_FILES = 5000

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Hash = Annotated[str, msgspec.Meta(pattern=rf"^{SHA256}\Z")]


class _AnswerRow(msgspec.Struct, forbid_unknown_fields=True):
    indicator: _Code
    value: Annotated[str, msgspec.Meta(max_length=50)] | int | float
    evidence: Annotated[list[_Hash], msgspec.Meta(max_length=200)] = []


class _FileRow(msgspec.Struct, forbid_unknown_fields=True):
    sha256: _Hash
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    size: Annotated[int, msgspec.Meta(ge=1, le=2**40)]


class ManifestInput(Schema):
    """Everything that is sealed: the answers as their sender sees them, and every file."""

    answers = RowsOfNumbers(
        Annotated[list[_AnswerRow], msgspec.Meta(max_length=2000)],
        required=True,
        metadata={"description": "[{indicator, value, evidence: [sha256, …]}, …]"},
    )
    files = Rows(
        Annotated[list[_FileRow], msgspec.Meta(max_length=MOST_FILES)],
        load_default=(),
        metadata={"description": "[{sha256, name, size}, …]"},
    )

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Manifest:
        """Give the domain's value."""
        return domain.Manifest(
            tuple(
                domain.ManifestAnswer(row.indicator, str(row.value), tuple(row.evidence))
                for row in data["answers"]
            ),
            tuple(_files(data["files"])),
        )


def _files(rows: Iterable[_FileRow]) -> Iterator[domain.ManifestFile]:
    for place, row in enumerate(rows):
        try:
            yield domain.ManifestFile(row.sha256, file_name(row.name), row.size)
        except ma.ValidationError as problem:
            raise ma.ValidationError({"files": {place: {"name": problem.messages}}}) from problem


class MinutesInput(Schema):
    """The Berita Acara of the self-assessment."""

    number = line(200)
    date = fields.Date(required=True)
    place = line(200)
    coordinator_name = line(200)
    coordinator_position = line(300)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Minutes:
        """Give the domain's value."""
        return domain.Minutes(**data)


class ConsentInput(Schema):
    """The consent to publication."""

    publication = fields.Boolean(required=True, truthy={True}, falsy={False})
    name = line(200)
    position = line(300)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Consent:
        """Give the domain's value."""
        return domain.Consent(**data)


class SealInput(Schema):
    """What a seal is asked with."""

    manifest = fields.Nested(ManifestInput, required=True)
    minutes = fields.Nested(MinutesInput, required=True)
    consent = fields.Nested(ConsentInput, required=True)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.SealOrder:
        """Give the domain's value."""
        return domain.SealOrder(**data)


class SealedSchema(Schema):
    """The submission, its signed receipt, and where proofs of its parts are."""

    submission = fields.String(required=True)
    receipt = fields.Dict(required=True)
    proofs_url = fields.String(required=True)
