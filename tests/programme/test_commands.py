"""Opening a site from nothing: the programme, an association, the first person of each."""

import pytest
from sqlalchemy import select

from app.accounts.models import Membership
from app.database import now, unit_of_work
from app.extensions import db
from app.mail import Mail
from app.programme import commands
from app.tenants.models import Staff
from app.tenants.resolve import tenant_named
from app.training.queries import courses
from tests import factories

CONTACT = ["--contact", "bonjour@example.org"]
PROGRAMME = [
    "spaces",
    "open-programme",
    "1 jeune, 1 mentor",
    "--email",
    "margaux@example.org",
    "--person",
    "Margaux Vidal",
    *CONTACT,
]
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
    assert "est ouvert" not in done.output
    letters, titles = in_association(real_app)
    assert (set(letters), len(titles)) == ({"sam@example.org", "lea@example.org"}, 2)
    assert run("spaces", "invite", "ailleurs", "--email", "lea@example.org", "--person", "Léa Petit").exit_code == 1


def test_a_space_whose_opening_was_cut_short_has_its_courses_with_its_first_person(run, real_app, monkeypatch):
    run(*PROGRAMME)
    with monkeypatch.context() as cut:
        cut.setattr(commands, "invite", lambda *_all: (_ for _ in ()).throw(RuntimeError))
        assert run(*ASSOCIATION).exit_code == 1
    assert in_association(real_app) == ([], [])

    assert run("spaces", "invite", "passerelle", "--email", "sam@example.org", "--person", "Samuel Girard").exit_code == 0
    assert [len(found) for found in in_association(real_app)] == [1, 2]


def test_a_mistyped_address_opens_no_space(run):
    done = run(*[word.replace("@", " ") for word in PROGRAMME])

    assert done.exit_code == 2
    assert "pas une adresse e-mail" in done.output


@pytest.mark.parametrize(
    ("place", "typed", "sentence"),
    [
        (2, "  ", "De 1 à 80 caractères."),
        (2, "x" * 81, "De 1 à 80 caractères."),
        (6, "", "écrivez un prénom et un nom"),
        (6, "Margaux", "écrivez un prénom et un nom"),
        (6, "Margaux 2", "écrivez un prénom et un nom"),
    ],
)
def test_a_space_has_a_name_and_so_has_who_answers_for_it(run, place, typed, sentence):
    words = [*PROGRAMME]
    words[place] = typed

    done = run(*words)

    assert done.exit_code == 2
    assert sentence in done.output


def test_names_are_kept_without_what_surrounds_them(run):
    done = run(*PROGRAMME[:2], "  1 jeune,  1 mentor ", *PROGRAMME[3:])

    assert "L'espace « 1 jeune, 1 mentor » est ouvert" in done.output.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Passerelle", "PA"), ("L'Envol", "EN"), ("À vos côtés", "VC"), ("École des possibles", "EDP"), ("A/B", "AB"), ("«", "A")],
)
@pytest.mark.no_database
def test_the_initials_of_a_name_are_those_that_a_number_is_searched_by(name, initials):
    assert commands.initials_of(name) == initials


def test_a_space_overseas_has_its_own_clock_and_the_programme_an_address(run, real_app):
    assert "Missing option '--contact'" in run(*PROGRAMME[:-2]).output, "the public would read no address"
    run(*PROGRAMME)
    wrong, done = (run(*ASSOCIATION, "--departement", said) for said in ("Réunion", "974"))

    assert "n'est le numéro d'aucun département" in wrong.output
    assert (done.exit_code, "Indian/Reunion" in done.output) == (0, True), done.output
    with real_app.app_context():
        assert tenant_named("passerelle").timezone == "Indian/Reunion"
        assert tenant_named("programme").email == "bonjour@example.org"


def test_who_comes_back_is_of_the_team_again_and_gets_no_course_that_the_team_left_out(run, real_app, monkeypatch):
    run(*PROGRAMME)
    with monkeypatch.context() as without:
        without.setattr(commands, "copy_models", lambda: None)
        run(*ASSOCIATION)
    with real_app.app_context():
        tenant = tenant_named("passerelle")
    with unit_of_work(real_app, tenant.id):
        db.session.scalars(select(Staff)).one().left_at = now()
        db.session.scalars(select(Membership).where(Membership.tenant_id == tenant.id)).one().entered_at = now()

    assert run("spaces", "invite", "passerelle", "--email", "sam@example.org", "--person", "Samuel Girard").exit_code == 0

    with unit_of_work(real_app, tenant.id):
        assert [card.left_at for card in db.session.scalars(select(Staff))] == [None]
    assert in_association(real_app)[1] == []


def test_a_slip_and_the_address_of_a_jeune_answer_for_nothing(run, real_app):
    run(*PROGRAMME)
    run(*ASSOCIATION)
    with real_app.app_context():
        tenant = tenant_named("passerelle")
    with unit_of_work(real_app, tenant.id):
        factories.mentee(tenant, email="ines@example.org")

    slip = run("spaces", "invite", "passerelle", "--email", "sam@gmial.com", "--person", "Samuel Girard")
    jeune = run("spaces", "invite", "passerelle", "--email", "ines@example.org", "--person", "Inès Benali")

    assert (slip.exit_code, "gmail.com" in slip.output) == (2, True)
    assert (jeune.exit_code, "adresse d'un jeune" in jeune.output) == (1, True)


def test_the_library_s_own_commands_are_not_offered(run):
    assert run("roles", "create", "x").exit_code == 2
    assert "No such command" in run("users", "create", "x@example.org").output


@pytest.fixture
def run(real_app):
    """Run a command of flask on an empty site."""
    return lambda *words: real_app.test_cli_runner().invoke(args=words)
