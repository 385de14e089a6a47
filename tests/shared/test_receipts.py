"""Merkle trees against published vectors and the RFC's definition; receipts that nobody alters unseen."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.canonical import NotCanonicalError
from shared.signing import merkle, receipts
from shared.signing.cli import init, rotate
from shared.signing.keys import KeyRing, PublicKey
from shared.signing.receipts import ReceiptInvalid
from tests.shared.test_verify_receipt import respelt

# The leaves and roots with which Certificate Transparency logs are tested (the same tree as RFC 9162's).
LEAVES = [b"", b"\0", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}

TREES = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH exactly as section 2.1.1 defines it."""
    if len(leaves) < 2:
        return sha256(b"\x00" + leaves[0] if leaves else b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + defined_root(leaves[:half]) + defined_root(leaves[half:])).digest()


def defined_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH exactly as section 2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return [*defined_path(index, leaves[:half]), defined_root(leaves[half:])]
    return [*defined_path(index - half, leaves[half:]), defined_root(leaves[:half])]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_paths_are_the_published_ones(index: int, size: int) -> None:
    assert [step.hex() for step in merkle.path(LEAVES[:size], index)] == PATHS[index, size]


@given(TREES)
def test_roots_and_paths_are_those_that_the_rfc_defines(leaves: list[bytes]) -> None:
    assert merkle.root(leaves) == defined_root(leaves)
    for index in range(len(leaves)):
        assert merkle.path(leaves, index) == defined_path(index, leaves)


@given(TREES)
def test_every_leaf_of_a_tree_of_any_size_proves_its_place(leaves: list[bytes]) -> None:
    root = merkle.root(leaves)
    for index, leaf in enumerate(leaves):
        assert merkle.root_of_path(leaf, index, len(leaves), merkle.path(leaves, index)) == root


@given(st.integers(1, 70), st.data())
def test_a_mutated_proof_never_leads_to_the_root(size: int, data: st.DataObject) -> None:
    leaves = [f"leaf {number}".encode() for number in range(size)]
    root, index = merkle.root(leaves), data.draw(st.integers(0, size - 1))
    path = merkle.path(leaves, index)
    other = data.draw(st.integers(-2, size + 2).filter(lambda number: number != index))
    wrong = data.draw(st.binary(min_size=32, max_size=32))
    assert merkle.root_of_path(b"another leaf", index, size, path) != root
    assert merkle.root_of_path(leaves[index], other, size, path) != root
    assert merkle.root_of_path(leaves[index], index, size, [*path, wrong]) != root
    for place in range(len(path)):
        assert merkle.root_of_path(leaves[index], index, size, path[:place] + path[place + 1 :]) != root
        assert (
            merkle.root_of_path(leaves[index], index, size, [*path[:place], wrong, *path[place + 1 :]])
            != root
        )


@given(TREES)
def test_a_node_does_not_pass_for_a_leaf(leaves: list[bytes]) -> None:
    doubled = [*leaves, *leaves]
    pairs = [
        merkle.leaf_hash(left) + merkle.leaf_hash(other)
        for left, other in zip(doubled[::2], doubled[1::2], strict=True)
    ]
    assert merkle.root(pairs) != merkle.root(doubled)


@pytest.mark.parametrize("index", [-1, 8])
def test_a_leaf_that_is_not_there_has_no_path(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.path(LEAVES, index)


AT = datetime(2026, 3, 31, 16, 59, 59, 999_000, UTC)
EDITION = receipts.Edition("spbe-59-2020", "ab" * 32, "guide-3-2024")
WORDS = receipts.explanation_hash("Sudah ada peraturan")
ANSWERS = [
    ("2", "4", WORDS, ["bb" * 32, "aa" * 32]),
    ("1", "3", WORDS, []),
    ("35-1", None, WORDS, ["aa" * 32]),
]
FILES = [("bb" * 32, "Rencana é.pdf", 2048), ("aa" * 32, "SK.pdf", 1024)]
SUBMITTED = receipts.leaves(ANSWERS, FILES)
DOCUMENT = receipts.document(
    receipts.Title("submission", "submission:1", AT), SUBMITTED, EDITION, agency="a-1", consent=True
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path, split=False, start=AT - timedelta(days=1))
    return tmp_path


@pytest.fixture
def intake(folder: Path) -> KeyRing:
    return KeyRing.load(folder, "intake")


@pytest.fixture
def receipt(intake: KeyRing) -> dict[str, Any]:
    return receipts.sign(DOCUMENT, intake.signing("receipts", AT))


def test_leaves_are_the_answers_in_the_order_given_then_the_files_by_hash() -> None:
    assert [leaf.decode() for leaf in SUBMITTED] == [
        f'{{"evidence":["{"aa" * 32}","{"bb" * 32}"],"explanation_sha256":"{WORDS}","indicator":"2",'
        '"kind":"answer","value":"4"}',
        f'{{"evidence":[],"explanation_sha256":"{WORDS}","indicator":"1","kind":"answer","value":"3"}}',
        f'{{"evidence":["{"aa" * 32}"],"explanation_sha256":"{WORDS}","indicator":"35-1","kind":"answer",'
        '"value":null}',
        f'{{"kind":"file","name":"SK.pdf","sha256":"{"aa" * 32}","size":1024}}',
        f'{{"kind":"file","name":"Rencana é.pdf","sha256":"{"bb" * 32}","size":2048}}',
    ]


def test_an_explanation_is_known_by_the_hash_of_its_canonical_form() -> None:
    assert receipts.explanation_hash("é") == sha256('"é"'.encode()).hexdigest()
    assert receipts.explanation_hash({"facts": "x", "analysis": ""}) == receipts.explanation_hash(
        {"analysis": "", "facts": "x"}
    )


def test_a_receipt_says_what_was_handed_in_when_and_under_which_edition(receipt: Mapping[str, Any]) -> None:
    unsigned = {name: value for name, value in receipt.items() if name not in ("kid", "signature")}
    assert unsigned == {
        "type": "nilai.receipt.v1",
        "kind": "submission",
        "subject": "submission:1",
        "root": merkle.root(SUBMITTED).hex(),
        "count": 5,
        "at": "2026-03-31T16:59:59.999Z",
        "edition": {"id": "spbe-59-2020", "hash": "ab" * 32, "guide_version": "guide-3-2024"},
        "agency": "a-1",
        "consent": True,
    }


def test_a_receipt_verifies_with_the_public_keys_of_anybody(folder: Path, receipt: Mapping[str, Any]) -> None:
    receipts.verify(receipt, KeyRing.load(folder, "nobody").publics)


def test_the_same_document_gives_the_same_receipt(intake: KeyRing, receipt: Mapping[str, Any]) -> None:
    assert receipts.sign(DOCUMENT, intake.signing("receipts", AT)) == receipt


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "kind": lambda receipt: receipt | {"kind": "result"},
    "a list of kinds": lambda receipt: receipt | {"kind": ["submission"]},
    "nothing of the time": lambda receipt: {name: value for name, value in receipt.items() if name != "at"},
    "unknown kind": lambda receipt: receipt | {"kind": "praise"},
    "type": lambda receipt: receipt | {"type": "nilai.receipt.v2"},
    "subject": lambda receipt: receipt | {"subject": "submission:2"},
    "root": lambda receipt: receipt | {"root": "00" * 32},
    "count": lambda receipt: receipt | {"count": 4},
    "count as a float": lambda receipt: receipt | {"count": 5.0},
    "time": lambda receipt: receipt | {"at": "2026-03-31T16:59:59.998Z"},
    "time in other words": lambda receipt: receipt | {"at": "2026-03-31T16:59:59.999000Z"},
    "no time": lambda receipt: (
        {name: value for name, value in receipt.items() if name != "at"} | {"at": None}
    ),
    "edition": lambda receipt: receipt | {"edition": receipt["edition"] | {"id": "spbe-5-2018"}},
    "a further field": lambda receipt: receipt | {"agency": "a-2"},
    "a field more": lambda receipt: receipt | {"late": False},
    "a field less": lambda receipt: {name: value for name, value in receipt.items() if name != "consent"},
    "kid": lambda receipt: receipt | {"kid": "intake-receipts-000000000000"},
    "no signature": lambda receipt: {name: value for name, value in receipt.items() if name != "signature"},
    "short signature": lambda receipt: receipt | {"signature": "AAAA"},
    "no base64": lambda receipt: receipt | {"signature": "!" + receipt["signature"][1:]},
    "signature": lambda receipt: receipt | {"signature": "A" * 86 + "=="},
    "another spelling of the signature": lambda receipt: (
        receipt | {"signature": respelt(receipt["signature"])}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_receipt_is_refused(
    change: Callable[[dict[str, Any]], dict[str, Any]], receipt: dict[str, Any], intake: KeyRing
) -> None:
    with pytest.raises(ReceiptInvalid) as refused:
        receipts.verify(change(receipt), intake.publics)
    assert (refused.value.status, refused.value.cause_code) == (422, "receipt-invalid")


@pytest.mark.parametrize(
    ("service", "purpose", "kind"),
    [
        ("scoring", "receipts", "submission"),
        ("intake", "receipts", "score"),
        ("intake", "receipts", "result"),
        ("notify", "webhooks", "submission"),
        ("review", "links", "submission"),
    ],
)
def test_no_service_vouches_for_what_is_not_its_own(
    folder: Path, service: str, purpose: str, kind: str
) -> None:
    ring = KeyRing.load(folder, service)
    key = ring.signing(purpose, AT)
    with pytest.raises(ReceiptInvalid, match="may not vouch"):
        receipts.sign(DOCUMENT | {"kind": kind}, key)
    signed = receipts.sign(DOCUMENT | {"kind": kind}, replace(key, public=_in_the_place_of(key.public, kind)))
    with pytest.raises(ReceiptInvalid, match="may not vouch"):
        receipts.verify(signed, ring.publics)


def _in_the_place_of(key: PublicKey, kind: str) -> PublicKey:
    return replace(key, service=receipts.SIGNERS[kind], purpose="receipts")


def test_a_key_signs_nothing_from_outside_its_time(folder: Path, intake: KeyRing) -> None:
    rotate(folder, "intake", AT, timedelta())
    old = next(iter(intake.secrets.values()))
    listed = KeyRing.load(folder, "intake").publics
    with pytest.raises(ReceiptInvalid, match="not in force"):
        receipts.sign(DOCUMENT, replace(old, public=listed[old.kid]))
    with pytest.raises(ReceiptInvalid, match="not in force"):
        receipts.verify(receipts.sign(DOCUMENT, old), listed)


def test_a_receipt_outlives_the_key_that_signed_it(folder: Path, receipt: Mapping[str, Any]) -> None:
    rotate(folder, "intake", AT + timedelta(days=1), timedelta())
    receipts.verify(receipt, KeyRing.load(folder, "intake").publics)


def test_floats_get_into_no_receipt(intake: KeyRing) -> None:
    with pytest.raises(NotCanonicalError):
        receipts.sign(DOCUMENT | {"index": 2.95}, intake.signing("receipts", AT))


@pytest.mark.parametrize("further", [{"root": "x"}, {"signature": "x"}, {"kid": "x"}])
def test_further_fields_do_not_take_the_place_of_fixed_ones(further: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="with the fields"):
        receipts.document(receipts.Title("submission", "s", AT), SUBMITTED, EDITION, **further)


def test_there_are_no_receipts_of_other_kinds() -> None:
    with pytest.raises(ValueError, match="praise"):
        receipts.document(receipts.Title("praise", "s", AT), SUBMITTED, EDITION)


FILE: dict[str, Any] = {"kind": "file", "sha256": "aa" * 32, "name": "SK.pdf", "size": 1024}


def test_a_proof_shows_a_file_under_the_receipt(receipt: Mapping[str, Any]) -> None:
    proof = receipts.proof(SUBMITTED, 3)
    assert (proof["type"], proof["leaf"], proof["index"], proof["count"]) == ("nilai.proof.v1", FILE, 3, 5)
    assert proof["root"] == receipt["root"]
    receipts.verify_proof(proof, receipt)


def test_a_proof_of_an_answer_may_show_its_words(receipt: Mapping[str, Any]) -> None:
    proof = receipts.proof(SUBMITTED, 1, explanation="Sudah ada peraturan")
    receipts.verify_proof(proof, receipt)
    with pytest.raises(ReceiptInvalid, match="explanation"):
        receipts.verify_proof(proof | {"explanation": "Belum ada peraturan"}, receipt)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(IndexError):
        receipts.proof(SUBMITTED, 5)


SPOILED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another file": lambda proof: proof | {"leaf": FILE | {"size": 1025}},
    "another place": lambda proof: proof | {"index": 2},
    "a place outside": lambda proof: proof | {"index": 5},
    "no place": lambda proof: proof | {"index": "3"},
    "a step more": lambda proof: proof | {"path": [*proof["path"], "00" * 32]},
    "a step less": lambda proof: proof | {"path": proof["path"][1:]},
    "a step of another length": lambda proof: proof | {"path": [proof["path"][0] + "00", *proof["path"][1:]]},
    "a step that is no hash": lambda proof: proof | {"path": ["x", *proof["path"][1:]]},
    "no path": lambda proof: {name: value for name, value in proof.items() if name != "path"},
    "words for a file": lambda proof: proof | {"explanation": "x"},
    "a float in the leaf": lambda proof: proof | {"leaf": FILE | {"size": 1024.0}},
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_changed_proof_is_refused(
    spoil: Callable[[dict[str, Any]], dict[str, Any]], receipt: Mapping[str, Any]
) -> None:
    with pytest.raises(ReceiptInvalid):
        receipts.verify_proof(spoil(receipts.proof(SUBMITTED, 3)), receipt)


def test_every_answer_of_a_full_submission_proves_its_place(intake: KeyRing) -> None:
    answers = [(str(number), "3", WORDS, [f"{number:064x}"]) for number in range(1, 48)]
    files = [(f"{number:064x}", f"{number}.pdf", number) for number in range(1, 48)]
    leaves = receipts.leaves(answers, files)
    document = receipts.document(receipts.Title("submission", "submission:2", AT), leaves, EDITION)
    signed = receipts.sign(document, intake.signing("receipts", AT))
    for index, (indicator, value, words, evidence) in enumerate(answers):
        proof = receipts.proof(leaves, index)
        receipts.verify_proof(proof, signed)
        assert proof["leaf"] == {
            "kind": "answer",
            "indicator": indicator,
            "value": value,
            "explanation_sha256": words,
            "evidence": evidence,
        }
