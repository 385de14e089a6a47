"""Images of pages that were drawn, kept for who asks next until newer ones need their room.

They are known by their agency too: how soon an image comes says nothing of what another agency handed in.
"""

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.intake.domain.page_images import PageImage
from shared.storage.mongo import with_timeout
from shared.storage.reader import Doc

DRAWN_BY = "1"
"""Another number whenever pages are drawn otherwise, so that nobody is given what an older version drew."""


class PageImages:
    """The drawn pages of all files; what is lost is drawn again, so one member's word is enough."""

    def __init__(self, db: Database[Doc]) -> None:
        one_member = db.with_options(read_concern=ReadConcern("local"), write_concern=WriteConcern(1))
        self._images = one_member["page_images"]

    @with_timeout()
    def find(self, wanted: PageImage) -> bytes | None:
        """The image of a page, where it is kept."""
        found = self._images.find_one({"_id": _id(wanted)}, {"data": 1})
        return bytes(found["data"]) if found else None

    @with_timeout()
    def add(self, wanted: PageImage, data: bytes) -> None:
        """Keep the image of a page, unless it is kept already."""
        try:
            self._images.insert_one({"_id": _id(wanted), "data": data})
        except DuplicateKeyError:
            return


def _id(wanted: PageImage) -> str:
    return f"{DRAWN_BY}.{wanted.id}"
