"""Receipts and proofs, checked by the program that anybody can run: deploy/verify_receipt.py."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.agencies import Sealed
from deploy.demo.plan import Part
from deploy.demo.world import World

PROGRAM = Path(__file__).parents[1] / "verify_receipt.py"


@dataclass(frozen=True)
class Verifier:
    """Checks documents, kept in a folder, against a list of public keys."""

    folder: Path
    keys: Path

    def check(
        self, command: str, name: str, documents: Sequence[Any], file: bytes | None = None
    ) -> str | None:
        """Say why a receipt, or a proof under it, does not hold; None when it does."""
        paths = [self._keep(f"{name}-{number}.json", document) for number, document in enumerate(documents)]
        more = []
        if file is not None:
            held = self.folder / f"{name}.pdf"
            held.write_bytes(file)
            more = ["--file", str(held)]
        line = [
            sys.executable,
            "-I",
            str(PROGRAM),
            command,
            *map(str, paths),
            "--keys",
            str(self.keys),
            *more,
        ]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        return None if done.returncode == 0 else f"{name}: {done.stderr.strip() or done.stdout.strip()}"

    def _keep(self, name: str, document: Any) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(document, indent=1))
        return path


def check_submission(world: World, verifier: Verifier, part: Part, sealed: Sealed) -> list[str | None]:
    """Check the receipt of a submission, and that one answer and one file are under it."""
    who, path = world.as_(f"koordinator-{part.agency}"), f"/submissions/{sealed.submission}"
    receipt, file = who.get("intake", f"{path}/receipt"), sealed.files[0]
    answer_proof = who.get("intake", f"{path}/proof?answer={next(iter(part.levels))}")
    file_proof = who.get("intake", f"{path}/proof?file={file.sha256}")
    same = (
        None if receipt == sealed.receipt else f"{part.agency}: the receipt is not the one that the seal gave"
    )
    return [
        same,
        verifier.check("receipt", f"{part.agency}-submission", [receipt]),
        verifier.check("inclusion", f"{part.agency}-answer", [receipt, answer_proof]),
        verifier.check("inclusion", f"{part.agency}-file", [receipt, file_proof], file.content),
    ]


def check_result(verifier: Verifier, part: Part, published: Mapping[str, Any]) -> str | None:
    """Check the receipt that came with a published result."""
    return verifier.check("receipt", f"{part.agency}-result", [published["receipt"]])
