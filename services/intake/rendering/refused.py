"""Why something is not drawn, in one word each, as `domain.page_images` knows them too."""

LOCKED, TOO_LARGE, NO_PAGE, DAMAGED = "locked", "too-large", "no-page", "damaged"


class Refused(Exception):
    """There is no image, for this cause; of a page that is not there, with how many there are."""

    def __init__(self, cause: str, pages: int | None = None) -> None:
        super().__init__(cause)
        self.cause, self.pages = cause, pages
