"""Names of files, as people write them on any keyboard."""

import unicodedata

import pytest

from services.intake.domain import safe_name
from shared.core.errors import Invalid

HONEST = [
    "SK No. 5 (2026) \u2013 final.pdf",
    "Ré́sumé #1 & lampiran, 100%.pdf",
    "\U0001fae8.pdf",
    "_.pdf",
    "...a.b.pdf"[3:],
]
HONEST += [
    "👨\u200d👩\u200d👧\u200d👦 keluarga.pdf",
    "❤\ufe0f\u200d🔥.png",
    "🏳\ufe0f\u200d🌈.png",
    "\U0001fadf.pdf",
    "漢字.pdf",
]


@pytest.mark.parametrize("name", HONEST, ids=ascii)
def test_an_honest_name_is_kept_in_nfc(name: str) -> None:
    assert safe_name(f" {unicodedata.normalize('NFD', name)} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Scherm\u00adopname.png", "U+00AD SOFT HYPHEN"),
        ("\u200eWhatsApp.pdf", "U+200E LEFT-TO-RIGHT MARK"),
        ("a\u200db.pdf", "U+200D ZERO WIDTH JOINER"),
        ("a\u202efdp.exe", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("a\x07.pdf", "U+0007"),
        ("a/b.pdf", "/"),
        ("jam 10:30.pdf", ":"),
        ("apa?.pdf", "?"),
        ("a\\b.pdf", "\\"),
        ('"a".pdf', '"'),
    ],
)
def test_a_refusal_names_the_character(name: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        safe_name(name)
    assert refused.value.cause_code == "bad-file-name"
    assert f" holds {said}" in refused.value.detail


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The file has no name"),
        (" \t", "The file has no name"),
        ("\u2800.pdf", "must not start with a dot"),
        ("\u00a0.pdf", "must not start with a dot"),
        (".htaccess", "must not start with a dot"),
        ("x" * 252 + ".pdf", "has 256 bytes"),
        ("漢" * 85 + ".pdf", "has 259 bytes"),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_a_refusal_says_what_is_wrong_with_the_whole_name(name: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        safe_name(name)
    assert said in refused.value.detail
