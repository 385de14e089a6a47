"""The checker that third parties run: its Ed25519 against RFC 8032 and hostile input, its words and exit codes."""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from deploy import verify_receipt
from shared.core.canonical import exact
from shared.signing import receipts
from shared.signing.cli import init, rotate
from shared.signing.keys import KeyRing

SCRIPT = Path(verify_receipt.__file__)

# RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = {
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}

# The cases of Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs" (2020), on which libraries differ:
# keys and R of small or mixed order, unreduced scalars, encodings that are not the right one. Message, key, signature.
TAMING = [
    (
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
        "0000000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
        "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
    ),
    (
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
        "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
    ),
    (
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
        "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
    ),
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
        "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
    ),
    (
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
        "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
    ),
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
        "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
    ),
    (
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
        "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
    ),
    (
        "fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
        "454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607",
    ),
    (
        "84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
        "084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09",
    ),
]

# Points of order 1, 2, 4, 4, 8, 8, 8, 8, and other encodings of some of them.
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def vector(name: str) -> tuple[bytes, bytes, bytes]:
    public, message, signature = map(bytes.fromhex, RFC_8032[name])
    return public, message, signature


@pytest.mark.parametrize("name", RFC_8032)
def test_the_signatures_of_rfc_8032_hold(name: str) -> None:
    assert verify_receipt.signed(*vector(name))


def test_no_altered_byte_of_key_message_or_signature_holds() -> None:
    public, message, signature = vector("TEST 3")
    together = public + message + signature
    for place in range(len(together)):
        altered = bytearray(together)
        altered[place] ^= 1 << place % 8
        assert not verify_receipt.signed(bytes(altered[:32]), bytes(altered[32:34]), bytes(altered[34:]))


@pytest.mark.parametrize("name", RFC_8032)
def test_a_signature_has_no_second_form(name: str) -> None:
    public, message, signature = vector(name)
    scalar = int.from_bytes(signature[32:], "little")
    for turns in range(1, (2**256 - scalar) // verify_receipt.L + 1):
        again = (scalar + turns * verify_receipt.L).to_bytes(32, "little")
        assert not verify_receipt.signed(public, message, signature[:32] + again)


@pytest.mark.parametrize("case", range(len(TAMING)))
def test_what_libraries_disagree_on_is_refused(case: int) -> None:
    message, public, signature = map(bytes.fromhex, TAMING[case])
    assert not verify_receipt.signed(public, message, signature)


@pytest.mark.parametrize("public", SMALL)
def test_a_key_of_small_order_signs_nothing(public: str) -> None:
    for r in SMALL:
        assert not verify_receipt.signed(bytes.fromhex(public), b"any", bytes.fromhex(r) + bytes(32))


@pytest.mark.parametrize("public", [b"", b"x", bytes(31), bytes(33), b"\xff" * 32, b"\x02" + bytes(31)])
def test_what_is_no_key_signs_nothing(public: bytes) -> None:
    assert not verify_receipt.signed(public, b"", vector("TEST 1")[2])


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_what_is_no_signature_does_not_hold(signature: bytes) -> None:
    assert not verify_receipt.signed(vector("TEST 1")[0], b"", signature)


@given(st.binary(min_size=32, max_size=32), st.binary(), st.binary(min_size=64, max_size=64))
def test_it_says_of_real_and_random_signatures_what_the_library_says(
    seed: bytes, message: bytes, noise: bytes
) -> None:
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    public = secret.public_key().public_bytes_raw()
    signature = secret.sign(message)
    assert verify_receipt.signed(public, message, signature)
    assert not verify_receipt.signed(public, message + b"x", signature)
    assert not verify_receipt.signed(public, message, noise)


EXACT = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(EXACT)
def test_it_writes_canonical_json_as_the_issuer_does(value: Any) -> None:
    assert verify_receipt.canonical(value) == exact(value)


def test_it_knows_the_same_kinds_and_signers_as_the_issuer() -> None:
    assert verify_receipt.SIGNERS == receipts.SIGNERS


AT = datetime(2026, 3, 31, 16, 59, 59, 999_000, UTC)
CONTENT = b"%PDF-1.7 SK \xc3\xa9"
EXPLANATION = {"facts": "Sudah ada peraturan é", "analysis": "Tingkat 3"}


class Desk:
    """What a third party holds: a receipt, the public keys, a proof of one answer and of one file, the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "issuer").mkdir()
        init(folder / "issuer", split=False, start=AT - timedelta(days=1))
        digest = sha256(CONTENT).hexdigest()
        words = receipts.explanation_hash(EXPLANATION)
        leaves = receipts.leaves([("1", "3", words, [digest])], [(digest, "SK \x1b[31mé.pdf", len(CONTENT))])
        edition = receipts.Edition("spbe-59-2020", "ab" * 32, "guide-3-2024")
        self.document = receipts.document(
            receipts.Title("submission", "submission:1", AT), leaves, edition, agency="é"
        )
        self.put("receipt.json", self.signed("intake"))
        self.put("answer.json", receipts.proof(leaves, 0, explanation=EXPLANATION))
        self.put("file.json", receipts.proof(leaves, 1))
        (folder / "SK.pdf").write_bytes(CONTENT)
        self.publish()

    def signed(self, service: str) -> dict[str, Any]:
        return receipts.sign(
            self.document, KeyRing.load(self.folder / "issuer", service).signing("receipts", AT)
        )

    def publish(self) -> None:
        (self.folder / "keys.json").write_bytes((self.folder / "issuer" / "keys.json").read_bytes())

    def get(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def put(self, name: str, content: Any) -> None:
        (self.folder / name).write_text(json.dumps(content))

    def run(self, *words: str) -> tuple[int, str, str]:
        command = [sys.executable, "-I", "-S", str(SCRIPT), *words]
        done = subprocess.run(command, cwd=self.folder, env={}, capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def check(self) -> tuple[int, str, str]:
        return self.run("receipt", "receipt.json", "--keys", "keys.json")

    def include(self, proof: str, *more: str) -> tuple[int, str, str]:
        return self.run("inclusion", "receipt.json", proof, "--keys", "keys.json", *more)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_genuine_receipt_is_good_and_told_in_plain_words(desk: Desk) -> None:
    code, output, errors = desk.check()
    assert (code, errors) == (0, "")
    assert output.startswith("GOOD. The receipt is genuine and unchanged.\n")
    assert "submission submission:1" in output
    assert "2026-03-31 16:59:59 UTC, 2026-03-31 23:59:59 WIB" in output


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["receipt.json", "keys.json", "answer.json"])
def test_a_file_that_an_editor_of_windows_saved_is_read(desk: Desk, name: str, encoding: str) -> None:
    file = desk.folder / name
    file.write_bytes(file.read_text("utf-8").encode(encoding))
    assert desk.include("answer.json")[0] == 0


def test_everything_that_was_signed_is_said_and_plays_no_tricks(desk: Desk) -> None:
    desk.document |= {"participation": "2026.é", "version": 1, "note": "a\nGOOD. \x1b[31m\u202eb"}
    desk.put("receipt.json", desk.signed("intake"))
    code, output, _ = desk.check()
    assert code == 0
    assert [line.split(maxsplit=1) for line in output.splitlines()[-4:]] == [
        ["agency", "é"],
        ["participation", "2026.é"],
        ["version", "1"],
        ["note", "a?GOOD. ?[31m?b"],
    ]


def test_who_decided_on_a_result_is_said(desk: Desk) -> None:
    decided = [
        {"what": what, "by": by, "at": "2026-03-31T16:59:59.000Z"}
        for what, by in (("approved", "p-1"), ("published", "p-2\x1b"))
    ]
    desk.document |= {"kind": "result", "subject": "result:1", "decided": decided}
    desk.put("receipt.json", desk.signed("scoring"))
    code, output, errors = desk.check()
    assert (code, errors) == (0, "")
    assert "  approved by p-1 at 2026-03-31T16:59:59.000Z\n" in output
    assert "  published by p-2? at 2026-03-31T16:59:59.000Z\n" in output


def respelt(signature: str) -> str:
    """The same bytes in base64 whose last, unused bits are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    spelt = signature[:85] + alphabet[alphabet.index(signature[85]) + 1] + "=="
    assert b64decode(spelt, validate=True) == b64decode(signature)
    return spelt


def test_an_answer_is_shown_with_its_words(desk: Desk) -> None:
    code, output, errors = desk.include("answer.json")
    assert (code, errors) == (0, "")
    assert "GOOD. This answer is part of what the receipt is for:" in output
    assert "Sudah ada peraturan" in output


def test_a_file_is_compared_byte_for_byte_and_its_name_plays_no_tricks(desk: Desk) -> None:
    code, output, errors = desk.include("file.json", "--file", "SK.pdf")
    assert (code, errors) == (0, "")
    assert "GOOD. SK.pdf is that very file" in output
    assert "\x1b" not in output


def test_another_file_is_not_valid(desk: Desk) -> None:
    (desk.folder / "SK.pdf").write_bytes(CONTENT + b"\n")
    code, output, errors = desk.include("file.json", "--file", "SK.pdf")
    assert (code, output) == (1, "")
    assert errors.startswith("NOT VALID. SK.pdf is not the file that was handed in")


def test_an_answers_proof_says_nothing_of_a_file(desk: Desk) -> None:
    code, _, errors = desk.include("answer.json", "--file", "SK.pdf")
    assert code == 1
    assert "for an answer, not for a file" in errors


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "one field": (lambda receipt: receipt | {"agency": "e"}, "signature does not fit"),
    "one field more": (lambda receipt: receipt | {"late": False}, "signature does not fit"),
    "the signature": (lambda receipt: receipt | {"signature": "A" * 86 + "=="}, "signature does not fit"),
    "another spelling of the signature": (
        lambda receipt: receipt | {"signature": respelt(receipt["signature"])},
        "signature does not fit",
    ),
    "no base64": (lambda receipt: receipt | {"signature": "é!"}, "signature does not fit"),
    "no signature": (
        lambda receipt: {n: v for n, v in receipt.items() if n != "signature"},
        "signature does not fit",
    ),
    "the key": (lambda receipt: receipt | {"kid": "nobody"}, "not in the list of keys"),
    "the kind": (lambda receipt: receipt | {"kind": "result"}, "may not vouch"),
    "a kind with tricks": (lambda receipt: receipt | {"kind": "\x1b[1m"}, "may not vouch"),
    "a time before the key": (lambda receipt: receipt | {"at": "2026-03-30T16:59:59.998Z"}, "not in force"),
    "no time": (lambda receipt: receipt | {"at": None}, "not in force"),
    "the type": (lambda receipt: receipt | {"type": "nilai.receipt.v2"}, "not a Nilai receipt"),
    "a list": (lambda receipt: [receipt], "not a Nilai receipt"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_a_changed_receipt_is_not_valid(desk: Desk, change: Callable[[Any], Any], words: str) -> None:
    desk.put("receipt.json", change(desk.get("receipt.json")))
    code, output, errors = desk.check()
    assert (code, output) == (1, "")
    assert errors.startswith("NOT VALID. ")
    assert words in errors
    assert "Traceback" not in errors
    assert "\x1b" not in errors


def test_a_key_that_had_ended_at_the_receipts_time_does_not_vouch(desk: Desk) -> None:
    rotate(desk.folder / "issuer", "intake", AT, timedelta())
    desk.publish()
    code, _, errors = desk.check()
    assert code == 1
    assert "not in force at the receipt's time" in errors


def test_a_key_that_ended_later_goes_on_vouching(desk: Desk) -> None:
    rotate(desk.folder / "issuer", "intake", AT + timedelta(milliseconds=1), timedelta())
    desk.publish()
    assert desk.check()[0] == 0


@pytest.mark.parametrize(("service", "purpose"), [("scoring", "receipts"), ("intake", "links")])
def test_a_key_of_another_service_or_purpose_does_not_vouch(desk: Desk, service: str, purpose: str) -> None:
    listed = desk.get("keys.json")
    desk.put("keys.json", [key | {"service": service, "purpose": purpose} for key in listed])
    code, _, errors = desk.check()
    assert code == 1
    assert "may not vouch" in errors


PROOFS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another value": lambda proof: proof | {"leaf": proof["leaf"] | {"value": "4"}},
    "another place": lambda proof: proof | {"index": 1},
    "a place outside": lambda proof: proof | {"index": 2},
    "a place before": lambda proof: proof | {"index": -1},
    "no number": lambda proof: proof | {"index": "0"},
    "true": lambda proof: proof | {"index": False},
    "a step less": lambda proof: proof | {"path": []},
    "a step more": lambda proof: proof | {"path": [*proof["path"], "00" * 32]},
    "a short step": lambda proof: proof | {"path": ["00"]},
    "a step that is no text": lambda proof: proof | {"path": [7]},
    "no path": lambda proof: proof | {"path": None},
    "no leaf": lambda proof: proof | {"leaf": "answer"},
    "other words": lambda proof: proof | {"explanation": "Tingkat 4"},
    "another type": lambda proof: proof | {"type": "x"},
    "a list": lambda proof: [proof],
}


@pytest.mark.parametrize("change", PROOFS.values(), ids=PROOFS)
def test_a_changed_proof_is_not_valid(desk: Desk, change: Callable[[Any], Any]) -> None:
    desk.put("answer.json", change(desk.get("answer.json")))
    code, output, errors = desk.include("answer.json")
    assert (code, output) == (1, "")
    assert errors.startswith("NOT VALID. ")
    assert "Traceback" not in errors


def test_a_proof_under_a_false_receipt_is_not_valid(desk: Desk) -> None:
    desk.put("receipt.json", desk.get("receipt.json") | {"agency": "e"})
    assert desk.include("answer.json")[0] == 1


GARBAGE = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"type":"\xff"}',
    "half a character": b'{"type":"\\ud800"}',
    "half a name": b'{"\\ud800":1,"a":2}',
    "a field twice": b'{"type":"nilai.receipt.v1","type":"nilai.receipt.v1"}',
    "a float": b'{"count":1.0}',
    "NaN": b'{"count":NaN}',
    "a huge number": b'{"count":' + b"9" * 10_000 + b"}",
    "depth": b"[" * 100_000,
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("name", ["receipt.json", "keys.json", "answer.json"])
def test_garbage_is_unreadable(desk: Desk, name: str, content: bytes) -> None:
    (desk.folder / name).write_bytes(content)
    code, output, errors = desk.include("answer.json")
    assert (code, output) == (2, "")
    assert errors.startswith("UNREADABLE. ")
    assert name in errors
    assert "Traceback" not in errors


KEYS: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "a number": lambda _: 7,
    "an object": lambda keys: {"keys": keys},
    "no objects": lambda _: ["key"],
    "a field missing": lambda keys: [{name: key[name] for name in key if name != "until"} for key in keys],
    "no time": lambda keys: [key | {"from": None} for key in keys],
    "another way to write time": lambda keys: [key | {"from": "2026-03-30"} for key in keys],
    "no public key": lambda keys: [key | {"public": None} for key in keys],
}


@pytest.mark.parametrize("change", KEYS.values(), ids=KEYS)
def test_a_list_of_keys_that_is_none_is_unreadable(desk: Desk, change: Callable[[Any], Any]) -> None:
    desk.put("keys.json", change(desk.get("keys.json")))
    code, _, errors = desk.check()
    assert code == 2
    assert "is not a list of keys" in errors


@pytest.mark.parametrize("name", ["receipt.json", "keys.json", "file.json", "SK.pdf"])
def test_a_file_that_is_not_there_is_unreadable(desk: Desk, name: str) -> None:
    (desk.folder / name).unlink()
    code, output, errors = desk.include("file.json", "--file", "SK.pdf")
    assert (code, output) == (2, "")
    assert name in errors
    assert "No such file" in errors


def test_help_tells_how_to_use_it_and_what_it_is_worth(desk: Desk) -> None:
    code, output, _ = desk.run("--help")
    assert code == 0
    assert "--keys keys.json" in output
    assert "Exit status: 0 good, 1 not valid, 2" in output


@pytest.mark.parametrize("words", [(), ("receipt",), ("receipt", "receipt.json")])
def test_an_incomplete_command_is_explained(desk: Desk, words: tuple[str, ...]) -> None:
    code, _, errors = desk.run(*words)
    assert code == 2
    assert errors.startswith("usage: ")
