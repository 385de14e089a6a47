"""What intake consumes: how far an agency's case is."""

from services.intake import commands
from shared.events.review import StageCompleted
from shared.events.scoring import ResultPublished
from shared.messaging.inbox import Handler, Handlers


def _touches(event: StageCompleted | ResultPublished) -> list[tuple[str, str]]:
    return [
        ("participations", event.participation),
        ("heads", f"participation:{event.participation}"),
    ]


HANDLERS: Handlers = {
    StageCompleted: Handler(commands.note_stage, _touches),
    ResultPublished: Handler(commands.note_result, _touches),
}
