"""The receipts of scores and results hold in the hands of anybody with the public keys and standard Python."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.core.canonical import exact
from shared.events.scoring import ResultPublished
from shared.signing import receipts
from tests.scoring.builders import OnStage, final, introduce, publish, scoring
from tests.support.stage import Stage

CHECKER = Path(__file__).parents[2] / "deploy" / "verify_receipt.py"


@pytest.fixture
def on(stage: OnStage) -> Stage:
    on = scoring(stage)
    introduce(on)
    final(on)
    publish(on)
    return on


def check(on: Stage, folder: Path, **documents: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
    paths = []
    for name, document in documents.items():
        paths.append(folder / f"{name}.json")
        paths[-1].write_text(json.dumps(document))
    command = "inclusion" if "proof" in documents else "receipt"
    keys = on.settings.keys / "keys.json"
    arguments = [sys.executable, "-I", str(CHECKER), command, *map(str, paths), "--keys", str(keys)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def of_result(on: Stage) -> dict[str, Any]:
    receipt: dict[str, Any] = on.as_("ekon").get("/scoring/api/v1/results/s1/receipt").get_json()
    return receipt


def of_score(on: Stage) -> dict[str, Any]:
    found: dict[str, Any] = on.as_("officer").get("/scoring/api/v1/scores/s1.final").get_json()
    return dict(found["receipt"])


@pytest.mark.parametrize("which", [of_result, of_score])
def test_a_receipt_is_accepted_offline(on: Stage, tmp_path: Path, which: Any) -> None:
    said = check(on, tmp_path, receipt=which(on))
    assert (said.returncode, said.stderr) == (0, "")
    assert "GOOD" in said.stdout


@pytest.mark.parametrize("which", [of_result, of_score])
@pytest.mark.parametrize("changed", [{"index": "2.96"}, {"agency": "other"}, {"set_hash": "0" * 64}])
def test_a_changed_receipt_is_refused(
    on: Stage, tmp_path: Path, which: Any, changed: Mapping[str, str]
) -> None:
    said = check(on, tmp_path, receipt={**which(on), **changed})
    assert said.returncode == 1
    assert "NOT VALID" in said.stderr


def test_one_node_of_a_published_result_can_be_proven(on: Stage, tmp_path: Path) -> None:
    (published,) = on.published(ResultPublished)
    leaves = [exact({"kind": "node", "code": event.code, "index": event.index}) for event in published.nodes]
    place = [event.code for event in published.nodes].index("D4")
    said = check(on, tmp_path, receipt=published.receipt, proof=receipts.proof(leaves, place))
    assert (said.returncode, said.stderr) == (0, "")
    assert "3.61" in said.stdout
