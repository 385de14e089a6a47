"""What a text says to somebody who looks at it."""

import pytest

from shared.core.text import character_name, find_hidden, is_visible, says_something, seen

NOTHING = ["", " ", "\t\n", "\u00a0", "\u200b\u200b", "\u2800", "\u3164", "\u115f\u1160", "\uffa0", "\u00ad"]
NOTHING += [
    "\ufeff",
    "\u2060",
    "\u200e",
    "\u202e",
    "\ue000",
    "\x00",
    "\ufe0f",
    "\u0301",
    "\U000e0041",
    "\U0001d159",
]
NOTHING += [
    "-",
    "…",
    "?!",
    "()",
    "_",
    "\u034f",
    "\ufffc",
    "\ufffd",
    "\u2028",
    "\u0378",
    "\ufdd0",
    "\U00013441",
]
SOMETHING = [
    "a",
    "é",
    "e\u0301",
    "7",
    "½",
    "㊙",
    "+",
    "€",
    "漢",
    "ꦗꦮ",
    "دولة",
    "🙂",
    "\U0001fae8",
    "\U0001fadf",
    "- a",
    "5.",
]
SOMETHING += ["👨\u200d👩\u200d👧", "❤\ufe0f", "1\ufe0f\u20e3", "\U0002ebf0"]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_nobody_can_read_says_nothing(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", SOMETHING, ids=ascii)
def test_a_letter_a_digit_or_a_symbol_says_something(text: str) -> None:
    assert says_something(text)
    assert says_something(f"\u200b {text} \u2800")


def test_punctuation_is_seen_though_it_says_nothing() -> None:
    assert [one for one in "-_. \u2800\u200b\u0301(" if is_visible(one)] == ["-", "_", ".", "("]


SEEN = [
    "SK Bupati No. 5 (2026).pdf",
    "Laporan\u00a0akhir.pdf",
    "\U0001fae8.pdf",
    "\U0001faff.pdf",
    "👨\u200d👩\u200d👧\u200d👦.pdf",
]
SEEN += [
    "👩🏽\u200d⚕\ufe0f.png",
    "🏳\ufe0f\u200d🌈.png",
    "❤\ufe0f\u200d🔥.png",
    "⛓\ufe0f\u200d💥.png",
    "1\ufe0f\u20e3.pdf",
]
SEEN += [
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.pdf",
    "क्\u200dष.pdf",
    "\u0645\u06cc\u200c\u062e.pdf",
    "ꦏ꧀\u200dꦱ.pdf",
    "葛\U000e0100.pdf",
    "‼\ufe0f.pdf",
    "ᠠ\u180b.pdf",
    "\U0002ebf0\U000e0100.pdf",
]


@pytest.mark.parametrize("text", SEEN, ids=ascii)
def test_what_belongs_to_a_visible_sign_is_not_hidden(text: str) -> None:
    assert find_hidden(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Scherm\u00adopname.png", "U+00AD SOFT HYPHEN"),
        ("\u200eWhatsApp.pdf", "U+200E LEFT-TO-RIGHT MARK"),
        ("a\u202egpj.exe", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("a\u200bb", "U+200B ZERO WIDTH SPACE"),
        ("a\u200db", "U+200D ZERO WIDTH JOINER"),
        ("\u200d🙂", "U+200D ZERO WIDTH JOINER"),
        ("🙂\u200d", "U+200D ZERO WIDTH JOINER"),
        ("a\u200cb", "U+200C ZERO WIDTH NON-JOINER"),
        ("a\u3164", "U+3164 HANGUL FILLER"),
        ("\ufeffa", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("a\tb", "U+0009"),
        ("a\u2029", "U+2029 PARAGRAPH SEPARATOR"),
        ("a\ue000", "U+E000"),
        ("a\ud800", "U+D800"),
        ("a\U0001ffff", "U+1FFFF"),
        ("a\U000e0067", "U+E0067 TAG LATIN SMALL LETTER G"),
        ("1\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
        ("a\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
        ("\ufe0e🙂", "U+FE0E VARIATION SELECTOR-15"),
        ("🙂\ufe0f\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
        ("ب\ufe00", "U+FE00 VARIATION SELECTOR-1"),
        ("a\U000e0100", "U+E0100 VARIATION SELECTOR-17"),
        ("🏴\U000e0067", "U+E0067 TAG LATIN SMALL LETTER G"),
        ("🏴a\U000e0067\U000e007f", "U+E0067 TAG LATIN SMALL LETTER G"),
    ],
)
def test_what_is_hidden_is_named(text: str, name: str) -> None:
    found = find_hidden(text)
    assert found is not None
    assert character_name(found) == name


def test_of_a_name_that_somebody_else_wrote_what_one_sees_is_kept() -> None:
    said = " Bu\u00addi\n\u202eCo\u0301ntoh\u200b \u3164👨\u200d👩 \ufe0f"
    assert seen(said) == "Budi Co\u0301ntoh 👨\u200d👩"
