"""flask leads import FILE."""

from pathlib import Path

import click
from flask import Blueprint
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError

from app.database import unit_of_work
from app.jobs import application
from app.tenants.resolve import find_programme
from app.translation import ngettext

from .importing import ImportReport, import_leads
from .tables import UnreadableFile
from .words import WAITING_REASONS

cli = Blueprint("leads_commands", __name__, cli_group="leads")


@cli.cli.command("import")
@click.argument("path", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(path: Path) -> None:
    """Importer un fichier de demandes (CSV ou Excel) dans l'espace du programme."""
    with unit_of_work(application(), None):
        programme = find_programme()
    if programme is None:
        raise click.ClickException("Il n'y a pas encore de programme : flask --app wsgi spaces open-programme.")
    try:
        with unit_of_work(application(), programme.id), force_locale("fr"):
            report = import_leads(path, programme)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException("La base ne répond plus. Rien n'est importé : relancez la commande.") from error
    print_report(report)


def print_report(report: ImportReport) -> None:
    """Say what became of the file, row by row where something was wrong."""
    for note in report.notes:
        click.echo(note)
    if report.unread:
        click.echo(f"Colonnes qui ne sont pas lues : {', '.join(report.unread)}.")
    added = ngettext("%(num)s demande ajoutée", "%(num)s demandes ajoutées", len(report.added))
    oriented = ngettext("%(num)s orientée", "%(num)s orientées", report.oriented)
    click.echo(f"{added} : {oriented}, {len(report.waiting)} en attente.")
    if report.known:
        click.echo(f"{ngettext('%(num)s déjà reçue', '%(num)s déjà reçues', report.known)} : rien de changé.")
    for lead in report.waiting:
        click.echo(f"  en attente · {lead.short_name}, {lead.commune_name} : {WAITING_REASONS[lead.waiting_reason or 'new']}")
    if report.remarks:
        click.echo(f"{ngettext('%(num)s remarque', '%(num)s remarques', len(report.remarks))} :")
    for problem in report.remarks:
        click.echo(f"  ligne {problem.line}, {problem.column} : {problem.cause}")
    if report.refused:
        click.echo(f"{ngettext('%(num)s ligne refusée', '%(num)s lignes refusées', len(report.refused))} :")
    for problem in report.refused:
        click.echo(f"  ligne {problem.line}, {problem.column} : {problem.cause}")
