"""``demo load``."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from assessment.demonstration import loading
from assessment.demonstration.loading import DEMONSTRATION, Loaded, Wanted
from assessment.demonstration.writing import PARTS
from assessment.errors import Refused
from assessment.web import clock, database, library

MOST_PAIRS = 40_000
MOST_CYCLES = 30
DEFAULT = DEMONSTRATION

demo_group = AppGroup("demo", help="The demonstration: synthetic answers.")


@demo_group.command("load")
@click.option("--pairs", type=click.IntRange(1, MOST_PAIRS), default=DEFAULT.pairs, show_default=True)
@click.option("--cycles", type=click.IntRange(1, MOST_CYCLES), default=DEFAULT.cycles, show_default=True)
@click.option("--respondents", type=click.IntRange(0), help="Of each product survey.")
@click.option(
    "--seed", type=int, default=DEFAULT.seed, show_default=True, help="Same seed and day, same data."
)
def demo_load(pairs: int, cycles: int, respondents: int | None, seed: int) -> None:
    """Fill a database that has no answers with a synthetic network: centers, people, cycles, answers.

    The last cycle is open, the others closed; dates are counted from today. Pairs beyond those of the
    directory are made up. Two yearly product surveys of six fusion centers come with it, the second one
    open. Refused where real cycles are.

    Example: flask demo load --pairs 400 --cycles 4
    """
    try:
        loaded = _load(Wanted(pairs, cycles, seed, respondents))
    except Refused as refused:
        raise click.ClickException(refused.message) from refused
    except KeyboardInterrupt:
        with database().reading() as session:
            raise click.ClickException(f"Interrupted. {loading.left_behind(session)}") from None
    click.echo(loaded.sentence)
    click.echo("The accounts of the demonstration may sign in where TANDEM_DEMO=1 is set.")


def _load(wanted: Wanted) -> Loaded:
    length = wanted.cycles * PARTS
    with click.progressbar(
        length=length, label="Loading", file=sys.stderr, update_min_steps=PARTS // 50
    ) as bar:
        return loading.load(database(), library(), clock(), wanted, bar.update)
