"""A receipt in an address, and the same as a QR code."""

import json
import zlib
from base64 import urlsafe_b64decode

import flask

from shared.core.canonical import canonical
from shared.web.carried import check_address, check_code

RECEIPT = {"type": "nilai.receipt.v1", "agency": "é", "index": "2.95"}


def test_the_fragment_is_the_receipt_deflated() -> None:
    address = check_address(RECEIPT)
    place, _, fragment = address.partition("#z.")
    assert place == "/scoring/check"
    assert set(fragment) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    plain = zlib.decompress(urlsafe_b64decode(fragment + "=="), -15)
    assert (plain, json.loads(plain)) == (canonical(RECEIPT), RECEIPT)


def test_the_code_is_drawn_without_style_or_script(app: flask.Flask) -> None:
    with app.test_request_context():
        drawn = check_code(RECEIPT)
    assert drawn.startswith("<svg")
    assert "viewBox" in drawn
    assert "style=" not in drawn
    assert "script" not in drawn


def test_a_receipt_too_long_for_any_code_gets_none(app: flask.Flask) -> None:
    with app.test_request_context():
        assert check_code({"x": "".join(chr(0x4E00 + at * 7 % 20000) for at in range(4000))}) == ""
