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


def test_a_second_person_answers_for_a_space(run, real_app):
    run(*PROGRAMME)
    run(*ASSOCIATION)

    done = run("spaces", "invite", "passerelle", "--email", "lea@example.org", "--person", "Léa Petit")

    assert done.exit_code == 0, done.output
    letters, titles = in_association(real_app)
    assert (set(letters), len(titles)) == ({"sam@example.org", "lea@example.org"}, 2)
    assert run("spaces", "invite", "ailleurs", "--email", "lea@example.org", "--person", "Léa Petit").exit_code == 1


def test_a_mistyped_address_opens_no_space(run):
    done = run(*[word.replace("@", " ") for word in PROGRAMME])

    assert done.exit_code == 2
    assert "pas une adresse e-mail" in done.output


@pytest.fixture
def run(real_app):
    """Run a command of flask on an empty site."""
    return lambda *words: real_app.test_cli_runner().invoke(args=words)
