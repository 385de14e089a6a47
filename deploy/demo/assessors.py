"""What assessors do: claim tasks (of two at one task, one wins), open the evidence, rate, mark, finish."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Barrier
from typing import Any

from deploy.demo import ministry
from deploy.demo.plan import Part, Plan
from deploy.demo.world import DemoError, Person, Refused, World, until

TAKEN = ("task-taken", "task-finished", "not-found")


@dataclass
class Work:
    """What the assessors did."""

    tasks: int = 0
    ratings: int = 0
    opened: int = 0
    races: list[tuple[str, ...]] = field(default_factory=list)

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.tasks + other.tasks,
            self.ratings + other.ratings,
            self.opened + other.opened,
            self.races + other.races,
        )


def assess(world: World, plan: Plan, officer: Person) -> Work:
    """Have all assessors work at the same time until every case is finalised."""
    people = [world.as_(assessor["id"]) for assessor in plan.assessors]
    first = _first_task(people[0], plan)
    race = Work(races=[_claim_together(people[:2], first)])
    with ThreadPoolExecutor(len(people)) as pool:
        done = pool.map(
            lambda person: _Assessor(person, plan, lambda: ministry.finalised(officer, plan)).work(), people
        )
        return sum(done, race)


def _first_task(who: Person, plan: Plan) -> str:
    path = f"/tasks?cycle={plan.parts[0].cycle}&state=open"

    def look() -> str | None:
        found = who.get("review", path)["items"]
        return str(found[0]["id"]) if found else None

    return until(f"review opens a task ({path})", look)


def _claim_together(people: list[Person], task: str) -> tuple[str, ...]:
    """Two claims of one task at the same moment; gives how each ended."""
    start = Barrier(len(people), timeout=30)

    def claim(who: Person) -> str:
        start.wait()
        try:
            who.post("review", f"/tasks/{task}/claim")
        except Refused as refused:
            return refused.code
        return "claimed"

    with ThreadPoolExecutor(len(people)) as pool:
        return tuple(sorted(pool.map(claim, people)))


class _Assessor:
    """One assessor at work."""

    def __init__(self, who: Person, plan: Plan, over: Callable[[], bool]) -> None:
        self._who = who
        self._plan = plan
        self._over = over
        self._done = Work()

    def work(self) -> Work:
        """Do one task after the other until there will be no more."""
        while (task := until("a task to claim, or the end of all cases", self._next)) != "none":
            self._do(task)
        return self._done

    def _next(self) -> Any:
        """A claimed task; "none" when all cases are over; None while others are at work."""
        for task in self._waiting():
            try:
                return self._who.post("review", f"/tasks/{task['id']}/claim")
            except Refused as refused:
                if refused.code not in TAKEN:
                    raise
        return "none" if self._over() else None

    def _waiting(self) -> list[Any]:
        states = ("mine", "open")
        return [
            task
            for cycle in self._plan.cycles
            for state in states
            for task in self._who.pages("review", f"/tasks?cycle={cycle}&state={state}")
        ]

    def _do(self, lease: Mapping[str, Any]) -> None:
        case = self._who.get("review", f"/cases/{lease['case']}")
        part, stage = self._plan.part_of(case["cycle"], case["agency"]), lease["stage"]
        task, fence = f"/tasks/{lease['id']}", {"fence": lease["fence"]}
        self._open_file(case)
        for number, code in enumerate(case["task"]["indicators"]):
            self._who.ask(
                "PUT", "review", f"{task}/ratings/{code}", fence | _rating(part, stage, code, case, number)
            )
            self._done.ratings += 1
        questions = [
            {"indicator": code, "question": f"Apa dasar nilai {part.claims[code]}?"}
            for code in part.clarified_after(stage)
        ]
        if questions:
            self._who.ask("PUT", "review", f"{task}/clarifications", fence | {"indicators": questions})
        self._who.post("review", f"{task}/finish", fence)
        self._done.tasks += 1

    def _open_file(self, case: Mapping[str, Any]) -> None:
        """Fetch one file through a link that review signs, and see that it is the one."""
        file = case["files"][0]
        link = self._who.get("review", f"/cases/{case['id']}/evidence/{file['sha256']}")
        answer = self._who.fetch("GET", link["url"], None, {})
        if answer.status != 200 or sha256(answer.body).hexdigest() != file["sha256"]:
            raise DemoError(
                f"The link to {file['name']} of case {case['id']} gave {answer.status}, not the file."
            )
        self._done.opened += 1


def _rating(part: Part, stage: str, code: str, case: Mapping[str, Any], number: int) -> dict[str, Any]:
    value, files = part.rating(stage, code), case["files"]
    pin = {"sha256": files[number % len(files)]["sha256"], "page": 1 + number % 3}
    return {
        "value": value,
        "facts": "Dokumen yang dirujuk memuat penerapannya.",
        "analysis": f"Dibandingkan dengan kriteria, indikator {code} berada pada nilai {value}.",
        "justification": part.source,
        "pins": [{"minutes": number + 1} if stage in ("interview", "visit") else pin],
    }
