"""Files that set many things at once: sent, looked at row by row, then done by a second click."""

from collections.abc import Callable

import flask

from services.intake.pages.import_kinds import KINDS
from services.intake.pages.ministry import blueprint
from shared import web
from shared.auth.guard import audience
from shared.web import imports
from shared.web.imports import Kind

Answer = flask.typing.ResponseReturnValue

pages = blueprint("imports")


def _add(path: str, kind: Callable[..., Kind]) -> None:
    """Add the pages of one kind of imports: the form, the template, the preview, and what does it."""
    place = f"/imports/{path}"

    @pages.get(place, endpoint=f"{kind.__name__}-form")
    @audience("ministry")
    def form(**where: str) -> str:
        """Where a file is chosen."""
        return imports.form(kind(**where))

    @pages.post(place, endpoint=f"{kind.__name__}-send")
    @web.counted("120/hour")
    @audience("ministry")
    def send(**where: str) -> Answer:
        """Take a file, and lead to what it would do."""
        return imports.take(kind(**where))

    @pages.get(f"{place}/template.<ending>", endpoint=f"{kind.__name__}-template")
    @audience("ministry")
    def template(ending: str, **where: str) -> Answer:
        """An empty table to fill in."""
        return imports.template(kind(**where), ending)

    @pages.get(f"{place}/<token>", endpoint=f"{kind.__name__}-preview")
    @audience("ministry")
    def preview(token: str, **where: str) -> str:
        """What a file would do."""
        return imports.preview(kind(**where), token)

    @pages.post(f"{place}/<token>", endpoint=f"{kind.__name__}-apply")
    @audience("ministry")
    def apply(token: str, **where: str) -> Answer:
        """Do what was shown."""
        return imports.apply(kind(**where), token)


for _path, _kind in KINDS.items():
    _add(_path, _kind)
