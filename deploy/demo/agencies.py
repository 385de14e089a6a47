"""What the people of the agencies do: answer every indicator, send files, seal together at the same moment."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from threading import Barrier, BrokenBarrierError
from typing import Any

from deploy.demo import tus
from deploy.demo.pdf import pdf
from deploy.demo.plan import Part, Plan
from deploy.demo.world import World, until

TITLES = ("Peraturan tentang SPBE", "Berita acara rapat koordinasi", "Laporan pelaksanaan layanan")
PAGES = 3
LEVEL_WORDS = "Bukti menunjukkan nilai {value} untuk indikator {code}."


@dataclass(frozen=True)
class File:
    """A file of evidence as the agency has it."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its hash, by which it is known."""
        return sha256(self.content).hexdigest()

    @property
    def promise(self) -> dict[str, Any]:
        """What an answer and the manifest say of it."""
        return {"sha256": self.sha256, "name": self.name, "size": len(self.content)}


@dataclass(frozen=True)
class Sealed:
    """A submission with its receipt and files, and the correlation id of the request that sealed it."""

    submission: str
    receipt: Mapping[str, Any]
    files: Sequence[File]
    correlation: str


def hand_in(world: World, plan: Plan) -> dict[str, Sealed]:
    """Have all agencies work at the same time; gives what each participation sealed."""
    gate = Barrier(len(plan.parts), timeout=120)
    with ThreadPoolExecutor(len(plan.parts)) as pool:
        jobs = [pool.submit(_Desk(world, plan, part, gate).work) for part in plan.parts]
    _raise_first(jobs)
    return {part.participation: job.result() for part, job in zip(plan.parts, jobs, strict=True)}


def files_of(part: Part) -> list[File]:
    """The evidence of an agency: a few small files, and a large scan where the plan wants one."""
    small = [
        File(f"{number}-{title.lower().replace(' ', '-')}.pdf", pdf(_pages(part, title)))
        for number, title in enumerate(TITLES, 1)
    ]
    size = part.scan_megabytes * 2**20
    return [*small, File("4-pindaian.pdf", pdf(_pages(part, "Pindaian"), size))] if size else small


class _Desk:
    """The people of one agency at work."""

    def __init__(self, world: World, plan: Plan, part: Part, gate: Barrier) -> None:
        self._part = part
        self._gate = gate
        self._clerk = world.as_(f"entri-{part.agency}")
        self._coordinator = world.as_(f"koordinator-{part.agency}")
        self._files = files_of(part)
        self._correlation = f"seal-{plan.stamp}-{part.agency}"

    def work(self) -> Sealed:
        try:
            return self._work()
        except BaseException:
            self._gate.abort()
            raise

    def _work(self) -> Sealed:
        self._answer()
        if not self._part.seals_before_bytes:
            self._upload()
        self._gate.wait()
        sealed = self._seal()
        if self._part.seals_before_bytes:
            self._upload()
        self._wait_complete(sealed["submission"])
        return Sealed(sealed["submission"], sealed["receipt"], self._files, self._correlation)

    def _answer(self) -> None:
        place = f"/self-assessments/{self._part.participation}"
        for number, code in enumerate(self._clerk.get("intake", place)["missing"]):
            file = self._files[number % len(self._files)]
            answer = {
                "value": self._part.claims[code],
                "facts": f"Lihat {file.name}.",
                "analysis": LEVEL_WORDS.format(value=self._part.claims[code], code=code),
                "evidence": [file.promise],
            }
            self._clerk.ask("PUT", "intake", f"{place}/answers/{code}", answer, If_Match='"0"')

    def _upload(self) -> None:
        for file in self._files:
            loses_the_line = len(file.content) > 2 * tus.CHUNK
            breaks_off_at = 2 * tus.CHUNK if loses_the_line else None
            tus.send(self._clerk, self._part.participation, file.name, file.content, breaks_off_at)
        place = f"/uploads/{self._part.participation}"
        until(
            f"every file of {self._part.agency} has been inspected (see {place})",
            lambda: {upload["state"] for upload in self._clerk.get("intake", place)["items"]} == {"done"},
        )

    def _seal(self) -> Any:
        part, head = self._part, f"Koordinator {self._part.name}"[:200]
        saved = self._coordinator.get("intake", f"/self-assessments/{part.participation}")
        order = {
            "manifest": {
                "answers": [_line(answer) for answer in saved["answers"]],
                "files": [file.promise for file in self._files],
            },
            "minutes": {
                "number": f"BA/{part.cycle}",
                "date": f"{saved['deadline'][:10]}",
                "place": "Jakarta",
                "coordinator_name": head,
                "coordinator_position": "Koordinator SPBE",
            },
            "consent": {"publication": True, "name": head, "position": "Koordinator SPBE"},
        }
        path = f"/self-assessments/{part.participation}/seal"
        marks = {"Idempotency_Key": f"{part.participation}-1", "X_Request_Id": self._correlation}
        return self._coordinator.post("intake", path, order, **marks)

    def _wait_complete(self, submission: str) -> None:
        path = f"/submissions/{submission}"
        until(
            f"the submission of {self._part.agency} is complete (intake {path})",
            lambda: self._coordinator.get("intake", path)["state"] == "completed",
        )


def _raise_first(jobs: Sequence[Future[Any]]) -> None:
    """Raise what went wrong, before what merely broke off because of that."""
    problems = [problem for job in jobs if (problem := job.exception())]
    for problem in sorted(problems, key=lambda raised: isinstance(raised, BrokenBarrierError)):
        raise problem


def _line(answer: Mapping[str, Any]) -> dict[str, Any]:
    evidence = [file["sha256"] for file in answer["evidence"]]
    return {name: answer[name] for name in ("indicator", "value", "rev")} | {"evidence": evidence}


def _pages(part: Part, title: str) -> list[list[str]]:
    return [
        [title, part.name, f"Siklus {part.cycle}", f"Halaman {number} dari {PAGES}"]
        for number in range(1, PAGES + 1)
    ]
