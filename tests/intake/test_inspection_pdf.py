"""What a PDF carries besides its pages, and what only seems to stand in it."""

import io
import zipfile

import pytest
from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from PIL.PngImagePlugin import PngInfo

from services.intake.inspection import pdf_objects
from tests.intake.files import JPEG, archive, image, ole, pdf
from tests.intake.inspected import judged

ZIP = archive({"a.txt": b"a"})
OTHER_ZIP = archive({"b.txt": b"other"})
FAR = b" " * 2000 + b"\n"
"""Beyond the first bytes, by which a file is known."""
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(range(90))
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(range(90))


def of_pdf(data: bytes) -> tuple[str | None, list[str]]:
    return judged("a.pdf", data)


def blank() -> Pdf:
    """A PDF in whose first bytes nothing stands but what readers pass over."""
    made = Pdf.new()
    made.add_blank_page()
    made.Root.AFirst = made.make_stream(FAR)
    return made


def written(made: Pdf) -> bytes:
    """As it stands: streams are not packed."""
    into = io.BytesIO()
    made.save(into, compress_streams=False)
    return into.getvalue()


def attaching(content: bytes, way: str, **said: Object) -> bytes:
    """A PDF to which a file is attached in one of the ways that readers follow."""
    made = blank()
    stream = made.make_stream(content, **said)
    spec = Dictionary(Type=Name.Filespec, F=String("a.zip"), EF=Dictionary(F=stream))
    page = made.pages[0].obj
    if way == "names":
        made.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), spec])))
    elif way == "associated":
        made.Root.AF = Array([made.make_indirect(spec)])
    elif way == "annotation":
        page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, FS=spec)])
    elif way == "document":
        made.trailer.AdditionalStreams = Array([Name("/application/zip"), stream])
    elif way == "related":
        page.Here = Dictionary(F=String("a"), RF=Dictionary(F=Array([String("a"), stream])))
    else:
        page.Here = stream
    return written(made)


def commented(data: bytes, comment: bytes) -> bytes:
    """A PDF with a comment before its table."""
    at = data.rindex(b"xref\n", 0, data.rindex(b"startxref"))
    return data[:at] + FAR + b"%" + comment + b"\n" + data[at:]


def apart(gap: bytes) -> bytes:
    """A PDF with an archive, whose table something keeps apart from its end."""
    into = io.BytesIO()
    into.write(written(blank()) + FAR)
    with zipfile.ZipFile(into, "a") as archive:
        archive.writestr("b.txt", b"b")
    at = into.getvalue().rindex(b"PK\x05\x06")
    return into.getvalue()[:at] + gap + into.getvalue()[at:] + b"\n%%EOF\n"


@pytest.mark.parametrize("way", ["names", "associated", "annotation", "related", "document"])
@pytest.mark.parametrize("content", [ZIP, RAR, SEVEN_ZIP, b"plain"], ids=["zip", "rar", "7z", "text"])
def test_an_attached_file_is_one_whatever_leads_to_it(way: str, content: bytes) -> None:
    assert of_pdf(attaching(content, way)) == (None, ["attachments"])


def test_an_attached_file_may_say_itself_that_it_is_one() -> None:
    assert of_pdf(attaching(ZIP, "unreached", Type=Name.EmbeddedFile)) == (None, ["attachments"])


@pytest.mark.parametrize(
    "data",
    [
        commented(attaching(ZIP, "names", Type=Name.EmbeddedFile), OTHER_ZIP),
        commented(attaching(OTHER_ZIP, "associated"), ZIP + b"PK\x05\x06 x"),
        commented(attaching(RAR, "names"), RAR),
        commented(attaching(ZIP, "names", Type=Name.EmbeddedFile), SEVEN_ZIP),
        attaching(FAR + ZIP, "unreached"),
        apart(b"gap"),
        apart(b"%PK\x05\x06"),
        commented(attaching(b"x", "names"), ZIP),
    ],
    ids=["beside", "fake-end", "rar", "7z", "no-attachment", "gap", "fake-end-before", "other-attached"],
)
def test_an_archive_outside_of_what_is_attached_makes_it_two_things(data: bytes) -> None:
    assert of_pdf(data)[0] == "file-ambiguous"


def segment(marker: bytes, content: bytes) -> bytes:
    """A JPEG with one more segment before its picture."""
    return JPEG[:2] + marker + (len(content) + 2).to_bytes(2, "big") + content + JPEG[2:]


@pytest.mark.parametrize("hidden", [ZIP + b"PK\x05\x06", RAR, SEVEN_ZIP], ids=["fake-end", "rar", "7z"])
def test_an_archive_hidden_in_a_picture_makes_it_two_things(hidden: bytes) -> None:
    assert judged("a.jpg", segment(b"\xff\xfe", FAR + hidden))[0] == "file-ambiguous"


def test_an_archive_beside_the_streams_of_an_old_document_makes_it_two_things() -> None:
    inside = ole("WordDocument", bytes(8), [("Package", ZIP)])
    assert judged("a.doc", inside) == (None, ["attachments"])
    assert judged("a.doc", inside + OTHER_ZIP)[0] == "file-ambiguous"


PAGE = b"<html><head><title>Pedoman HTML</title><script>alert(1)</script>"


def titled(title: bytes) -> bytes:
    made = Pdf.new()
    made.add_blank_page()
    made.docinfo["/Title"] = String(title.decode())
    return written(made)


def described(text: str) -> PngInfo:
    info = PngInfo()
    info.add_text("Description", text)
    return info


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("title.pdf", titled(PAGE)),
        ("comment.pdf", pdf(PAGE.decode())),
        ("second-header.pdf", titled(b"%PDF-1.4 explained")),
        ("program.pdf", titled(b"MZ This program")),
        ("comment.jpg", segment(b"\xff\xfe", PAGE)),
        ("exif.jpg", segment(b"\xff\xe1", b"Exif\0\0MM\0*\0\0\0\x08" + PAGE)),
        ("about-pdf.jpg", segment(b"\xff\xfe", b"%PDF-1.4 in JPEG")),
        ("text.png", image("PNG", pnginfo=described(PAGE.decode()))),
    ],
)
def test_a_page_told_of_inside_makes_no_file_a_page(name: str, data: bytes) -> None:
    assert judged(name, data) == (None, [])


SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"
LAUNCH = b"<</S/Launch/F(cmd.exe)>>"


def doing(where: str, said: bytes, indirect: bool = False) -> bytes:
    """A PDF in which an action stands somewhere that readers look."""
    made = blank()
    root, page = made.Root, made.pages[0].obj
    action = made.make_indirect(Object.parse(said)) if indirect else Object.parse(said)
    always = Dictionary(O=action)
    places = {
        "open": (root, "/OpenAction", action),
        "document": (root, "/AA", Dictionary(WC=action)),
        "page": (page, "/AA", always),
        "annotation": (page, "/Annots", Array([Dictionary(Subtype=Name.Link, A=action)])),
        "annotations": (
            page,
            "/Annots",
            made.make_indirect(Array([Dictionary(Subtype=Name.Link, AA=always)])),
        ),
        "field": (
            root,
            "/AcroForm",
            Dictionary(Fields=Array([Dictionary(T=String("a"), AA=Dictionary(K=action))])),
        ),
        "names": (
            root,
            "/Names",
            Dictionary(JavaScript=Dictionary(Kids=Array([Dictionary(Names=Array([String("a"), action]))]))),
        ),
        "next": (root, "/OpenAction", Dictionary(S=Name.Named, N=Name.NextPage, Next=chain(action, 30))),
        "outline": (root, "/Outlines", Dictionary(First=made.make_indirect(Dictionary(A=action)))),
    }
    owner, key, value = places[where]
    owner[key] = value
    return written(made)


def chain(action: Object, length: int) -> Object:
    for _ in range(length):
        action = Array([Dictionary(S=Name.Named, N=Name.NextPage, Next=action)])
    return action


PLACES = ["open", "document", "page", "annotation", "annotations", "field", "names", "next", "outline"]


@pytest.mark.parametrize("indirect", [False, True], ids=["direct", "numbered"])
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize(("action", "finding"), [(SCRIPT, "scripts"), (LAUNCH, "programs")])
def test_an_action_is_seen_wherever_it_stands(
    where: str, action: bytes, finding: str, indirect: bool
) -> None:
    assert of_pdf(doing(where, action, indirect)) == (None, [finding])


@pytest.mark.parametrize(
    ("action", "findings"),
    [
        (b"<</S/Rendition/JS(app.alert(1))>>", ["scripts"]),
        (b"<</S/RichMediaExecute>>", ["scripts"]),
        (b"<</S/SubmitForm/F(http://x)>>", ["external"]),
        (b"<</S/ImportData/F(a.fdf)>>", ["external"]),
        (b"<</S/GoToR/F(//server/share/a.pdf)>>", ["external"]),
        (b"<</S/GoToE/F<</Type/Filespec/UF(\\\\\\\\server\\\\a.pdf)>>>>", ["external"]),
        (b"<</S/URI/URI(http://x)>>", ["external"]),
        (b"<</S/GoToR/F(lampiran.pdf)>>", []),
        (b"<</S/GoTo/D[0/Fit]>>", []),
        (b"<</S/Named/N/Print>>", []),
    ],
)
def test_an_action_that_reaches_out_goes_along_as_a_finding(action: bytes, findings: list[str]) -> None:
    assert of_pdf(doing("page", action)) == (None, findings)


def test_the_kind_of_an_action_may_have_a_number_of_its_own() -> None:
    made = blank()
    kind = made.make_stream(b"")
    made.Root.OpenAction = Dictionary(S=kind, F=String("cmd.exe"))
    number = b"%d 0 R" % kind.objgen[0]
    data = written(made)
    start = data.index(b"/OpenAction")
    number = data[data.index(b"/S ", start) + 3 :].split(b" ")[0]
    stream = data.index(b"\n%s 0 obj" % number)
    end = data.index(b"endobj", stream)
    content = b"\n%s 0 obj\n/Launch" % number
    assert of_pdf(data[:stream] + content.ljust(end - stream) + data[end:]) == (None, ["programs"])


def test_a_link_that_waits_for_a_click_is_none() -> None:
    assert of_pdf(doing("annotation", b"<</S/URI/URI(http://x)>>")) == (None, [])


@pytest.mark.parametrize("where", ["open", "annotation", "outline", "next"])
@pytest.mark.parametrize(
    "address",
    [
        b"(javascript:app.alert\\(1\\))",
        b"(JavaScript:x)",
        b"( \\tjava\\nscript:x)",
        b"<6A6176617363726970743A78>",
        b"<FEFF006A006100760061007300630072006900700074003A0078>",
        b"(vbscript:x)",
    ],
)
def test_a_link_that_carries_a_script_is_one(where: str, address: bytes) -> None:
    code, findings = of_pdf(doing(where, b"<</S/URI/URI" + address + b">>"))
    assert (code, findings[:1]) == (None, ["scripts"])


def test_a_script_in_a_link_may_have_a_number_of_its_own() -> None:
    made = blank()
    address = made.make_indirect(String("javascript:x"))
    made.pages[0].obj.Annots = Array([Dictionary(A=Dictionary(S=Name.URI, URI=address))])
    assert of_pdf(written(made)) == (None, ["scripts"])


def test_links_that_add_to_the_address_of_a_script_carry_one() -> None:
    made = blank()
    made.Root.URI = Dictionary(Base=String("javascript:"))
    assert of_pdf(written(made)) == (None, ["scripts"])


@pytest.mark.parametrize("address", [b"(javascript.html)", b"(https://a.example/?javascript:x)", b"<00>"])
def test_a_link_that_only_speaks_of_scripts_carries_none(address: bytes) -> None:
    assert of_pdf(doing("annotation", b"<</S/URI/URI" + address + b">>")) == (None, [])


@pytest.mark.parametrize("title", ["/S /JavaScript", "/JS (x) /AA << /OpenAction"])
def test_words_are_no_actions(title: str) -> None:
    made = blank()
    made.docinfo["/Title"] = String(title)
    assert of_pdf(written(made)) == (None, [])


@pytest.mark.parametrize("packets", [False, True], ids=["one", "several"])
@pytest.mark.parametrize(
    ("form", "findings"),
    [
        (b'<xdp:xdp><template><script contentType="application/x-javascript">1</script>', ["scripts"]),
        ("<t:script>1</t:script>".encode("utf-16"), ["scripts"]),
        (b"<template><subform/></template>", []),
    ],
)
def test_scripts_of_an_xfa_form_are_seen(form: bytes, findings: list[str], packets: bool) -> None:
    made = blank()
    stream = made.make_stream(form)
    made.Root.AcroForm = Dictionary(
        Fields=Array([]), XFA=Array([String("template"), stream]) if packets else stream
    )
    assert of_pdf(written(made)) == (None, findings)


def test_what_plays_and_what_lies_elsewhere_goes_along_as_a_finding() -> None:
    made = blank()
    made.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.RichMedia)])
    made.Root.Here = made.make_stream(b"", F=String("\\\\server\\share\\a.pdf"))
    made.Root.Solid = made.make_stream(b"", OnInstantiate=made.make_stream(b"1"))
    assert of_pdf(written(made)) == (None, ["scripts", "external", "controls"])


def test_nested_lists_without_end_are_given_up_with_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "MOST_NESTED", 20)
    assert of_pdf(doing("next", SCRIPT)) == (None, ["not-examined"])
    monkeypatch.setattr(pdf_objects, "MOST_OBJECTS", 2)
    assert of_pdf(doing("outline", SCRIPT)) == (None, ["not-examined"])
