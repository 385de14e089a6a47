"""An image of a page in few bytes: text and drawings with few shades as PNG, what is like a photograph as WebP."""

import io

from PIL import Image, ImageChops

GREYS = 16
COLOURS = 256
MOSTLY = 0.6
"""The part of a page that one shade covers, where it is paper with something on it."""
DENSE = 0.15
"""Bytes for a pixel, above which WebP is smaller than PNG."""


def compact(image: Image.Image) -> bytes:
    """The bytes of the image, in the format that makes least of it soon."""
    is_grey = image.mode == "L" or _is_grey(image)
    shades = image.convert("L")
    many = image.width * image.height
    if max(shades.histogram()) >= MOSTLY * many:
        data = _few_greys(shades) if is_grey else _few_colours(image)
        if len(data) <= DENSE * many:
            return data
    return _photograph(shades if is_grey else image)


def _is_grey(image: Image.Image) -> bool:
    red, green, blue = image.split()
    return not (ImageChops.difference(red, green).getbbox() or ImageChops.difference(green, blue).getbbox())


def _few_greys(shades: Image.Image) -> bytes:
    step = 255 / (GREYS - 1)
    few = shades.point([round(shade / step) for shade in range(256)])
    few.putpalette([round(grey * step) for grey in range(GREYS) for _ in "RGB"])
    return _png(few, bits=4)


def _few_colours(image: Image.Image) -> bytes:
    few = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return _png(few, bits=8)


def _png(image: Image.Image, bits: int) -> bytes:
    data = io.BytesIO()
    image.save(data, format="PNG", bits=bits, compress_level=3)
    return data.getvalue()


def _photograph(image: Image.Image) -> bytes:
    # Known to Pillow before it looks for who can save this, for which it would load all that it has.
    from PIL import WebPImagePlugin

    data = io.BytesIO()
    image.save(data, format=WebPImagePlugin.WebPImageFile.format, quality=70, method=2)
    return data.getvalue()
