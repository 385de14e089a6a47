"""What pages load: built under names that change with their content, given out for good, compressed beforehand."""

import gzip
import json
import re
from pathlib import Path

import flask
import pytest
from flask.testing import FlaskClient

from shared.web import assets
from shared.web.building import OWN, PACKAGES, PICTURES, SHEET, Unknown, build

FIRST_LOAD = ("govuk.css", "nilai.css", "early.js", "page.js", "govuk-frontend.js", "public-sans.woff2")


def address(app: flask.Flask, name: str) -> str:
    with app.app_context():
        return assets.asset(name)


def test_a_file_is_kept_for_good_and_comes_compressed_to_whoever_takes_it(
    app: flask.Flask, client: FlaskClient
) -> None:
    path = address(app, "govuk.css")
    plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert (plain.mimetype, packed.mimetype) == ("text/css", "text/css")
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    for answer in (plain, packed):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    again = client.get(path, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data


@pytest.mark.parametrize("name", ["nothing.css", "manifest.json", "..%2Fassets.py", "govuk.css"])
def test_only_what_the_manifest_names_is_given(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404


def test_what_is_compressed_by_itself_is_not_again(app: flask.Flask, client: FlaskClient) -> None:
    answer = client.get(address(app, "public-sans.woff2"), headers={"Accept-Encoding": "gzip"})
    assert (answer.mimetype, answer.headers.get("Content-Encoding"), answer.data[:4]) == (
        "font/woff2",
        None,
        b"wOF2",
    )


def test_every_own_file_is_built_and_names_its_neighbours_by_their_new_names() -> None:
    names = json.loads((assets.BUILT / assets.MANIFEST).read_text())
    others = (path.name for path in OWN.iterdir() if path.suffix != ".css")
    pictures = (path.name for path in PICTURES.glob("*.png"))
    assert names.keys() == {*PACKAGES, SHEET, *others, *pictures}
    assert f"./{names['govuk-frontend.js']}'" in (assets.BUILT / names["page.js"]).read_text()


def test_nothing_is_loaded_from_elsewhere_and_no_foreign_font_or_mark() -> None:
    for path in assets.BUILT.glob("*.[cj]s*"):
        if path.suffix in (".css", ".js"):
            found = re.findall(
                r"sourceMappingURL|GDS Transport|govuk-crest\.svg|url\([^)]*//", path.read_text()
            )
            assert (path.name, found) == (path.name, [])


def test_what_a_first_page_loads_leaves_room_for_the_page() -> None:
    names = json.loads((assets.BUILT / assets.MANIFEST).read_text())
    packed = [assets.BUILT / f"{names[name]}.gz" for name in FIRST_LOAD]
    sizes = [(path if path.exists() else path.with_suffix("")).stat().st_size for path in packed]
    assert sum(sizes) < 90_000


def sources(folder: Path, **files: str) -> tuple[Path, Path]:
    """A folder of own files and one of packages, as small as they can be."""
    own, packages = folder / "own", folder / "packages"
    for path in PACKAGES.values():
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text("x{}\n/*# sourceMappingURL=x.css.map */")
    own.mkdir()
    for name, text in files.items():
        (own / name.replace("_", ".")).write_text(text)
    return own, packages


def test_a_name_changes_with_the_content_of_a_neighbour(tmp_path: Path) -> None:
    own, packages = sources(tmp_path, a_js="import './b.js'", b_js="1")
    build(own, packages, tmp_path / "built")
    before = json.loads((tmp_path / "built/manifest.json").read_text())
    (own / "b.js").write_text("2")
    build(own, packages, tmp_path / "built")
    after = json.loads((tmp_path / "built/manifest.json").read_text())
    assert before["a.js"] != after["a.js"]
    assert (tmp_path / "built" / after["a.js"]).read_text() == f"import './{after['b.js']}'"
    assert not (tmp_path / "built" / before["a.js"]).exists()


@pytest.mark.parametrize("wrong", ["import './gone.js'", "import './a.js'"])
def test_a_neighbour_that_is_not_there_stops_the_build(tmp_path: Path, wrong: str) -> None:
    own, packages = sources(tmp_path, a_js=wrong)
    with pytest.raises(Unknown, match=r"a\.js → "):
        build(own, packages, tmp_path / "built")


def test_an_application_without_what_pages_load_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(assets.NotBuilt, match="make setup"):
        assets.init_app(flask.Flask("x", static_folder=None), tmp_path)
