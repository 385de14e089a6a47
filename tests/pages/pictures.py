"""The guides' pictures, from what the tests of pages kept: `python -m tests.pages.pictures`, which is `make pictures`.

`make test-pages` makes the screenshots; what is missing is named, and the picture that there is stays.
"""

import sys
from pathlib import Path

from PIL import Image

from deploy.local.config import HOME
from shared.web.building import PICTURES

SHOTS = HOME / "screenshots"
SOURCES = {
    "agency-home": "agency-home-full-1440-light",
    "indicator": "agency-indicator-full-1440-light",
    "seal": "agency-seal-full-1440-light",
    "receipt": "agency-sealed",
    "queue": "queue-1440-light",
    "bench": "evidence-bench",
    "control": "ministry-control-1440-light",
    "cycle": "ministry-cycle-planned-1440-light",
    "assessor": "review-assessor-1440-light",
    "import": "ministry-preview-wrong-1440-light",
    "results": "results-1440-light",
    "result": "result-1440-light",
    "check": "check-1440-light",
    "decisions": "decisions-approve-1440-light",
}
"""The screenshot of each picture."""
WIDTH, HEIGHT = 960, 900
MOST_BYTES = 120_000
COLOURS = (128, 64, 32, 16)


def draw(source: Path, target: Path) -> None:
    """Write a screenshot as a picture: its upper part, smaller, with as many colours as fit into the bytes."""
    with Image.open(source) as shot:
        scaled = shot.convert("RGB").resize(
            (WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS
        )
    upper = scaled.crop((0, 0, WIDTH, min(scaled.height, HEIGHT)))
    for colours in COLOURS:
        upper.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size < MOST_BYTES:
            return
    raise ValueError(f"{target.name} is {target.stat().st_size} bytes with {COLOURS[-1]} colours")


def main() -> int:
    """Draw every picture whose screenshot is there; 1 when one is missing."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    missing = []
    for name, shot in SOURCES.items():
        source = SHOTS / f"{shot}.png"
        if source.exists():
            draw(source, PICTURES / f"{name}.png")
        else:
            missing.append(f"{name} (of {shot})")
    if missing:
        sys.stderr.write(f"no screenshot, run `make test-pages` first: {', '.join(missing)}\n")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
