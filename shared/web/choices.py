"""What a browser remembers of its reader's choices, in cookies that say nothing of who it is."""

import flask

YEAR = 365 * 24 * 3600


def remember(response: flask.Response, name: str, value: str | None) -> None:
    """Have the browser remember a choice for a year, or forget it."""
    response.set_cookie(
        name,
        value or "",
        max_age=YEAR if value else 0,
        secure=flask.current_app.config["SECURE_COOKIES"],
        httponly=True,
        samesite="Lax",
    )
