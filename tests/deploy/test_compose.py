"""What docker-compose.yml and the images promise: every program, few rights, no secret where it can be read."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose import passwords
from deploy.local.config import CHECKOUT, preparer
from shared.core.names import SERVICES
from shared.core.settings import load

FILE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
CONTAINERS: Mapping[str, Any] = FILE["services"]
DOCKERFILE = (CHECKOUT / "deploy/Dockerfile").read_text()
ONLY_TO_TRY = {"issuer", "officer"}
PREPARES = {f"{one}-prepare" for one in SERVICES}
ONE_SHOTS = {"mongo-users", "rabbitmq-users", "keys", "officer", *PREPARES}
SERVERS = {"mongo", "rabbitmq"}
NAME = re.compile(r"`([A-Z][A-Z_]+)`")
NAMES = pytest.mark.parametrize("name", CONTAINERS)


def variables(text: str) -> dict[str, str]:
    """What a .env file sets."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def stages(dockerfile: str) -> Iterator[tuple[str, list[str]]]:
    """The stages of a Dockerfile: name, and what each copies from the checkout."""
    for part in re.split(r"^FROM ", dockerfile, flags=re.MULTILINE)[1:]:
        copies = re.findall(r"^COPY (?!--from)(.+) \S+$", part, flags=re.MULTILINE)
        yield part.splitlines()[0].split(" AS ")[1], " ".join(copies).split()


def networks(name: str) -> set[str]:
    """The networks that a container is in, itself or by another's."""
    mode = CONTAINERS[name].get("network_mode", "")
    if mode.startswith("service:"):
        return networks(mode.removeprefix("service:"))
    return set() if mode == "none" else set(CONTAINERS[name]["networks"])


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["web", "worker", "prepare"])
def test_every_service_has_each_of_its_programs_from_its_own_image(service: str, kind: str) -> None:
    container = CONTAINERS[f"{service}-{kind}"]
    assert container["command"] == ["python", "-m", f"services.{service}", kind]
    assert container["build"]["args"] == {"SERVICE": service}
    assert container["build"]["target"] == "service"
    assert container["image"].startswith(f"nilai-{service}:")
    assert container["volumes"] == [f"{service}-keys:/keys:ro"]


def test_there_is_nothing_else() -> None:
    programs = {f"{service}-{kind}" for service in SERVICES for kind in ("web", "worker", "prepare")}
    others = {"gateway", "mongo-users", "rabbitmq-users", "keys"}
    assert set(CONTAINERS) == programs | others | SERVERS | ONLY_TO_TRY


def test_only_what_tries_out_stands_in_a_profile() -> None:
    assert {name: one["profiles"] for name, one in CONTAINERS.items() if "profiles" in one} == {
        name: ["try"] for name in ONLY_TO_TRY
    }


@NAMES
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert "cap_add" not in container
    assert "privileged" not in container
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["read_only"] is True
    assert container["user"] not in ("", "root", "0", "0:0")
    assert container["mem_limit"]
    assert container["pids_limit"]


@NAMES
def test_a_container_keeps_a_bounded_log_and_no_name_of_its_own(name: str) -> None:
    assert CONTAINERS[name]["logging"]["options"].keys() == {"max-size", "max-file"}
    assert "container_name" not in CONTAINERS[name]


@NAMES
def test_an_image_has_a_version(name: str) -> None:
    version = CONTAINERS[name]["image"].partition(":")[2]
    assert version
    assert "latest" not in version


def test_our_images_bear_the_version_of_the_project() -> None:
    project = re.search(r'^version = "(.+)"', (CHECKOUT / "pyproject.toml").read_text(), re.MULTILINE)
    assert project
    ours = {one["image"].partition(":")[2] for one in CONTAINERS.values() if "build" in one}
    assert ours == {f"${{NILAI_VERSION:-{project[1]}}}"}


@NAMES
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in CONTAINERS[name].get("ports", []))


def test_only_the_gateway_and_the_local_issuer_have_ports() -> None:
    assert {name for name, one in CONTAINERS.items() if one.get("ports")} == {"gateway", "issuer"}


def test_the_gateway_cannot_reach_the_database_or_the_broker() -> None:
    assert all(networks(name) == {"data"} for name in SERVERS)
    assert networks("gateway") == {"front"}
    assert FILE["networks"]["data"] == {"internal": True}


def test_only_those_who_must_can_reach_outside() -> None:
    outside = {name for name in CONTAINERS if networks(name) - {"data"}}
    assert outside == {"gateway", "issuer", "notify-worker", *(f"{one}-web" for one in SERVICES)}


@NAMES
def test_no_secret_stands_in_the_environment(name: str) -> None:
    told = " ".join(
        [
            *(f"{key}={value}" for key, value in CONTAINERS[name].get("environment", {}).items()),
            *CONTAINERS[name].get("command", []),
            *CONTAINERS[name].get("entrypoint", []),
        ]
    )
    assert not re.search(r"://[^/\s]*@", told)
    assert not re.search(r"(?i)(password|_pass|secret)\w*=(?!/run/secrets/|\$\{\w+_FILE:-\})", told)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_no_password_but_its_own(service: str) -> None:
    mongo, amqp = (passwords.file_name(service, server) for server in ("mongo", "amqp"))
    admins = {"admin-amqp", passwords.file_name(preparer(service), "mongo")}
    web = {mongo, passwords.OIDC} if service == "intake" else {mongo}
    wanted = {"web": web, "worker": {mongo, amqp}, "prepare": {mongo, amqp, *admins}}
    for kind, sources in wanted.items():
        assert {one["source"] for one in CONTAINERS[f"{service}-{kind}"]["secrets"]} == sources


@NAMES
def test_every_secret_that_a_container_is_told_of_is_there(name: str) -> None:
    told = {
        "/run/secrets/oidc" if value == "${OIDC_CLIENT_SECRET_FILE:-}" else value
        for key, value in CONTAINERS[name].get("environment", {}).items()
        if key.endswith("_FILE")
    }
    given = {
        f"/run/secrets/{one['target']}" for one in CONTAINERS[name].get("secrets", []) if "target" in one
    }
    assert told == given


def test_every_secret_is_a_file_that_make_secrets_makes(tmp_path: Path) -> None:
    made = passwords.make(tmp_path / "secrets")
    assert FILE["secrets"] == {name: {"file": f"./deploy/secrets/{name}"} for name in made}
    assert "deploy/secrets/" in (CHECKOUT / ".gitignore").read_text().splitlines()


@NAMES
def test_what_stays_is_watched_and_started_again(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped")
    assert ("healthcheck" in container) == (name not in ONE_SHOTS)


@NAMES
def test_a_container_waits_for_what_can_come_to_pass(name: str) -> None:
    for other, how in CONTAINERS[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONE_SHOTS else "service_healthy"
        if other in SERVERS and name not in PREPARES:
            expected = "service_started"
        assert how["condition"] == expected
        assert name in ONLY_TO_TRY or other not in ONLY_TO_TRY


@pytest.mark.parametrize("service", SERVICES)
def test_the_servers_stop_after_those_who_use_them(service: str) -> None:
    web, worker = (CONTAINERS[f"{service}-{kind}"]["depends_on"] for kind in ("web", "worker"))
    assert set(web) == {"mongo", f"{service}-prepare"}
    assert set(worker) == {*SERVERS, f"{service}-prepare"}


def test_every_setting_of_the_runbook_reaches_a_container() -> None:
    rows = re.findall(
        r"^\| (`.+?) \| (.+?) \|", (CHECKOUT / "deploy/runbook.md").read_text(), flags=re.MULTILINE
    )
    wanted = {
        name
        for names, meaning in rows
        if "embedded default only" not in meaning
        for name in NAME.findall(names)
    }
    assert {"OIDC_ISSUER", "CLAMD_ADDRESS"} < wanted
    told = (CHECKOUT / "docker-compose.yml").read_text()
    assert {name for name in wanted if f"${{{name}:" not in told} == set()


def test_an_upgrade_restarts_what_reads_the_checkout_when_it_starts() -> None:
    upgrade = (
        (CHECKOUT / "deploy/runbook.md").read_text().partition("\n## Upgrade\n")[2].partition("\n## ")[0]
    )
    reads = {
        name
        for name, one in CONTAINERS.items()
        if any(volume.startswith("./") for volume in one.get("volumes", []))
    }
    assert set(re.findall(r"`[^`]*docker compose restart (\S+)`", upgrade)) == reads


def test_nothing_starts_without_an_identity_provider() -> None:
    told = {
        name: one["environment"]["OIDC_ISSUER"]
        for name, one in CONTAINERS.items()
        if "environment" in one and name != "gateway"
    }
    assert {name for name, value in told.items() if not value.startswith("${OIDC_ISSUER:?")} == {"issuer"}


def test_production_is_what_runs_unless_said_otherwise() -> None:
    told = [
        one["environment"] for name, one in CONTAINERS.items() if "environment" in one and name != "gateway"
    ]
    modes = {environment["NILAI_MODE"] for environment in told}
    assert modes == {"${NILAI_MODE:-production}"}


def test_trying_out_names_one_issuer_inside_and_outside() -> None:
    told = variables((CHECKOUT / "deploy/compose/try.env").read_text())
    assert told["COMPOSE_PROFILES"] == "try"
    assert told["NILAI_MODE"] == "try"
    assert told["OIDC_ISSUER"] == "http://127.0.0.1:8100"
    assert told["OIDC_JWKS_URL"] == f"http://issuer:{CONTAINERS['issuer']['environment']['PORT']}/jwks.json"


def test_the_gateway_knows_every_service_and_its_limit_of_a_body() -> None:
    gateway = (CHECKOUT / "deploy/gateway/nginx.conf.template").read_text()
    assert f"^/(?<service>{'|'.join(SERVICES)})/" in gateway
    told = {"MONGO_URI": "mongodb://127.0.0.1", "NILAI_KEYS": "/keys", "OIDC_ISSUER": "https://i"}
    assert f"client_max_body_size {load('intake', told).body_limit // 2**20}m;" in gateway


def test_an_image_holds_what_is_shared_and_one_service() -> None:
    copied = dict(stages(DOCKERFILE))
    assert copied == {
        "libraries": ["requirements.txt"],
        "pages": [
            "deploy/local/node.txt",
            "package.json",
            "package-lock.json",
            "deploy/__init__.py",
            "deploy/local/",
            "shared/",
            "services/",
            "docs/pictures/",
        ],
        "base": ["shared/"],
        "operations": ["deploy/__init__.py", "deploy/cli.py", "deploy/local/", "deploy/compose/"],
        "service": ["docs/", "services/__init__.py", "services/${SERVICE}/"],
    }


def test_libraries_are_installed_by_their_hashes_from_no_named_place() -> None:
    assert "--no-deps --require-hashes" in DOCKERFILE
    assert "://" not in DOCKERFILE
    assert "index-url" not in DOCKERFILE


def test_what_is_fetched_stays_when_code_changes() -> None:
    for part in re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]:
        before, fetches, _ = part.partition("pip install")
        copied = re.findall(r"^COPY (?!--from)(.+) \S+$", before, flags=re.MULTILINE) if fetches else []
        assert all(one.endswith(".txt") for one in copied)


def test_nothing_gets_near_an_image_unless_it_is_named() -> None:
    lines = (CHECKOUT / ".dockerignore").read_text().splitlines()
    told = [line for line in lines if not line.startswith("#")]
    assert told[0] == "*"
    wanted = {one.rstrip("/") for _, copied in stages(DOCKERFILE) for one in copied}
    named = {line[1:] for line in told if line.startswith("!")}
    whole = {one for one in wanted if not wanted.intersection(map(str, Path(one).parents))}
    assert {one.split("/")[0] if one.startswith("services") else one for one in whole} == named


def test_drawn_pages_are_kept_where_no_backup_finds_them() -> None:
    """What can be drawn again stays in memory: whoever keeps volumes keeps none of it."""
    web = CONTAINERS["intake-web"]
    folder = Path(web["environment"]["PAGE_CACHE"])
    assert folder.parent in {Path(place.partition(":")[0]) for place in web["tmpfs"]}
    assert not any("page" in name for name in FILE["volumes"])
