"""`python -m deploy.demo`: play one round against a running system, by default the one of `nilai up`."""

import sys
from pathlib import Path
from typing import Any

import click

from deploy.demo import play, report
from deploy.demo.plan import load
from deploy.demo.play import DemoRun
from deploy.demo.receipts import Verifier
from deploy.demo.receiver import receiving
from deploy.demo.tally import Tally
from deploy.demo.world import Addresses, DemoError, World
from deploy.local.config import HOME, Ports
from deploy.local.programs import GATEWAY, ISSUER, address
from shared.core import reading
from shared.core.errors import AppError
from shared.core.names import SERVICES


class Listening(click.ParamType[tuple[str, int]]):
    """HOST:PORT, port 0 for a free one."""

    name = "HOST:PORT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Read it."""
        host, _, port = str(value).rpartition(":")
        number = reading.whole(port)
        if not host or number is None or number > 65535:
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:0.", param, ctx)
        return host, number


@click.command()
@click.option("--gateway", envvar="NILAI_URL", help="One address for all four services, without a path.")
@click.option("--intake", envvar="NILAI_URL_INTAKE", help="The address of this service alone.")
@click.option("--review", envvar="NILAI_URL_REVIEW", help="The same.")
@click.option("--scoring", envvar="NILAI_URL_SCORING", help="The same.")
@click.option("--notify", envvar="NILAI_URL_NOTIFY", help="The same.")
@click.option("--issuer", help="Where tokens come from (default: the local issuer).")
@click.option("--officer", default="ministry", show_default=True, help="An officer's name there.")
@click.option("--second", default="ministry-2", show_default=True, help="Another officer, who publishes.")
@click.option("--keys", type=click.Path(path_type=Path, dir_okay=False), help="The public keys.json.")
@click.option("--home", default=HOME, type=click.Path(path_type=Path), help="A local instance's folder.")
@click.option("--listen", default="127.0.0.1:0", type=Listening(), help="Where the webhook receiver listens.")
@click.option("--receiver", help="The address under which notify reaches the receiver.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A folder for what came out.")
def main(**options: Any) -> None:
    """Play one assessment round through the system and compare what comes out with what was published.

    Needs two officers: `nilai grant --issuer ISSUER --subject ministry --subject ministry-2 --role ministry`.
    """
    try:
        sys.exit(_run(options))
    except (DemoError, AppError) as error:
        click.echo(f"The round did not come to its end. {error}", err=True)
        sys.exit(1)


def _run(options: dict[str, Any]) -> int:
    home: Path = options["home"]
    keys: Path = options["keys"] or home / "keys/keys.json"
    if not keys.is_file():
        raise DemoError(f"There is no list of public keys in {keys}: say where it is, --keys FILE.")
    plan, tally, world = load(), Tally(), World(_addresses(options, home))
    out = options["out"] or home / "demo"
    folder = out / plan.stamp
    folder.mkdir(parents=True)
    file = folder / "received.jsonl"
    with receiving(file, options["listen"], options["receiver"]) as receiver:
        officer, second = world.as_(options["officer"]), world.as_(options["second"])
        run = DemoRun(world, plan, officer, second, receiver, file, tally)
        with play.subscribed(run):
            play.play(run)
            known, findings = play.verify(run, Verifier(folder, keys))
    report.show(run, known)
    report.draw(run, known, findings, out / "run.svg")
    return report.conclude(tally.seconds, findings)


def _addresses(options: dict[str, Any], home: Path) -> Addresses:
    ports = Ports.recorded(home) or Ports()
    gateway = options["gateway"] or address(ports, GATEWAY)
    places = {name: options[name] or gateway for name in SERVICES}
    return Addresses(**places, issuer=options["issuer"] or address(ports, ISSUER))


if __name__ == "__main__":
    main(prog_name="python -m deploy.demo")
