#!/usr/bin/env python3
"""Check a Nilai receipt offline: one file, Python's standard library only, nothing is installed or sent.

    python3 verify_receipt.py receipt RECEIPT.json --keys keys.json
    python3 verify_receipt.py inclusion RECEIPT.json PROOF.json --keys keys.json [--file FILE]

The first command tells whether the receipt is genuine. The second tells also whether one answer or one file
was part of what the receipt is for; with --file it compares the file that you hold. Take keys.json from the
ministry itself, never from whoever gave you the receipt: the check is worth as much as that list.

Exit status: 0 good, 1 not valid, 2 a file cannot be read or the command is incomplete.

How it works: the receipt without its signature, written as canonical JSON (RFC 8785), was signed with Ed25519
(RFC 8032) by a key of keys.json that was in force at the receipt's time. A key that was stolen is `revoked` there
from a moment on: nothing dated later counts, and what is dated earlier is good with a reservation. The receipt's
root is that of a Merkle tree (RFC 9162, section 2.1) over the canonical JSON of each answer and each file.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SIGNERS = {"submission": "intake", "score": "scoring", "result": "scoring"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class NotValid(Exception):
    """The receipt or the proof does not hold: exit status 1."""


class Unreadable(Exception):
    """A file cannot be read as what it should be: exit status 2."""


# Ed25519 (RFC 8032, section 5.1): points of the curve in extended coordinates (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
IDENTITY = (0, 1, 1, 0)
X, Y = 15112221349535400772501151409588531511454012693041857206046113283949847762202, 4 * pow(5, P - 2, P) % P
BASE = (X, Y, 1, X * Y % P)


def add(one: Point, other: Point) -> Point:
    """Add two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor: int, point: Point) -> Point:
    """Add a point to itself `factor` times."""
    if factor == 0:
        return IDENTITY
    rest = multiply(factor >> 1, add(point, point))
    return add(rest, point) if factor & 1 else rest


def same(one: Point, other: Point) -> bool:
    """Whether two points are one."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 == (one[1] * other[2] - other[1] * one[2]) % P


def decode(encoded: bytes) -> Point | None:
    """Read a point from its one right encoding; None when it is another one, or no point (section 5.1.3)."""
    number = int.from_bytes(encoded, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and odd):
        return None
    x = x if x & 1 == odd else P - x
    return x, y, 1, x * y % P


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message.

    Stricter than the RFC asks, so that no second signature passes for the same message and no odd key signs
    everything: the scalar must be reduced, the key of the prime order, R not of a small order.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r, s = decode(public), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:
        return False
    if same(key, IDENTITY) or not same(multiply(L, key), IDENTITY) or same(multiply(8, r), IDENTITY):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(multiply(s, BASE), add(r, multiply(k, key)))


def canonical(value: Any) -> bytes:
    """Write a value as RFC 8785 says, keys by their UTF-16 units, no blanks; no receipt holds floats."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return b"{" + b",".join(canonical(key) + b":" + canonical(item) for key, item in ordered) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    return json.dumps(value, ensure_ascii=False).encode()


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a field twice."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a field stands in it twice")
    return dict(pairs)


def integer(text: str) -> int:
    """Refuse a number that other programs could read as another one."""
    if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        raise ValueError(f"the number {text[:20]} is not an integer of at most 15 digits")
    return int(text)


def read(path: Path, what: str) -> Any:
    """Read a JSON file in which nothing can be understood in two ways; editors of Windows put a mark in front."""
    try:
        numbers: dict[str, Any] = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), integer)
        raw = path.read_bytes()
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        value = json.loads(text, object_pairs_hook=without_doubles, **numbers)
        canonical(value)
    except OSError as problem:
        raise Unreadable(f"The {what} {path} cannot be read: {problem.strerror}.") from problem
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"The {what} {path} is not a JSON file that can be used: {problem}.") from problem
    return value


def root_of_path(leaf: bytes, index: int, count: int, path: list[bytes]) -> bytes | None:
    """Give the Merkle root to which a path leads from leaf `index` of `count`, if any (RFC 9162, 2.1.3.2)."""
    here, last = index, count - 1
    if not 0 <= here <= last:
        return None
    hashed = hashlib.sha256(b"\x00" + leaf).digest()
    for step in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            hashed = hashlib.sha256(b"\x01" + step + hashed).digest()
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\x01" + hashed + step).digest()
        here, last = here >> 1, last >> 1
    return hashed if last == 0 else None


def check_receipt(receipt: Any, keys: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the key that signed the receipt; raises NotValid, saying why."""
    if not isinstance(receipt, dict) or receipt.get("type") != "nilai.receipt.v1":
        raise NotValid("This is not a Nilai receipt.")
    key = key_in_force(str(receipt.get("kind")), str(receipt.get("at")), receipt.get("kid"), keys)
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    if not signed(from_base64(key["public"]), canonical(unsigned), from_base64(receipt.get("signature"))):
        raise NotValid("The signature does not fit: the receipt was changed, or it was never issued.")
    return key


def key_in_force(kind: str, at: str, kid: Any, keys: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the key of that name, which may vouch for such a document at that time; raises NotValid."""
    key = next((key for key in keys if key["kid"] == kid), None)
    if key is None:
        raise NotValid("The receipt names a key that is not in the list of keys. Is the list up to date?")
    if key["purpose"] != "receipts" or key["service"] != SIGNERS.get(kind):
        raise NotValid(f"The key that it names may not vouch for this kind of document ({shown(kind)}).")
    check_moment(key, at)
    return key


def check_moment(key: dict[str, Any], at: str) -> None:
    """Raise NotValid unless the key was in force, and not revoked, at that time."""
    revoked = key.get("revoked")
    if MOMENT.fullmatch(at) and revoked is not None and at >= revoked:
        raise NotValid(
            f"The key that the receipt names was revoked: from {revoked} on its signatures count no more, since "
            "somebody else may have made them. Ask the ministry for a new receipt."
        )
    if not MOMENT.fullmatch(at) or at < key["from"] or (key["until"] is not None and at >= key["until"]):
        raise NotValid("The key that the receipt names was not in force at the receipt's time.")


def check_inclusion(receipt: dict[str, Any], proof: Any) -> dict[str, Any]:
    """Give the answer or file that the proof shows to be under the receipt's root; raises NotValid."""
    leaf, index, steps = parts_of(proof)
    found = root_of_path(canonical(leaf), index, receipt["count"], steps)
    if found is None or found.hex() != receipt["root"]:
        raise NotValid("The receipt is genuine, but what the proof shows is not part of it.")
    if "explanation" not in proof:
        return leaf
    if hashlib.sha256(canonical(proof["explanation"])).hexdigest() != leaf.get("explanation_sha256"):
        raise NotValid("The receipt is genuine, but the explanation was another one.")
    return {**leaf, "explanation": proof["explanation"]}


def parts_of(proof: Any) -> tuple[dict[str, Any], int, list[bytes]]:
    """Give the leaf, its index and the hashes on its way to the root; raises NotValid."""
    if not isinstance(proof, dict) or proof.get("type") != "nilai.proof.v1":
        raise NotValid("This is not a Nilai proof.")
    leaf, index, path = proof.get("leaf"), proof.get("index"), proof.get("path")
    if not isinstance(leaf, dict) or type(index) is not int or not isinstance(path, list):
        raise NotValid("The proof is not complete.")
    if not all(re.fullmatch("[0-9a-f]{64}", str(step)) for step in path):
        raise NotValid("The proof holds a step that is no hash.")
    return leaf, index, [bytes.fromhex(step) for step in path]


def check_file(leaf: dict[str, Any], path: Path) -> None:
    """Compare a file with what was handed in; raises NotValid."""
    if leaf.get("kind") != "file":
        raise NotValid("The proof is for an answer, not for a file.")
    try:
        digest = hashlib.sha256(path.read_bytes())
    except OSError as problem:
        raise Unreadable(f"The file {path} cannot be read: {problem.strerror}.") from problem
    if digest.hexdigest() != leaf.get("sha256"):
        raise NotValid(f"{path} is not the file that was handed in: its fingerprint is another one.")


def read_keys(path: Path) -> list[dict[str, Any]]:
    """Read the list of public keys."""
    keys: Any = read(path, "list of keys")
    try:
        times = [at for key in keys for at in moments(key)]
        names = [key[name] for key in keys for name in ("kid", "service", "purpose", "public")]
    except (KeyError, TypeError):
        times = names = [None]
    if not all(isinstance(text, str) for text in names + times) or not all(map(MOMENT.fullmatch, times)):
        raise Unreadable(f"{path} is not a list of keys.")
    return list(keys)


def moments(key: dict[str, Any]) -> list[Any]:
    """From when until when a key counts, and from when on it is revoked, as far as that is said."""
    said = (key["until"], key.get("revoked"))
    return [key["from"], *(at for at in said if at is not None)]


def from_base64(text: Any) -> bytes:
    """Read base64 in its one right spelling; what is none gives no bytes, which no check accepts."""
    try:
        raw = base64.b64decode(str(text), validate=True)
        return raw if base64.b64encode(raw).decode() == text else b""
    except ValueError:
        return b""


def shown(value: Any) -> str:
    """Write a value so that nothing in it can play tricks with the screen."""
    text = value if isinstance(value, str) else canonical(value).decode()
    return "".join(character if character.isprintable() else "?" for character in text)


def report(receipt: dict[str, Any], key: dict[str, Any]) -> None:
    """Say what a genuine receipt is for, and everything else that was signed."""
    utc = datetime.fromisoformat(receipt["at"].rstrip("Z"))
    if key.get("revoked") is None:
        print("GOOD. The receipt is genuine and unchanged.")
    else:
        print(
            f"GOOD, WITH A RESERVATION. Its key was revoked from {key['revoked']} on: somebody else may have it, and"
        )
        print(
            "can write an earlier time into a receipt. Where it matters, ask the ministry whether it issued it."
        )
    print(f"  for      {shown(receipt['kind'])} {shown(receipt.get('subject'))}")
    print(f"  at       {utc:%Y-%m-%d %H:%M:%S} UTC, {utc + timedelta(hours=7):%Y-%m-%d %H:%M:%S} WIB")
    print(f"  covers   {shown(receipt.get('count'))} entries, fingerprint {shown(receipt.get('root'))}")
    print(f"  signed   with the key {shown(key['kid'])} of the service {shown(key['service'])}")
    for decision in receipt.get("decided", ()):
        print(f"  {shown(decision['what'])} by {shown(decision['by'])} at {shown(decision['at'])}")
    said = {"type", "kind", "subject", "at", "count", "root", "kid", "signature", "decided"}
    print(*(f"  {shown(n):<20}{shown(v)}\n" for n, v in receipt.items() if n not in said), sep="", end="")


def run(options: argparse.Namespace) -> None:
    """Check what was asked for and say what was found."""
    keys, receipt = read_keys(options.keys), read(options.receipt, "receipt")
    key = check_receipt(receipt, keys)
    leaf = check_inclusion(receipt, read(options.proof, "proof")) if options.proof else {}
    if options.file:
        check_file(leaf, options.file)
    report(receipt, key)
    if leaf:
        print(f"GOOD. This {shown(leaf.get('kind'))} is part of what the receipt is for:")
        print(*(f"  {shown(name):<20}{shown(value)}" for name, value in leaf.items()), sep="\n")
    if options.file:
        print(f"GOOD. {options.file} is that very file, byte for byte.")


def parser() -> argparse.ArgumentParser:
    """Describe the command."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(required=True)
    receipt = commands.add_parser("receipt", help="is this receipt genuine?")
    inclusion = commands.add_parser("inclusion", help="was this answer or file part of it?")
    for command in (receipt, inclusion):
        command.add_argument("receipt", type=Path, help="the receipt")
        command.add_argument("--keys", type=Path, required=True, help="the ministry's list of public keys")
    receipt.set_defaults(proof=None, file=None)
    inclusion.add_argument("proof", type=Path, help="the proof of one answer or one file")
    inclusion.add_argument("--file", type=Path, help="the file itself, to be compared")
    return top


def main() -> int:
    """Run the command; gives its exit status."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a TextIOWrapper
    try:
        run(parser().parse_args())
    except NotValid as outcome:
        print(f"NOT VALID. {outcome}", file=sys.stderr)
        return 1
    except Unreadable as outcome:
        print(f"UNREADABLE. {outcome}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
