"""A receipt in an address: it stands in the fragment, which a browser keeps to itself, so that no server sees it."""

import zlib
from base64 import urlsafe_b64encode
from typing import Any

import flask
import segno
from flask_babel import gettext
from markupsafe import Markup
from segno.encoder import DataOverflowError

from shared.core.canonical import canonical

CHECK = "/scoring/check"
"""The page that checks a receipt."""
RAW = -15
"""What zlib calls deflate without a head, which browsers call deflate-raw."""


def check_address(receipt: Any) -> str:
    """Where a receipt is checked, it in the fragment: `z.`, then its canonical JSON, deflated, in base64url."""
    packed = zlib.compress(canonical(receipt), 9, RAW)
    return f"{CHECK}#z.{urlsafe_b64encode(packed).decode().rstrip('=')}"


def check_code(receipt: Any) -> Markup:
    """The same address at this installation as a QR code (SVG); empty for a receipt too long for any."""
    address = f"{flask.current_app.config['PUBLIC_URL']}{check_address(receipt)}"
    try:
        code = segno.make(address, error="l", micro=False)
    except DataOverflowError:
        return Markup()
    drawn = code.svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", title=gettext("QR code of the receipt")
    )
    return Markup(drawn)  # noqa: S704  # drawn of squares alone, the address is not in it
