"""flask commands that belong to no package."""

import click
from flask import Blueprint

from .jobs import run_worker

cli = Blueprint("house_commands", __name__, cli_group=None)


@cli.cli.command("worker")
@click.option("--once", is_flag=True, help="S'arrêter quand la file est vide.")
def worker_command(once: bool) -> None:
    """Faire les travaux de la file jusqu'à l'arrêt."""
    run_worker(wait=not once)
