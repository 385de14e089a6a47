"""Events as intake and review publish them, of the published cases and of made-up values."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from services.scoring.app import service
from shared.events.intake import AgencySet, AnswerValue, CycleOpened, EditionPublished, SubmissionSealed
from shared.events.review import ReviewFinalised, StageCompleted, StageRating
from shared.events.sets import set_hash
from shared.instrument import Edition, shipped, to_dict
from shared.service import Service
from tests.instrument.builders import CASES
from tests.support.stage import LONG_AGO, Stage

KEMENKO: Final = "kemenko-perekonomian-2021"
EDITION: Final = "spbe-59-2020"
LEVELS: Final[Mapping[str, object]] = CASES[KEMENKO]["values"]
LATER: Final = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)

OFFICERS: Final = {"approve": "officer", "publish": "second"}
"""Who decides what: nobody both."""

OnStage = Callable[[Service], Stage]


def scoring(stage: OnStage) -> Stage:
    """The service with two officers of the ministry and a coordinator of each of two agencies known."""
    return staff(stage(service))


def staff(on: Stage) -> Stage:
    """Make everybody known who has a part."""
    for officer in OFFICERS.values():
        on.person(officer, "ministry")
    on.person("ekon", "coordinator", "ekon")
    on.person("other", "coordinator", "other")
    on.person("assessor", "assessor")
    return on


def introduce(on: Stage, edition: str = EDITION) -> None:
    """Tell of the edition and of two agencies."""
    names = {"ekon": "Kemenko Perekonomian", "other": "Lain"}
    agencies = {
        f"agency:{id}": AgencySet(agency=id, name=name, group="Kementerian", since=LONG_AGO)
        for id, name in names.items()
    }
    consume(on, {f"edition:{edition}": published(edition), **agencies})


def consume(on: Stage, events: Mapping[str, Any]) -> None:
    """Have events handled in one batch, all of them well; a subject may have a note after a blank."""
    batch = [on.envelope(subject.partition(" ")[0], event) for subject, event in events.items()]
    assert set(on.consume_all(*batch).values()) == {"done"}


def published(id: str = EDITION) -> EditionPublished:
    """The edition that ships."""
    edition = shipped(id)
    return EditionPublished(
        edition=edition.id, guide_version=edition.guide_version, hash=edition.hash, content=to_dict(edition)
    )


def sealed(submission: str = "s1", values: Mapping[str, object] = LEVELS, **changes: Any) -> SubmissionSealed:
    """An agency's own values."""
    edition = shipped(changes.get("edition", EDITION))
    event = SubmissionSealed(
        submission=submission,
        participation="2026.ekon",
        cycle="2026",
        agency="ekon",
        edition=edition.id,
        edition_hash=edition.hash,
        version=1,
        sealed_at=LATER,
        root="0" * 64,
        answers=tuple(
            AnswerValue(indicator=code, value=str(values[code])) for code in edition.codes if code in values
        ),
    )
    return replace(event, **changes)


def ratings(values: Mapping[str, object], stage: str, edition: Edition) -> tuple[StageRating, ...]:
    """A rating for each indicator that has a value, in the edition's order."""
    return tuple(
        StageRating(
            indicator=code,
            value=str(values[code]),
            stage=stage,
            rating=f"r-{stage}-{code}",
            origin="own",
            words_sha256="1" * 64,
        )
        for code in edition.codes
        if code in values
    )


def completed(
    submission: str = "s1", stage: str = "document", values: Mapping[str, object] = LEVELS, **changes: Any
) -> StageCompleted:
    """A stage that is over."""
    rows = changes.pop("ratings", ratings(values, stage, shipped(changes.get("edition", EDITION))))
    event = StageCompleted(
        case=submission,
        submission=submission,
        participation="2026.ekon",
        cycle="2026",
        agency="ekon",
        edition=EDITION,
        stage=stage,
        completed_at=LATER,
        set_hash=set_hash(rows),
        ratings=rows,
    )
    return replace(event, **changes)


def finalised(
    submission: str = "s1", values: Mapping[str, object] = LEVELS, **changes: Any
) -> ReviewFinalised:
    """The frozen set."""
    last = completed(submission, "interview", values, **changes)
    return ReviewFinalised(
        case=last.case,
        submission=last.submission,
        participation=last.participation,
        cycle=last.cycle,
        agency=last.agency,
        edition=last.edition,
        stage=last.stage,
        finalised_at=LATER,
        set_hash=last.set_hash,
        ratings=last.ratings,
    )


def final(on: Stage, submission: str = "s1", agency: str = "ekon", cycle: str = "2026") -> None:
    """Bring a submission to its final score."""
    event = finalised(submission, agency=agency, cycle=cycle, participation=f"{cycle}.{agency}")
    assert on.consume(f"case:{submission}", event) == "done"


def publish(on: Stage, submission: str = "s1") -> None:
    """Approve and publish a result, as two officers do."""
    for step, officer in OFFICERS.items():
        answer = on.as_(officer).post(f"/scoring/api/v1/results/{submission}/{step}", json={})
        assert answer.status_code == 200


def nation(on: Stage) -> Stage:
    """Publish the result of one of two agencies in a cycle with a name; the other's waits."""
    staff(on)
    introduce(on)
    opened = CycleOpened(
        cycle="2026",
        title="Penilaian 2026",
        edition=EDITION,
        opens=LONG_AGO,
        deadline=LATER,
        bytes_until=LATER,
    )
    consume(on, {"cycle:2026": opened})
    final(on)
    final(on, "s2", "other")
    publish(on)
    return on


def year_before(on: Stage, submission: str = "s0", **changes: Any) -> Mapping[str, object]:
    """Publish what ekon got in a cycle before, one level less for indicator 1; gives the values."""
    opened = CycleOpened(
        cycle="2025",
        title="Penilaian 2025",
        edition=EDITION,
        opens=LONG_AGO - timedelta(days=365),
        deadline=LATER,
        bytes_until=LATER,
    )
    consume(on, {"cycle:2025": opened})
    values = {**LEVELS, "1": int(str(LEVELS["1"])) - 1}
    event = finalised(submission, values, cycle="2025", participation="2025.ekon", **changes)
    assert on.consume(f"case:{submission}", event) == "done"
    publish(on, submission)
    return values


def copy_published(on: Stage, count: int) -> None:
    """Have as many further agencies with such a result, in groups by turns, each a hundredth lower."""
    result, score = on.db["results"].find_one({"_id": "s1"}), on.db["scores"].find_one({"_id": "s1.final"})
    assert result
    assert score
    for at in range(count):
        id, group = f"kota-{at:03}", ("Kota", "Kabupaten", "Provinsi")[at % 3]
        index = Fraction(294 - at, 100)
        name = {"agency_name": f"Pemerintah {group} Contoh {at:03}", "index": f"{float(index):.2f}"}
        more = {"exact": str(index), "predicate": "Baik" if index >= Fraction("2.6") else "Cukup"}
        basis = {**score["basis"], "submission": id, "agency": id}
        on.db["results"].insert_one({**result, "_id": id, "agency": id, "score": f"{id}.final"})
        on.db["scores"].insert_one({**score, "_id": f"{id}.final", "basis": basis, **name, **more})
        on.db["agencies"].insert_one({"_id": id, "name": name["agency_name"], "group": group})


def waiting(on: Stage) -> list[dict[str, Any]]:
    """The events that were put aside."""
    return list(on.db["deferred_events"].find().sort("deferred_at", 1))
