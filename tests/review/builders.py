"""A small edition, the events that lead to a case, and people who work on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from werkzeug.test import TestResponse

from services.review.app import service
from shared.events.files import EvidenceFile, MissingFile
from shared.events.intake import (
    AgencySet,
    CycleOpened,
    EditionPublished,
    ParticipationSet,
    SubmissionCompleted,
    SubmittedAnswer,
)
from shared.instrument import load, to_dict
from tests.support.stage import LONG_AGO, Stage

API = "/review/api/v1"
CODES = ("1", "2", "3")
FILE = sha256(b"file").hexdigest()
GONE = sha256(b"gone").hexdigest()
OTHER = sha256(b"other").hexdigest()
EXPLANATION = {
    "facts": "Decree 7, page 3.",
    "analysis": "It covers all units.",
    "justification": "So level 3.",
}

EDITION = load("""\
id: small-1
title: {id: Kecil, en: Small}
regulation: Regulation 1
guide_version: Guide 1
weight: 100
tiers:
  - {key: part, name: {id: Bagian, en: Part}}
  - {key: indicator, name: {id: Indikator, en: Indicator}}
scales:
  - key: steps
    name: {id: Tangga, en: Steps}
    levels:
      - {value: 1, name: {id: Satu, en: One}}
      - {value: 2, name: {id: Dua, en: Two}}
      - {value: 3, name: {id: Tiga, en: Three}}
  - key: line
    name: {id: Garis, en: Line}
    range: {at_least: "1.00", at_most: "3.00"}
    levels:
      - {value: 1, name: {id: Bawah, en: Lower}, at_least: "1.00"}
      - {value: 2, name: {id: Atas, en: Upper}, at_least: "2.00"}
    within: {rule: accepted-share, uncertain: {id: Aturannya., en: Its rule.}}
bands:
  - {name: {id: Tinggi, en: High}, at_least: "2.5", at_most: "3"}
  - {name: {id: Rendah, en: Low}, below: "2.5"}
rounding: {digits: 2, mode: half-up, band_looks_at: exact}
activities:
  - key: monitoring
    name: {id: Pemantauan, en: Monitoring}
    stages:
      - {code: self, name: {id: Mandiri, en: Self}}
      - {code: document, name: {id: Dokumen, en: Document}}
  - key: evaluation
    name: {id: Evaluasi, en: Evaluation}
    stages:
      - {code: self, name: {id: Mandiri, en: Self}}
      - {code: document, name: {id: Dokumen, en: Document}}
      - {code: interview, name: {id: Interviu, en: Interview}}
      - {code: visit, name: {id: Visitasi, en: Visit}, optional: true}
nodes:
  - code: P1
    name: {id: Bagian satu, en: Part one}
    weight: 100
    scale: steps
    children:
      - code: "1"
        name: {id: Satu, en: One}
        weight: 30
        question: {id: Bagaimana?, en: How?}
        criteria:
          - level: 1
            conditions: [{code: 1.1.a, text: {id: Ada rancangan., en: There is a draft.}}]
          - level: 2
            conditions:
              - {code: 1.2.a, text: {id: Sudah ditetapkan., en: It has been set.}}
              - {code: 1.2.b, text: {id: Mengatur sebagian., en: It regulates a part.}}
          - level: 3
            cumulative: true
            conditions: [{code: 1.3.a, text: {id: Mengatur semuanya., en: It regulates everything.}}]
      - code: "2"
        name: {id: Dua, en: Two}
        weight: 30
        question: {id: Bagaimana?, en: How?}
        criteria:
          - level: 1
            conditions: [{code: 2.1.a, text: {id: Ada rancangan., en: There is a draft.}}]
          - level: 2
            conditions:
              - {code: 2.2.a, text: {id: Sudah ditetapkan., en: It has been set.}}
              - {code: 2.2.b, text: {id: Mengatur sebagian., en: It regulates a part.}}
          - level: 3
            cumulative: true
            conditions: [{code: 2.3.a, text: {id: Mengatur semuanya., en: It regulates everything.}}]
      - code: "3"
        name: {id: Tiga, en: Three}
        weight: 40
        scale: line
        question: {id: Seberapa?, en: How much?}
        criteria:
          - level: 1
            conditions: [{code: 3.1.a, text: {id: Ada rencana., en: There is a plan.}}]
          - level: 2
            note: {id: Dibaca begini., en: Read like this.}
            conditions: [{code: 3.2.a, text: {id: Dilaksanakan., en: It is carried out.}}]
        uncertain: [{id: Urutannya., en: Its order.}]
        source: {gives: value, name: {id: Indeks lain, en: Another index}, owner: Bappenas}
        evidence:
          - {level: 1, code: I3-L1-01, max_age_years: 2, text: {id: Rencana, en: A plan}}
          - {level: 1, code: I3-L1-02, text: {id: Anggaran, en: A budget}}
          - {level: 2, code: I3-L2-01, text: {id: Laporan, en: A report}, uncertain: {id: Kodenya., en: Its code.}}
          - {text: {id: Foto, en: A photograph}}
""")


def edition() -> EditionPublished:
    """The event that the small edition is in force."""
    return EditionPublished(
        edition=EDITION.id, guide_version=EDITION.guide_version, hash=EDITION.hash, content=to_dict(EDITION)
    )


def agency(id: str = "kota-a") -> AgencySet:
    """The event of an agency."""
    return AgencySet(agency=id, name=id.title(), group="Kota", since=LONG_AGO)


def cycle(id: str = "2026", year: int = 2026) -> CycleOpened:
    """The event that a cycle by the small edition is open."""
    return CycleOpened(
        cycle=id,
        title=f"Putaran {id}",
        edition=EDITION.id,
        opens=datetime(year, 1, 1, tzinfo=UTC),
        deadline=datetime(year, 7, 1, tzinfo=UTC),
        bytes_until=datetime(year, 7, 8, tzinfo=UTC),
    )


def participation(
    agency: str = "kota-a", activity: str = "evaluation", visit: bool = False
) -> ParticipationSet:
    """The event that an agency takes part in 2026."""
    return ParticipationSet(
        participation=f"2026.{agency}",
        cycle="2026",
        agency=agency,
        activity=activity,
        visit=visit,
        deadline=datetime(2026, 7, 1, tzinfo=UTC),
    )


def submission(
    agency: str = "kota-a", activity: str = "evaluation", visit: bool = False
) -> SubmissionCompleted:
    """The event that an agency handed in the values 1, 2 and 2.50, with one file, and one that never came."""
    values = {"1": "1", "2": "2", "3": "2.50"}
    return SubmissionCompleted(
        submission=f"s-{agency}",
        participation=f"2026.{agency}",
        cycle="2026",
        agency=agency,
        edition=EDITION.id,
        activity=activity,
        visit=visit,
        completed_at=datetime(2026, 6, 30, tzinfo=UTC),
        answers=tuple(
            SubmittedAnswer(
                indicator=code,
                value=value,
                evidence=(FILE,),
                words_sha256=sha256(code.encode()).hexdigest(),
                facts="Fakta.",
                analysis="Analisis.",
            )
            for code, value in values.items()
        ),
        files=(
            EvidenceFile(sha256=FILE, name="Indikator1-SK.pdf", size=1000, type="pdf"),
            EvidenceFile(sha256=GONE, name="b.pdf", size=1),
        ),
        missing=(MissingFile(sha256=GONE, name="b.pdf", reason="absent"),),
    )


@dataclass
class Response:
    """What came back."""

    status_code: int
    json: Any
    text: str
    headers: Mapping[str, str]


def _response(of: TestResponse) -> Response:
    return Response(of.status_code, of.json, of.text, dict(of.headers))


@dataclass
class Review:
    """The review service on a stage, with the ministry's and the assessors' hands."""

    stage: Stage

    def open(
        self, agency_id: str = "kota-a", activity: str = "evaluation", visit: bool = False, **of_cycle: Any
    ) -> str:
        """Have everything consumed that opens a case, in a cycle with these changes; gives the case's id."""
        self.stage.consume("edition:small-1", edition())
        self.stage.consume("cycle:2026", replace(cycle(), **of_cycle))
        self.stage.consume(f"agency:{agency_id}", agency(agency_id))
        self.stage.consume(f"participation:2026.{agency_id}", participation(agency_id, activity, visit))
        event = submission(agency_id, activity, visit)
        assert self.stage.consume(f"submission:{event.submission}", event) == "done"
        return event.submission

    def appoint(self, id: str, **changes: Any) -> str:
        """Appoint an assessor whose token subject is its id."""
        self.stage.person("officer", "ministry")
        issuer = self.stage.settings.oidc_issuer
        sent = {"issuer": issuer, "subject": id, "name": id.title(), "since": "2020-01-01T00:00:00Z"}
        answer = self.put("officer", f"/assessors/{id}", {**sent, **changes})
        assert answer.status_code == 201, answer.json
        return id

    def get(self, who: str | None, path: str, **query: Any) -> Response:
        """Ask."""
        response = self.stage.as_(who).get(API + path, query_string=query)
        return _response(response)

    def post(self, who: str | None, path: str, body: Any = None) -> Response:
        """Send."""
        response = self.stage.as_(who).post(API + path, json=body)
        return _response(response)

    def patch(self, who: str | None, path: str, body: Any) -> Response:
        """Change."""
        return _response(self.stage.as_(who).patch(API + path, json=body))

    def put(self, who: str | None, path: str, body: Any, rev: str | None = None) -> Response:
        """Put, over the version that `rev` names."""
        headers = {"If-Match": rev} if rev else {}
        response = self.stage.as_(who).put(API + path, json=body, headers=headers)
        return _response(response)

    def open_task(self, agency_id: str = "kota-a") -> str:
        """The id of the one task of an agency that is open."""
        (doc,) = self.stage.db["tasks"].find({"agency": agency_id, "state": "open"})
        return str(doc["_id"])

    def claim(self, who: str, task: str) -> int:
        """Claim a task; gives the fence."""
        answer = self.post(who, f"/tasks/{task}/claim")
        assert answer.status_code == 200, answer.json
        return int(answer.json["fence"])

    def rate(self, who: str, task: str, fence: int, code: str, value: Any, **changes: Any) -> Response:
        """Rate an indicator, with an explanation and a pin."""
        pins = [{"sha256": FILE, "page": 3}]
        body = {"fence": fence, "value": value, **EXPLANATION, "pins": pins, **changes}
        return self.put(who, f"/tasks/{task}/ratings/{code}", body)

    def finish(
        self,
        who: str,
        values: dict[str, Any],
        marks: dict[str, str] | None = None,
        claimed: str | None = None,
    ) -> Response:
        """Claim the open task, or the one that is claimed already once more, rate, mark and finish it."""
        task = claimed or self.open_task()
        fence = self.claim(who, task)
        for code, value in values.items():
            assert self.rate(who, task, fence, code, value).status_code == 200
        if marks:
            asked = [{"indicator": code, "question": question} for code, question in marks.items()]
            body = {"fence": fence, "indicators": asked}
            assert self.put(who, f"/tasks/{task}/clarifications", body).status_code == 200
        return self.post(who, f"/tasks/{task}/finish", {"fence": fence})

    def run_out(self, task: str) -> None:
        """Let the lease of a task be over since a second."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        self.stage.db["tasks"].update_one({"_id": task}, {"$set": {"until": past}})


def new(stage: Any) -> Review:
    """Review on a fresh stage."""
    return Review(stage(service))
