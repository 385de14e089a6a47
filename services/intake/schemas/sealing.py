"""The seal: what is handed in."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar

import marshmallow as ma
import msgspec
from marshmallow import Schema, fields, validate

from services.intake import domain
from services.intake.schemas.answers import file_name
from shared.web.fields import RECEIPT, SHA256, Day, Flag, RowsInput, RowsOfNumbers, line

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Hash = Annotated[str, msgspec.Meta(pattern=rf"^{SHA256}\Z")]


class _AnswerRow(msgspec.Struct, forbid_unknown_fields=True):
    indicator: _Code
    value: Annotated[str, msgspec.Meta(max_length=50)] | int | float
    rev: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
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
        description="[{indicator, value, rev, evidence: [sha256, …]}, …]; `rev` is the version that was read, 0 where "
        "there is none: of a value that nobody types.",
    )
    files = RowsInput(
        Annotated[list[_FileRow], msgspec.Meta(max_length=domain.MOST_FILES)],
        load_default=(),
        description="[{sha256, name, size}, …]",
    )

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Manifest:
        """Give the domain's value."""
        return domain.Manifest(
            tuple(
                domain.ManifestAnswer(row.indicator, str(row.value), row.rev, tuple(row.evidence))
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
    date = Day(required=True)
    place = line(200)
    coordinator_name = line(200)
    coordinator_position = line(300)
    paragraphs = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 100_000),
        metadata={
            "description": "How many numbered paragraphs they have, so that no assessor points past the last."
        },
    )

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Minutes:
        """Give the domain's value."""
        return domain.Minutes(**data)


class ConsentInput(Schema):
    """The consent to publication."""

    publication = Flag(required=True)
    name = line(200)
    position = line(300)

    @ma.post_load
    def made(self, data: dict[str, Any], **_: Any) -> domain.Consent:
        """Give the domain's value."""
        return domain.Consent(**data)


class SealInput(Schema):
    """What a seal is asked with."""

    example: ClassVar[dict[str, Any]] = {
        "manifest": {
            "answers": [
                {
                    "indicator": "1",
                    "value": "2.75",
                    "rev": 3,
                    "evidence": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
                }
            ],
            "files": [
                {
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "name": "perwali-12.pdf",
                    "size": 81920,
                }
            ],
        },
        "minutes": {
            "number": "BA-7/2026",
            "date": "2026-08-28",
            "place": "Kota Contoh",
            "coordinator_name": "Ani Wijaya",
            "coordinator_position": "Sekretaris Daerah",
        },
        "consent": {"publication": True, "name": "Ani Wijaya", "position": "Sekretaris Daerah"},
    }
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
    receipt = fields.Dict(required=True, metadata=RECEIPT)
    proofs_url = fields.String(required=True)
