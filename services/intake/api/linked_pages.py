"""Pages of files as images, and what stands in them, by links that review has signed."""

from typing import Any

import flask

from services.intake.api import drawing
from services.intake.api.links import linked
from services.intake.blobs.page_images import PageImages
from services.intake.domain.page_images import Found, NotDrawn
from services.intake.schemas import FoundTextSchema, PageImageQuery, TextQuery
from shared import web
from shared.auth.guard import ANYONE, audience
from shared.core.errors import Forbidden, Locked, TryLater
from shared.core.settings import Settings


def blueprint(settings: Settings) -> web.Blueprint:
    """The routes that links lead to."""
    blp = web.Blueprint(
        "linked-pages", __name__, url_prefix="/linked", description="Pages of files by signed links."
    )
    images = PageImages(settings.page_cache)

    @blp.route("/page")
    @blp.arguments(PageImageQuery, location="query")
    @blp.response(200)
    @drawing.document
    @audience(ANYONE)
    def get_linked_page(query: dict[str, Any]) -> flask.Response:
        """A page of the file that a link names, a PDF or a picture, as an image for the person whom the link names.

        PNG or WebP, as wide as is asked for, less where that is larger than the picture, or the page very long. What
        cannot be drawn, or only with more time or memory than a page may take, is a problem that says so.
        """
        return drawing.send_page(images, linked(settings, query), query["page"], query["width"])

    @blp.route("/find")
    @blp.arguments(TextQuery, location="query")
    @blp.response(200, FoundTextSchema)
    @web.document_errors(Forbidden, Locked, NotDrawn, TryLater)
    @audience(ANYONE)
    def get_places_in_linked_file(query: dict[str, Any]) -> Found:
        """Where a text stands in the file that a link names, a PDF: boxes on pages, for the person whom it names.

        Looking ends after some seconds, or with many hits; `next` is the page at which to go on.
        """
        return drawing.find_text(linked(settings, query), query["q"], query["start"])

    return blp
