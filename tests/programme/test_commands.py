"""Opening a site from nothing: the programme, an association, the first person of each."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail
from app.training.queries import courses

PROGRAMME = ["spaces", "open-programme", "1 jeune, 1 mentor", "--email", "margaux@example.org", "--person", "Margaux Vidal"]
ASSOCIATION = ["spaces", "open-association", "passerelle", "Passerelle", "--email", "sam@example.org", "--person", "Samuel Girard"]

pytestmark = pytest.mark.committed


def test_a_site_is_opened_from_nothing(real_app, run):
    assert "Ouvrez d'abord l'espace du programme" in run(*ASSOCIATION).output
    assert "est ouvert" in run(*PROGRAMME).output
    assert "est ouvert" in run(*ASSOCIATION).output

    letters, titles = in_association(real_app)

    assert letters == ["sam@example.org"]
    assert titles == ["Devenir mentor\u00a0: rôle, posture, cadre", "Accompagner une personne mineure en sécurité"]


def in_association(app):
    from app.database import unit_of_work
    from app.tenants.resolve import tenant_named

    with app.app_context():
        tenant = tenant_named("passerelle")
    with unit_of_work(app, tenant.id):
        return db.session.scalars(select(Mail.to_address)).all(), [course.title for course in courses()]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (PROGRAMME, "Le programme a déjà son espace."),
        (ASSOCIATION, "Ce nom d'adresse est déjà pris"),
        ([*ASSOCIATION[:2], "Pas Bon", *ASSOCIATION[3:]], "s'écrit mal"),
    ],
)
def test_a_space_opens_once_under_a_good_name(run, command, sentence):
    run(*PROGRAMME)
    run(*ASSOCIATION)

    result = run(*command)

    assert result.exit_code == 1
    assert sentence in result.output


@pytest.fixture
def run(real_app):
    """Run a command of flask on an empty site."""
    return lambda *words: real_app.test_cli_runner().invoke(args=words)
