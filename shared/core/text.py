"""What a person can see of a text: one definition for names, words and file names, by Unicode's categories."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u034f\U00016fe4")
"""Letters and marks that are drawn as nothing."""
_BLANKS = _FILLERS | frozenset("\u2800\ufffc\ufffd\U00013441\U00013442\U0001d159")
"""And those that are drawn as a space, or stand for what got lost."""
_RESERVED = {"So": ((0x1F000, 0x1FAFF), (0x1FC00, 0x1FFFD)), "Lo": ((0x20000, 0x2FFFD), (0x30000, 0x3FFFD))}
"""What Unicode keeps for pictographs and ideographs to come, so that those of any year pass."""
_FIRST_PICTOGRAPH = "\u2190"
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180D), (0x180F, 0x180F))
_VARYING = ("CJK ", "MONGOLIAN ", "PHAGS-PA ", "MYANMAR ", "MANICHAEAN ", "FULLWIDTH ", "IDEOGRAPHIC ")
"""Scripts of which Unicode lets a selector choose between forms, as it does of symbols and of these."""
_KEYS, _KEYCAP = frozenset("0123456789#*"), "\u20e3"
_SIGNS = frozenset("\u203c\u2049\u3030")
_JOINER, _NON_JOINER = "\u200d", "\u200c"
_FLAG, _TAGS, _CANCEL = "\U0001f3f4", ("\U000e0020", "\U000e007e"), "\U000e007f"


def says_something(text: str) -> bool:
    """Whether a text holds a letter, a digit or a symbol that can be seen."""
    return any(_category(one)[0] in "LNS" and one not in _BLANKS for one in text)


def is_visible(character: str) -> bool:
    """Whether a character leaves ink of its own: no space, mark, control or filler."""
    return _category(character)[0] not in "CMZ" and character not in _BLANKS


def is_mark(character: str) -> bool:
    """Whether a character is drawn upon the one before it, such as an accent."""
    return unicodedata.category(character)[0] == "M" and character not in _BLANKS


def find_hidden(text: str) -> str | None:
    """The first character that nobody sees and that is no part of what one sees, such as a soft hyphen or a control.

    Joiners within emoji and after a virama, variation selectors of what has variations and the tags of a flag belong
    to what one sees.
    """
    if text.isascii() and text.isprintable():
        return None
    # Most texts hold none that could be: each of their characters is asked about once, not at each place.
    doubtful = {one for one in set(text) if _may_hide(one)}
    if not doubtful:
        return None
    return next((one for place, one in enumerate(text) if one in doubtful and _is_hidden(text, place)), None)


def seen(text: str) -> str:
    """A text in one line, as one sees it: what nobody sees is taken out, any blank is a space."""
    return " ".join("".join(_shown(text, place) for place in range(len(text))).split())


def _shown(text: str, place: int) -> str:
    character = text[place]
    if character.isspace() or character in _BLANKS or _category(character) == "Cc":
        return " "
    return "" if _is_hidden(text, place) else character


def character_name(character: str) -> str:
    """How messages name a character: `U+00AD SOFT HYPHEN`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def _category(character: str) -> str:
    found = unicodedata.category(character)
    return next(_reserved(ord(character)), found) if found == "Cn" else found


def _reserved(code: int) -> Iterator[str]:
    for category, spans in _RESERVED.items():
        if any(first <= code <= last for first, last in spans):
            yield category


@lru_cache(maxsize=4096)
def _may_hide(character: str) -> bool:
    """Whether a character is seen nowhere, or not everywhere."""
    return (
        character in (_JOINER, _NON_JOINER)
        or _TAGS[0] <= character <= _CANCEL
        or _is_selector(character)
        or _is_never_seen(character)
    )


def _is_never_seen(character: str) -> bool:
    category = _category(character)
    return category[0] == "C" or category in ("Zl", "Zp") or character in _FILLERS


def _is_hidden(text: str, place: int) -> bool:
    character = text[place]
    if character in (_JOINER, _NON_JOINER):
        return not _joins(text, place)
    if _TAGS[0] <= character <= _CANCEL:
        return not _is_tag(text, place)
    if _is_selector(character):
        return not _varies(text[:place][-1:], text[place + 1 : place + 2])
    return _is_never_seen(character)


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands where scripts and emoji need it (as RFC 5892, appendix A, says of scripts)."""
    before, after = text[:place], text[place + 1 : place + 2]
    if before and unicodedata.combining(before[-1]) == 9:  # a virama
        return True
    if text[place] == _NON_JOINER:
        return _is_arabic(before[-1:]) and _is_arabic(after)
    return _is_pictograph(_without_marks(before)[-1:]) and _is_pictograph(after)


def _is_selector(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _SELECTORS)


def _varies(character: str, after: str) -> bool:
    """Whether a selector may choose how this character is drawn; with one, a digit is the beginning of a keycap."""
    if character in _KEYS:
        return after == _KEYCAP
    if not character or character in _SIGNS:
        return bool(character)
    is_new = character >= "\U00020000"  # ideographs of later years have no name here yet
    return _category(character)[0] == "S" or is_new or unicodedata.name(character, "").startswith(_VARYING)


def _without_marks(text: str) -> str:
    while text and unicodedata.category(text[-1])[0] == "M":
        text = text[:-1]
    return text


def _is_pictograph(character: str) -> bool:
    return bool(character) and character >= _FIRST_PICTOGRAPH and _category(character)[0] == "S"


def _is_arabic(character: str) -> bool:
    return bool(character) and unicodedata.bidirectional(character) == "AL"


def _is_tag(text: str, place: int) -> bool:
    """Whether a tag belongs to a flag: the black flag, tags, and the tag that ends them."""
    flag, end = text.rfind(_FLAG, 0, place), text.find(_CANCEL, place)
    return 0 <= flag < end and all(_TAGS[0] <= one <= _TAGS[1] for one in text[flag + 1 : end])
