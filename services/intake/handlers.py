"""What intake hears: how far an agency's case is."""

from services.intake import commands
from shared.events.review import StageCompleted
from shared.events.scoring import ResultPublished
from shared.hearing import Handlers, Hears


def _touches(fact: StageCompleted | ResultPublished) -> list[tuple[str, str]]:
    return [
        ("participations", fact.participation),
        ("heads", f"participation:{fact.participation}"),
    ]


HANDLERS: Handlers = {
    StageCompleted: Hears(commands.note_stage, _touches),
    ResultPublished: Hears(commands.note_result, _touches),
}
