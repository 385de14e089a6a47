"""How many questions a page asks of the database."""

from pymongo.monitoring import CommandListener, CommandStartedEvent

from tests.support.stage import Stage

PAGE = {"Accept": "text/html"}


class Counter(CommandListener):
    """Counts what is asked; a further batch of the same answer is no question, nor is what drivers say alone."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in ("hello", "ping", "endSessions", "getMore"):
            self.asked.append(f"{event.command_name} {event.command.get(event.command_name)}")

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


FOUND: dict[str, list[str]] = {}


def check_asks_no_more(page: str, asked: list[str], most: int) -> None:
    """A page asks the same in every nation in which it was opened in this run, and no more than so much."""
    before = FOUND.setdefault(page, asked)
    assert sorted(asked) == sorted(before)
    assert len(before) <= most


def questions(on: Stage, counter: Counter, page: str, who: str | None) -> list[str]:
    """What a page asks when it is opened again."""
    person = on.as_(who)
    for _ in range(2):
        counter.asked.clear()
        answered = person.get(page, headers=PAGE)
        assert answered.status_code == 200, (page, answered.text)
    return list(counter.asked)
