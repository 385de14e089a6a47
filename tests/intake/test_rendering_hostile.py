"""Files made to harm whoever draws them, drawn by the real process: its bounds hold, and the answer is a problem."""

import io
import os
import signal
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from PIL import Image

from services.intake.apart.process import Bounds
from services.intake.domain.page_images import Found, PageImage
from services.intake.rendering.process import BOUNDS as MEANT
from services.intake.rendering.process import WHAT, draw, find
from shared.core.errors import AppError, TryLater
from tests.intake.apart import Watched
from tests.intake.files import GOOD, pdf
from tests.intake.pdfs import FONTS, document, form, locked, nested, packed, stream, text, written

BOUNDS = replace(MEANT, wall=120.0)
"""A busy machine may take longer on the clock."""
SHORT = replace(BOUNDS, cpu=1)
PLAIN = document(text("Bukti"))


def wanted(page: int = 1) -> PageImage:
    return PageImage("kota-a", "0" * 64, page, 800)


def drawn(data: bytes, type: str = "pdf", page: int = 1, bounds: Bounds = BOUNDS) -> Image.Image:
    return Image.open(io.BytesIO(draw(io.BytesIO(data), len(data), type, wanted(page), bounds)))


def refused(data: bytes, type: str = "pdf", page: int = 1, bounds: Bounds = BOUNDS) -> tuple[int, str]:
    with pytest.raises(AppError) as why:
        drawn(data, type, page, bounds)
    return why.value.status, why.value.cause_code


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port at which nobody is to knock, and who did."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            try:
                while True:
                    came.append(server.accept()[1])
            except OSError:
                return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)


def test_nothing_of_a_file_is_executed_and_nothing_fetched() -> None:
    with listening() as (port, came):
        url = f"http://127.0.0.1:{port}/a"
        script = f'/S/JavaScript/JS(app.launchURL("{url}"); this.submitForm("{url}"); while(true){{}})'
        actions = f"/O<<{script}>>/C<</S/SubmitForm/F<</FS/URL/F({url})>>/Next<</S/Launch/F(/bin/touch)>>>>"
        remote = f"/F<</FS/URL/F({url})>>/Type/XObject/Subtype/Image/Width 9/Height 9/ColorSpace/DeviceGray"
        hostile = document(
            f"{text('Bukti')} q 100 0 0 100 0 0 cm /R Do Q",
            catalog=f"/OpenAction<<{script}>>/AA<<{actions}>>/URI<</Base({url})>>"
            f"/AcroForm<</Fields[1002 0 R]/XFA 1001 0 R/NeedAppearances true>>",
            page=f"/AA<<{actions}>>/Annots[1002 0 R<</Subtype/Link/Rect[0 0 595 842]/A<</S/URI/URI({url})>>>>]",
            resources=f"{FONTS}/XObject<</R 1000 0 R>>",
            others={
                1000: stream(b"", f"{remote}/BitsPerComponent 8"),
                1001: stream(
                    f'<xdp><script contentType="application/x-javascript">{url}</script></xdp>'.encode()
                ),
                1002: f"<</Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/AA<<{actions}>>>>".encode(),
            },
        )
        shown = drawn(hostile, bounds=SHORT)
        assert isinstance(find(io.BytesIO(hostile), len(hostile), 1, "bukti", BOUNDS), Found)
        assert came == []
    assert sum(shown.convert("L").histogram()[:99]) > 20


def test_the_last_of_ten_thousand_pages_is_drawn() -> None:
    long = document(*(text(f"Halaman {n}") for n in range(1, 10_001)))
    assert drawn(long, page=9_999).size == (800, 1132)
    found = find(io.BytesIO(long), len(long), 9_000, "halaman 9999", BOUNDS)
    assert [hit.page for hit in found.hits] in ([9_999], [])
    assert found.next is None or found.next > 9_000
    assert refused(long, page=10_001) == (404, "no-such-page")


def test_a_tree_of_pages_that_is_too_deep_is_no_tree() -> None:
    depth = 20_000
    knots = [
        f"<</Type/Pages/Count 1/Kids[{n + 3} 0 R]/Parent {max(n + 1, 2)} 0 R>>".encode() for n in range(depth)
    ]
    page = f"<</Type/Page/MediaBox[0 0 9 9]/Parent {depth + 1} 0 R>>".encode()
    assert refused(written([b"<</Type/Catalog/Pages 2 0 R>>", *knots, page])) == (422, "page-not-drawn")


def test_a_page_of_fifty_metres_is_drawn_smaller() -> None:
    far = 50_000 * 72 / 25.4
    assert drawn(document("", box=f"0 0 595 {far}")).size == (50, 12_000)
    assert drawn(document("", box=f"0 0 {far} {far}")).size == (800, 800)


ENDLESS = {
    "forms that draw each other": document(
        "/A Do",
        resources="/XObject<</A 1000 0 R>>",
        others={
            1000: form("/B Do", "/XObject<</B 1001 0 R>>"),
            1001: form("/A Do", "/XObject<</A 1000 0 R>>"),
        },
    ),
    "a page that draws itself": document("/A Do", resources="/XObject<</A 4 0 R>>"),
    "a letter that is made of itself": document(
        "BT /T 9 Tf (a) Tj ET",
        resources="/Font<</T 1000 0 R>>",
        others={
            1000: b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97"
            b"/Widths[9]/Encoding<</Differences[97/a]>>/CharProcs<</a 1001 0 R>>"
            b"/Resources<</Font<</T 1000 0 R>>>>>>",
            1001: stream(b"9 0 d0 BT /T 9 Tf (aa) Tj ET"),
        },
    ),
    "a pattern that is filled with itself": document(
        "/Pattern cs /P scn 0 0 595 842 re f",
        resources="/Pattern<</P 1000 0 R>>",
        others={
            1000: stream(
                b"/Pattern cs /P scn 0 0 9 9 re f",
                "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9"
                "/Resources<</Pattern<</P 1000 0 R>>>>",
            )
        },
    ),
}


@pytest.mark.parametrize("data", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_leads_back_to_itself_comes_to_an_end(data: bytes) -> None:
    assert drawn(data, bounds=SHORT).size == (800, 1132)


SLOW = {
    "forms of forms of forms": nested(9, 12),
    "forms that draw each other twice": document(
        "/A Do",
        resources="/XObject<</A 1000 0 R>>",
        others={
            1000: form("/B Do /B Do", "/XObject<</B 1001 0 R>>"),
            1001: form("/A Do /A Do", "/XObject<</A 1000 0 R>>"),
        },
    ),
    "a pattern of very many tiles": document(
        "/Pattern cs /P scn 0 0 595 842 re f",
        resources="/Pattern<</P 1000 0 R>>",
        others={
            1000: stream(
                b"0 0 9 9 re f " * 100,
                "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 900 900]/XStep 0.01/YStep 0.01/Resources<<>>",
            )
        },
    ),
    "very many lines": document("0 0 m 595 842 l 0 842 l 595 0 l S " * 200_000),
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW.keys())
def test_what_takes_for_ever_is_ended(data: bytes) -> None:
    assert refused(data, bounds=SHORT) == (422, "page-too-large")


def test_what_takes_too_long_on_the_clock_is_ended() -> None:
    assert refused(nested(9, 12), bounds=replace(BOUNDS, wall=0.5)) == (422, "page-too-large")


def test_what_is_a_gigabyte_when_unpacked_is_drawn_in_less_memory() -> None:
    side = 20_000
    huge = document(
        "595 0 0 842 0 0 cm /I Do",
        resources="/XObject<</I 1000 0 R>>",
        others={
            1000: packed(
                bytes(1_000_000),
                side * side * 3 // 1_000_000,
                f"/Type/XObject/Subtype/Image/Width {side}/Height {side}/ColorSpace/DeviceRGB/BitsPerComponent 8",
            )
        },
    )
    assert drawn(huge).size == (800, 1132)


def bomb(width: int, height: int) -> bytes:
    """A PNG of white pixels in a few kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + width * 3)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_bombs_of_pixels_are_not_unpacked() -> None:
    assert refused(bomb(9_000, 9_000), "png") == (422, "page-too-large")
    tiff = io.BytesIO()
    Image.new("1", (10_000, 9_000)).save(tiff, "TIFF", compression="group4")
    assert refused(tiff.getvalue(), "tiff") == (422, "page-too-large")


def test_a_picture_that_needs_more_memory_than_it_may_is_too_large() -> None:
    tight = replace(BOUNDS, memory=220 * 1024 * 1024)
    assert refused(bomb(8_900, 8_900), "png", bounds=tight) == (422, "page-too-large")


def test_many_pixels_within_the_bounds_are_drawn() -> None:
    assert drawn(bomb(8_900, 8_900), "png").size == (800, 800)


@pytest.mark.parametrize(
    ("data", "type"),
    [
        (locked(PLAIN), "pdf"),
        (PLAIN[:40], "pdf"),
        (b"", "pdf"),
        (GOOD["nota.docx"], "pdf"),
        (GOOD["foto.png"][:30], "png"),
        (b"", "tiff"),
        (PLAIN, "png"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_downloaded(data: bytes, type: str) -> None:
    with pytest.raises(AppError, match="Download the file") as why:
        drawn(data, type)
    assert (why.value.status, why.value.cause_code) == (422, "page-not-drawn")


def test_a_file_on_which_the_library_dies_is_too_large() -> None:
    file = Watched(PLAIN, WHAT, lambda pid: os.kill(pid, signal.SIGSEGV))
    with pytest.raises(AppError) as why:
        draw(file, len(PLAIN), "pdf", wanted(), BOUNDS)
    assert why.value.cause_code == "page-too-large"


def test_a_process_that_somebody_else_ends_says_nothing_of_the_file() -> None:
    with pytest.raises(TryLater, match="ask for the same page again"):
        draw(
            Watched(PLAIN, WHAT, lambda pid: os.kill(pid, signal.SIGKILL)),
            len(PLAIN),
            "pdf",
            wanted(),
            BOUNDS,
        )


def test_a_process_that_was_taken_over_gives_nothing_but_images() -> None:
    """What a broken drawing process says is believed as little as its file."""
    with pytest.raises(AppError) as why:
        draw(io.BytesIO(pdf()), len(pdf()), "pdf", wanted(), replace(BOUNDS, result=3))
    assert why.value.cause_code == "page-not-drawn"
    with pytest.raises(AppError) as why:
        find(io.BytesIO(pdf()), len(pdf()), 1, "a", replace(BOUNDS, result=3))
    assert why.value.cause_code == "page-not-drawn"
