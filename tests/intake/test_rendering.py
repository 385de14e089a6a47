"""Drawing pages and looking for text, as the rendering process does it."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image, ImageOps

from services.intake.domain import page_images
from services.intake.rendering import compact, pdf_text, refused
from services.intake.rendering.sizes import MOST_PIXELS, MOST_SIDE, fit
from services.intake.rendering.working import work
from tests.intake.files import GOOD
from tests.intake.pdfs import document, locked, text

LINES = ("Peraturan Wali Kota", "tentang Arsitektur SPBE")
SHOWN = document(text(*LINES), text("Halaman dua"))


def done(data: bytes, *order: object) -> bytes:
    return work(io.BytesIO(data), len(data), json.dumps(order).encode())


def drawn(data: bytes, type: str = "pdf", page: int = 1, width: int = 800) -> Image.Image:
    return Image.open(io.BytesIO(done(data, "draw", type, page, width)))


def said(data: bytes, *order: object) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(done(data, *order))
    return found


def picture(kind: str, image: Image.Image, **options: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


@pytest.mark.parametrize("width", page_images.WIDTHS)
def test_a_page_is_drawn_as_wide_as_is_asked_for(width: int) -> None:
    image = drawn(SHOWN, width=width)
    assert (image.format, image.size) == ("PNG", (width, round(width * 842 / 595)))
    assert image.convert("L").getextrema() == (0, 255)


def test_each_page_is_its_own() -> None:
    assert done(SHOWN, "draw", "pdf", 1, 800) != done(SHOWN, "draw", "pdf", 2, 800)


def test_a_turned_page_is_drawn_as_readers_show_it() -> None:
    assert drawn(document(text("a"), page="/Rotate 90")).size == (800, round(800 * 595 / 842))


def test_notes_and_the_looks_of_signatures_are_drawn() -> None:
    look = b"<</Type/XObject/Subtype/Form/BBox[0 0 100 50]/Length 24>>stream\n0 0 1 rg 0 0 100 50 re f\nendstream"
    signed = document(
        "",
        page="/Annots[<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/F 4/Rect[0 0 100 50]/AP<</N 1000 0 R>>>>]",
        others={1000: look},
    )
    assert drawn(signed).convert("RGB").getpixel((20, 1120)) == (0, 0, 255)


@pytest.mark.parametrize(
    ("type", "name"), [("png", "foto.png"), ("jpeg", "foto.JPG"), ("tiff", "pindai.tif")]
)
def test_a_picture_is_drawn_and_never_larger_than_it_is(type: str, name: str) -> None:
    assert drawn(GOOD[name], type).size == (16, 12)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_pictures_of_every_kind_of_colour_are_drawn(mode: str) -> None:
    image = Image.new("L", (1000, 500), 0)
    image.paste(255, (500, 0, 1000, 500))
    made = image.convert("RGB").convert(mode) if mode[0] not in "IF" else image.convert(mode)
    if mode == "I;16":
        made = image.point(lambda value: value * 257, "I").convert("I;16")
    shown = drawn(picture("TIFF", made), "tiff").convert("L")
    assert shown.size == (800, 400)
    assert [shown.getpixel((x, 200)) for x in (100, 700)] == pytest.approx([0, 255], abs=20)


def test_what_one_can_see_through_stands_before_white() -> None:
    assert drawn(picture("PNG", Image.new("RGBA", (20, 20), (0, 0, 0, 0))), "png").convert("RGB").getpixel(
        (5, 5)
    ) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photograph_is_turned_as_its_camera_says(kind: str, turn: int) -> None:
    image, told = Image.new("RGB", (2000, 1000), "white"), Image.Exif()
    image.paste("black", (0, 0, 1000, 500))
    told[0x0112] = turn
    photograph = picture(kind, image, exif=told)
    meant = ImageOps.exif_transpose(Image.open(io.BytesIO(photograph))).resize((8, 8)).convert("1")
    shown = drawn(photograph, kind.lower())
    assert shown.size == ((800, 400) if turn < 5 else (800, 1600))
    assert shown.resize((8, 8)).convert("1").tobytes() == meant.tobytes()


def test_a_tiff_has_pages_and_a_moving_picture_has_one() -> None:
    shades = [Image.new("L", (20, 20), shade) for shade in (10, 120, 250)]
    tiff = picture("TIFF", shades[0], save_all=True, append_images=shades[1:])
    seen = [drawn(tiff, "tiff", page).convert("L").getpixel((5, 5)) for page in (1, 2, 3)]
    assert seen == pytest.approx([10, 120, 250], abs=10)
    assert said(tiff, "draw", "tiff", 4, 800) == {"refused": "no-page", "pages": 3}
    gif = picture("GIF", shades[0], save_all=True, append_images=shades[1:])
    assert said(gif, "draw", "gif", 2, 800) == {"refused": "no-page", "pages": 1}


@pytest.mark.parametrize("page", [0, 3])
def test_a_page_that_is_not_there_is_said_with_how_many_are(page: int) -> None:
    assert said(SHOWN, "draw", "pdf", page, 800) == {"refused": "no-page", "pages": 2}


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (locked(SHOWN), "locked"),
        (b"%PDF-1.7\nnothing", "damaged"),
        (b"", "damaged"),
    ],
)
def test_what_cannot_be_drawn_says_why(data: bytes, cause: str) -> None:
    assert said(data, "draw", "pdf", 1, 800)["refused"] == cause


def test_a_page_that_cannot_be_read_is_damaged() -> None:
    assert said(SHOWN.replace(b"/Type/Page/", b"/Type/Cake/"), "draw", "pdf", 1, 800) == {
        "refused": "damaged",
        "pages": None,
    }


def test_a_password_of_the_owner_only_keeps_nobody_out() -> None:
    assert drawn(locked(SHOWN, user="")).size == (800, 1132)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_truncated_picture_is_damaged(cut: float) -> None:
    whole = picture("PNG", Image.effect_noise((300, 300), 80))
    assert said(whole[: int(len(whole) * cut)], "draw", "png", 1, 800)["refused"] == "damaged"


def test_pictures_of_very_many_pixels_are_not_decoded() -> None:
    bomb = picture("PNG", Image.new("1", (20_000, 20_000)))
    assert said(bomb, "draw", "png", 1, 800) == {"refused": "too-large", "pages": None}


def test_lack_of_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise MemoryError

    assert json.loads(work(Full(), 0, b'["draw", "png", 1, 800]'))["refused"] == "too-large"


def test_a_page_is_never_drawn_larger_than_may_be() -> None:
    assert fit(595, 842, 1200) == (1200, 1698)
    assert fit(595, 141_732, 1200) == (50, MOST_SIDE)
    across, down = fit(1, 1, 50_000)
    assert across == down
    assert across * down <= MOST_PIXELS
    assert fit(1e9, 1, 800) == (800, 1)


def test_the_causes_are_those_that_the_domain_knows() -> None:
    causes = ("LOCKED", "TOO_LARGE", "NO_PAGE", "DAMAGED")
    assert [getattr(refused, name) for name in causes] == [getattr(page_images, name) for name in causes]


# what an image is made of


def test_text_is_small_and_keeps_its_shades() -> None:
    words = (
        "Pemerintah daerah menetapkan kebijakan internal arsitektur dengan peraturan wali kota yang memuat"
    )
    data = done(document(text(*[words] * 50)), "draw", "pdf", 1, 1200)
    assert len(data) < 200_000
    shades = Image.open(io.BytesIO(data)).convert("L").getcolors()
    assert shades is not None
    assert 10 < len(shades) <= 16


def test_colours_on_paper_stay_colours() -> None:
    data = done(document("1 0 0 rg 0 0 100 100 re f 0 0.5 0 rg 200 0 100 100 re f"), "draw", "pdf", 1, 800)
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    colours = image.convert("RGB")
    assert [colours.getpixel((x, 1100)) for x in (50, 350, 600)] == [
        (255, 0, 0),
        (0, 128, 0),
        (255, 255, 255),
    ]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_what_is_like_a_photograph_is_no_drawing(mode: str) -> None:
    noise = Image.effect_noise((400, 400), 60).convert(mode)
    assert compact.compact(noise)[:4] == b"RIFF"
    on_paper = Image.new(mode, (600, 600), "white")
    on_paper.paste(noise.resize((370, 370)), (0, 0))
    assert compact.compact(on_paper)[:4] == b"RIFF"


# text


def test_a_text_is_found_where_it_stands_whatever_its_case() -> None:
    found = said(SHOWN, "find", 1, "ARSITEKTUR spbe")
    assert {key: found[key] for key in ("pages", "next", "has_text")} == {
        "pages": 2,
        "next": None,
        "has_text": True,
    }
    (hit,) = found["hits"]
    (box,) = hit["boxes"]
    assert hit["page"] == 1
    assert box["left"] == pytest.approx((56 + 39) / 595, abs=0.02)
    assert box["top"] == pytest.approx((842 - 766 - 8) / 842, abs=0.01)
    assert 0.1 < box["width"] < 0.2
    assert 0.005 < box["height"] < 0.02


def test_a_place_on_a_turned_page_is_where_it_is_shown() -> None:
    (hit,) = said(document(text("Kota"), page="/Rotate 90"), "find", 1, "kota")["hits"]
    (box,) = hit["boxes"]
    assert box["left"] > 0.9
    assert box["top"] < 0.15
    assert box["height"] > box["width"] / 2


def test_every_place_is_found_on_every_page_from_the_one_to_begin_at() -> None:
    data = document(text("satu satu"), text("dua"), text("satu"))
    assert [hit["page"] for hit in said(data, "find", 1, "satu")["hits"]] == [1, 1, 3]
    assert [hit["page"] for hit in said(data, "find", 2, "satu")["hits"]] == [3]
    assert said(data, "find", 4, "satu") == {"pages": 3, "hits": [], "next": None, "has_text": False}


def test_pages_without_text_say_so() -> None:
    assert said(document("0 0 9 9 re f"), "find", 1, "kota")["has_text"] is False


def test_a_search_that_takes_long_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_text, "MOST_SECONDS", 0.0)
    assert said(SHOWN, "find", 1, "wali")["next"] == 2
    assert said(SHOWN, "find", 2, "wali")["next"] is None


def test_a_search_that_finds_very_much_says_where_to_go_on() -> None:
    many = text(*["a a a a a a a a a a"] * 25)
    found = said(document(many, many), "find", 1, "a")
    assert (len(found["hits"]), found["next"]) == (200, 2)


def test_the_process_starts_with_few_modules() -> None:
    """A page that nobody has drawn yet must come soon: what loads the whole domain would take as long as drawing."""
    parts = ("working", "pdf", "compact")
    shown = "import sys; " + "".join(f"import services.intake.rendering.{part}; " for part in parts)
    told = [sys.executable, "-c", shown + "print(*sys.modules)"]
    loaded = subprocess.run(told, capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in loaded if name.startswith(("services.", "shared."))}
    assert ours == {
        "services.intake",
        "services.intake.rendering",
        *(f"services.intake.rendering.{name}" for name in ("compact", "pdf", "refused", "sizes", "working")),
    }
    assert not {"flask", "pymongo", "msgspec", "marshmallow"} & set(loaded)
