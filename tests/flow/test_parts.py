"""What the demo itself is made of: files, signatures, data, a receiver, and how it says what is wrong."""

import hmac
import re
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.demo import agencies, ministry, report, tus
from deploy.demo.ledger import Ledger
from deploy.demo.pdf import pdf
from deploy.demo.plan import Part, load
from deploy.demo.receiver import STUMBLES, Receiver
from deploy.demo.signatures import Keys, find_defect
from deploy.demo.world import Addresses, DemoError, Person, Refused, World, until
from tests.flow.conftest import Played

EXAMPLE_TIME = 1614265330
BODY = b'{"test": 2432232314}'
EXAMPLE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Sender:
    """Somebody who signs webhooks."""

    key: Ed25519PrivateKey
    secret: str = SECRET

    @property
    def keys(self) -> Keys:
        """What its receivers are given."""
        return Keys(self.secret, [f"whpk_{b64encode(self.key.public_key().public_bytes_raw()).decode()}"])

    def headers(
        self, id: str = "msg_p5jXN8AQM9LWM0D4loKWxJek", body: bytes = BODY, at: float | None = None
    ) -> dict[str, str]:
        """The headers of an attempt, by default of this very moment."""
        stamp = str(int(time.time() if at is None else at))
        message = b".".join((id.encode(), stamp.encode(), body))
        signed = {
            "v1": hmac.digest(b64decode(self.secret.removeprefix("whsec_")), message, "sha256"),
            "v1a": self.key.sign(message),
        }
        signatures = " ".join(f"{kind},{b64encode(digest).decode()}" for kind, digest in signed.items())
        return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signatures}


@pytest.fixture
def sender() -> Sender:
    """A sender with a key of its own."""
    return Sender(Ed25519PrivateKey.generate())


def test_the_sender_of_these_tests_signs_as_the_example_of_standard_webhooks(sender: Sender) -> None:
    assert EXAMPLE in sender.headers(at=EXAMPLE_TIME)["webhook-signature"].split()


def test_a_webhook_with_both_signatures_is_taken(sender: Sender) -> None:
    assert find_defect(sender.keys, sender.headers(), BODY) is None


def test_a_webhook_is_taken_by_any_key_of_the_list(sender: Sender) -> None:
    keys = Keys(sender.secret, [*Sender(Ed25519PrivateKey.generate()).keys.public, *sender.keys.public])
    assert find_defect(keys, sender.headers(), BODY) is None


@pytest.mark.parametrize("seconds", [-310, 310])
def test_a_webhook_of_another_time_is_refused(sender: Sender, seconds: int) -> None:
    headers = sender.headers(at=time.time() + seconds)
    assert "timestamp too" in str(find_defect(sender.keys, headers, BODY))


def test_a_webhook_without_its_headers_is_refused(sender: Sender) -> None:
    assert "v1: Missing required headers" in str(find_defect(sender.keys, {}, BODY))


def test_a_changed_body_is_refused(sender: Sender) -> None:
    assert find_defect(sender.keys, sender.headers(), BODY + b" ") == "v1: No matching signature found"


def test_a_webhook_of_another_key_is_refused(sender: Sender) -> None:
    stranger = replace(sender, key=Ed25519PrivateKey.generate())
    assert find_defect(sender.keys, stranger.headers(), BODY) == "v1a: no signature fits a public key"


def test_a_webhook_without_one_kind_of_signature_is_refused(sender: Sender) -> None:
    headers = sender.headers()
    first, second = headers["webhook-signature"].split()
    assert "v1a:" in str(find_defect(sender.keys, headers | {"webhook-signature": first}, BODY))
    assert "v1:" in str(find_defect(sender.keys, headers | {"webhook-signature": second}, BODY))


@pytest.mark.parametrize("signature", ["v1", "v1,=", "v1a,!", "v1,a v1a,b"])
def test_a_signature_that_is_none_is_refused(sender: Sender, signature: str) -> None:
    assert find_defect(sender.keys, sender.headers() | {"webhook-signature": signature}, BODY)


def test_a_receiver_keeps_what_it_refuses_and_what_it_takes(tmp_path: Path, sender: Sender) -> None:
    receiver = Receiver(tmp_path / "received.jsonl", "http://here", patience=0.0)
    receiver.expect("one", sender.keys)
    ids = [f"m{number}" for number in range(STUMBLES + 1)]
    assert [deliver(receiver, sender, id) for id in ids] == [500] * STUMBLES + [204]
    assert deliver(receiver, sender, ids[0]) == 204
    assert deliver(receiver, sender, "m9", to="nobody") == 401
    ledger = Ledger.read(tmp_path / "received.jsonl")
    assert (ledger.answers, ledger.retried) == ({500: STUMBLES, 204: 2, 401: 1}, 1)
    assert ledger.defects == ["m9 to nobody: nobody here expects it"]


def test_a_receiver_answers_a_signed_test_event_and_keeps_none(tmp_path: Path, sender: Sender) -> None:
    receiver = Receiver(tmp_path / "received.jsonl", "http://here", patience=0.0)
    receiver.expect("one", sender.keys)
    body = b'{"type": "subscription.test.v1", "data": {"sequence": 0}}'
    assert receiver.take("one", sender.headers(body=body), body) == 204
    assert not (tmp_path / "received.jsonl").exists()
    assert receiver.take("one", sender.headers(body=b"another"), body) == 401


def deliver(receiver: Receiver, sender: Sender, id: str, to: str = "one") -> int:
    """One webhook of this very moment."""
    return receiver.take(to, sender.headers(id), BODY)


def test_a_made_pdf_has_its_pages_and_its_objects_where_its_table_says() -> None:
    made = pdf([["Satu (1)"], ["Dua"]], scan=5_000_000)
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n\Z", made)[0])
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n ", made[start:])]
    assert all(re.match(rb"\d+ 0 obj", made[place:]) for place in places)
    assert made.count(b"/Type /Page/") == 2
    assert b"(Satu \\(1\\)) Tj" in made
    assert 5_000_000 < len(made) < 5_002_000


@pytest.mark.parametrize("part", load().parts, ids=lambda part: part.agency)
def test_the_stages_of_every_part_lead_from_its_claims_to_the_published_levels(part: Part) -> None:
    assert part.claims.keys() == part.levels.keys()
    values = {code: part.rating("document", code) for code in part.levels}
    marked = set(part.clarified_after("document"))
    assert {code for code in values if values[code] != part.levels[code]} == marked
    for stage in ("interview", "visit"):
        values |= {code: part.rating(stage, code) for code in marked}
        marked = set(part.clarified_after(stage))
    assert values == part.levels


def test_three_editions_and_both_activities_are_played() -> None:
    plan = load()
    assert {part.edition for part in plan.parts} == set(plan.years)
    assert {part.activity for part in plan.parts} == {"monitoring", "evaluation"}


def test_differences_are_said_and_end_with_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.conclude(1.0, []) == 0
    assert report.conclude(1.0, ["kota-a: the index is 2.00, published is 3.00"]) == 1
    assert "kota-a: the index is 2.00" in capsys.readouterr().err


def test_an_upload_that_nobody_takes_is_said_in_a_sentence() -> None:
    nobody = "http://127.0.0.1:9"
    clerk = Person(World(Addresses(*[nobody] * 5)), "token")
    with pytest.raises(
        DemoError, match=r"The upload of bukti\.pdf to http://127\.0\.0\.1:9/intake/\S+ failed: "
    ):
        tus.send(clerk, "2026.kota-a", "bukti.pdf", b"%PDF-1.7")


def test_where_nobody_answers_the_demo_says_so_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[]")
    places = ["--issuer", "http://127.0.0.1:9", "--out", str(tmp_path), "--keys", str(tmp_path / "keys.json")]
    line = [sys.executable, "-m", "deploy.demo", *places]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 1
    assert "The issuer http://127.0.0.1:9 does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_words_too_long_for_an_event_reach_the_assessor_who_holds_the_task(played: Played) -> None:
    run, (first, _) = played.run, played.run.plan.parts
    part = replace(first, cycle=f"{first.cycle}-panjang")
    plan = replace(run.plan, stamp=f"{run.plan.stamp}-panjang", parts=(part,))
    ministry.open_cycles(run.officer, plan)
    written = answer_at_length(run.world.as_(f"entri-{part.agency}"), part)
    sealed = agencies.hand_in(run.world, plan)[part.participation]
    holder, stranger = run.world.as_("a-1"), run.world.as_("a-2")
    path = f"/tasks?cycle={part.cycle}"
    (task,) = until("review opens the task", lambda: holder.get("review", path)["items"])
    holder.post("review", f"/tasks/{task['id']}/claim")
    case = holder.get("review", f"/cases/{sealed.submission}")
    assert (case["words_included"], {answer["facts"] for answer in case["answers"]}) == (False, {None})
    link = holder.get("review", f"/cases/{sealed.submission}/words")
    words = holder.fetch("GET", link["url"], None, {}).json
    assert words["submission"] == sealed.submission
    said = {answer["indicator"]: (answer["facts"], answer["analysis"]) for answer in words["answers"]}
    assert {code: said[code] for code in written} == written
    assert said.keys() - written.keys() <= {"5", "6", "7", "18"}, (
        "only values that indices give have no words"
    )
    assert stranger.fetch("GET", link["url"], None, {}).json["code"] == "link-refused"
    with pytest.raises(Refused, match="404 not-found"):
        stranger.get("review", f"/cases/{sealed.submission}/words")


def answer_at_length(clerk: Person, part: Part) -> dict[str, tuple[str, str]]:
    """Answer what asks for it with words that no event has room for; gives facts and analysis by indicator."""
    files = [file.promise for file in agencies.files_of(part)]
    asked = clerk.get("intake", f"/self-assessments/{part.participation}")["missing"]
    written = {code: (f"Fakta {code}. " * 700, f"Analisis {code}. " * 700) for code in asked}
    for code, (facts, analysis) in written.items():
        words = {"facts": facts, "analysis": analysis}
        answer = {"value": part.claims[code], **words, "evidence": files}
        path = f"/self-assessments/{part.participation}/answers/{code}"
        clerk.ask("PUT", "intake", path, answer, If_Match='"0"')
    return written
