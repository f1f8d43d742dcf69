"""« Saisir une demande »: what somebody says by word becomes a request like any other."""

import pytest
from sqlalchemy import func

from app.accounts.models import User
from app.extensions import db
from app.leads.contacts import NotNow, assign
from app.leads.models import Lead, LeadEvent
from app.leads.words import BY_WORD
from app.mail import Mail
from app.people.models import Mentee, Mentor
from tests import factories

ENTRY = "/a/passerelle/demandes/saisie"
SAID = {
    "source": "appel",
    "first_name": "Noé",
    "last_name": "Marquis",
    "phone": "06 12 34 56 78",
    "email": "",
    "commune": "69003 Lyon",
    "informed": "y",
    "once": "jeton-1",
}


def born(age):
    day = factories.birth_date(age)
    return [str(day.day), str(day.month), str(day.year)]


@pytest.fixture
def enter(client, staff):
    """Type a request in Passerelle, somebody of twenty unless said otherwise."""

    def type_in(age=20, path=ENTRY, **changes):
        return client.send(path, {**SAID, "birth_date": born(age), **changes})

    return type_in


def test_a_call_becomes_a_request_in_the_hands_of_who_took_it(enter, staff, stored, association):
    page = enter(needs=["school"], situation="college", places=["remote"], message="Rappeler le soir.", email="noe@example.org")

    [lead] = stored(association, Lead)
    assert page.flashes == ["La demande de Noé Marquis est enregistrée."]
    assert (lead.state, lead.kind, lead.source, lead.assigned_to) == ("received", "mentee", "appel", staff.user_id)
    assert (lead.phone, lead.age, lead.departement_code) == ("+33612345678", 20, "69")
    assert (lead.needs, lead.situation, lead.places, lead.message) == (["school"], "college", ["remote"], "Rappeler le soir.")
    assert (lead.may_relay, lead.contacted_at is not None) == (False, True)
    assert [event.what for event in stored(association, LeadEvent)] == ["received", "entered", "contact"]
    assert [mail.kind for mail in stored(association, Mail)] == ["lead_received"]
    assert "Saisie par l'équipe" in page.text
    assert f"Vient de {BY_WORD['appel']}" in page.text


@pytest.mark.parametrize("kind", ["mentee", "mentor"])
def test_what_is_typed_stays_on_the_device_until_it_is_stored(enter, client, staff, kind):
    form = client.page(f"{ENTRY}?qui={kind}").soup.select_one("form[data-typed]")

    enter(draft=form["data-typed"], age=1)
    assert client.get_cookie("written") is None, "refused, it is not stored"
    enter(draft=form["data-typed"])

    assert client.get_cookie("written").value == form["data-typed"] == f"saisie-{kind}-{staff.user_id}"


def test_the_request_of_who_takes_it_is_left_to_a_colleague(enter, client, staff, colleague, stored, association, in_space):
    with in_space(association):
        email = db.session.get(User, staff.user_id).email

    enter(email=email)

    [lead] = stored(association, Lead)
    assert (lead.assigned_to, lead.contacted_at) == (None, None)
    with in_space(association), pytest.raises(NotNow):
        assign(db.session.get_one(Lead, (association.id, lead.id)), staff.user_id, colleague.user_id)


def test_the_least_that_is_asked_is_enough_to_open_a_file(enter, client, stored, association):
    enter()
    [lead] = stored(association, Lead)

    client.send(f"/a/passerelle/demandes/{lead.id}/acceptation")

    assert [(file.first_name, file.phone) for file in stored(association, Mentee)] == [("Noé", "+33612345678")]


def test_a_mentor_to_be_too(enter, client, stored, association):
    enter(age=52, path=f"{ENTRY}?qui=mentor", status="working", sector="Bâtiment", axes=["employment"], preferred_public="lycee")

    [lead] = stored(association, Lead)
    assert (lead.kind, lead.status, lead.sector, lead.axes, lead.preferred_public) == (
        "mentor", "working", "Bâtiment", ["employment"], "lycee",
    )  # fmt: skip
    client.send(f"/a/passerelle/demandes/{lead.id}/acceptation")
    assert [file.first_name for file in stored(association, Mentor)] == ["Noé"]


def test_at_a_forum_nobody_was_called_yet(enter, stored, association):
    enter(source="forum")

    assert [lead.contacted_at for lead in stored(association, Lead)] == [None]


def test_a_minor_for_whom_nobody_is_noted_is_said(enter):
    page = enter(age=15)

    assert "Personne n'est noté pour représenter Noé : demandez-le, puis notez-le ici." in page.text


@pytest.mark.parametrize("age", [1, 13])
def test_nobody_is_a_mentor_before_lycee(enter, stored, association, age):
    page = enter(age=age, path=f"{ENTRY}?qui=mentor")

    assert page.errors == ["On peut être mentor ou mentore à partir de 14 ans."]
    assert stored(association, Lead) == []


@pytest.mark.parametrize(("contact", "asked"), [("lea@example.org", 1), ("06 11 22 33 44", 0)])
def test_who_represents_a_minor_is_written_to_at_once_or_called(enter, stored, association, contact, asked):
    enter(age=15, guardian_name="Léa Roux", guardian_contact=contact)

    [lead] = stored(association, Lead)
    assert (lead.guardian_name, lead.guardian_email or lead.guardian_phone) == (
        "Léa Roux", contact if asked else "+33611223344",
    )  # fmt: skip
    assert [mail.to_address for mail in stored(association, Mail) if mail.kind == "guardian_asked"] == [contact] * asked


def test_whoever_spoke_for_the_person_is_kept(enter, stored, association):
    enter(asker_name="Anne Petit", asker_structure="Collège Ampère", asker_contact="anne@example.org")

    [lead] = stored(association, Lead)
    assert (lead.asker_name, lead.asker_structure, lead.asker_contact) == ("Anne Petit", "Collège Ampère", "anne@example.org")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"source": ""}, "Choisissez une réponse."),
        ({"source": "direct"}, None),
        ({"first_name": ""}, "À remplir."),
        ({"phone": ""}, "Indiquez une adresse e-mail ou un téléphone, pour pouvoir répondre à la personne."),
        ({"phone": "12"}, None),
        ({"email": "noe@"}, "Cette adresse n'est pas complète."),
        ({"birth_date": ["", "", ""]}, "Demandez la date de naissance."),
        ({"birth_date": ["31", "2", "2010"]}, "Cette date n'existe pas. Exemple : 7 11 2008."),
        ({"birth_date": born(5)}, "Le programme accompagne de 6 à 29 ans."),
        ({"birth_date": born(30)}, "Le programme accompagne de 6 à 29 ans."),
        ({"commune": ""}, "Demandez la commune."),
        ({"commune": "Nulle-Part-sur-Rien"}, None),
        ({"informed": ""}, "Dites-le-lui d'abord : c'est son droit."),
        ({"guardian_name": "Léa Roux"}, "Indiquez une adresse e-mail complète, ou un téléphone."),
        ({"guardian_contact": "lea@example.org"}, "Qui est-ce ?"),
        (
            {"guardian_name": "Léa Roux", "guardian_contact": "NOE@example.org", "email": "noe@example.org"},
            "C'est l'adresse de la personne elle-même.",
        ),
        ({"email": "élise@example.org"}, "Une adresse s'écrit sans accent : vérifiez-la."),
        ({"first_name": "\u3164"}, "À remplir."),
        ({"asker_contact": "demain"}, "Indiquez une adresse e-mail complète, ou un téléphone."),
        ({"needs": ["argent"]}, None),
        ({"message": "x" * 2001}, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(enter, stored, association, changes, sentence):
    page = enter(last_name="Marquis", **{"birth_date": born(20), **changes})

    assert (page.status, len(page.errors) >= 1) == (422, True)
    assert sentence is None or sentence in [" ".join(error.split()) for error in page.errors]
    assert page.value("last_name") == "Marquis"
    assert stored(association, Lead) == []


def test_sent_twice_it_is_one_request(enter, stored, association):
    first, second = enter(), enter()

    assert len(stored(association, Lead)) == 1
    assert first.response.request.path == second.response.request.path


def test_a_page_that_came_back_with_somebody_else_is_another_request(enter, stored, association):
    enter()
    enter(first_name="Inès", last_name="Petit", phone="06 99 88 77 66")

    assert [lead.first_name for lead in stored(association, Lead)] == ["Noé", "Inès"]


@pytest.mark.parametrize("once", ["a\x00b", "", "x" * 41])
def test_whatever_the_page_was_opened_with_nothing_breaks(enter, once):
    assert enter(once=once).status in {200, 422}


def test_two_calls_are_two_requests_and_the_second_is_compared(enter, stored, association):
    enter()
    page = enter(once="jeton-2")

    assert len(stored(association, Lead)) == 2
    assert "Comparer" in page.text


def test_the_programme_orients_what_it_types(app, client, operator, programme, association, stored, run_jobs):
    assert "checked" not in client.page("/a/programme/demandes/saisie").soup.find(id="may_relay").attrs

    page = client.send("/a/programme/demandes/saisie", {**SAID, "birth_date": born(20), "may_relay": "y"})
    run_jobs()

    assert "/a/programme/orientation/" in page.response.request.path
    assert [row.state for row in stored(programme, Lead)] == ["oriented"]
    assert [(row.first_name, row.source) for row in stored(association, Lead)] == [("Noé", "appel")]


def test_the_page_names_no_account_and_writes_nothing_before_it_is_sent(client, staff, stored, association):
    page = client.page(ENTRY)

    assert page.heading == "Saisir une demande"
    assert "checked" not in page.soup.find(id="may_relay").attrs
    assert [" ".join(line.get_text().split()) for line in page.soup.select("nav [aria-current=page]")] == [
        "Demandes",
        "Demandes",
    ]  # wide, and on a phone
    assert stored(association, Lead) == []


def test_a_request_that_was_typed_is_forgotten_as_any_other(enter, client, stored, association):
    enter()
    [lead] = stored(association, Lead)

    client.send(f"/a/passerelle/demandes/{lead.id}/refus", {"reason": "age"})
    again = enter()

    assert again.flashes == ["La demande de Noé Marquis est enregistrée."]
    assert len(stored(association, Lead)) == 1


def test_no_account_is_made_before_somebody_accepts(app, enter, stored, association):
    with app.app_context():
        before = db.session.scalar(db.select(func.count()).select_from(User))
    enter(email="noe@example.org")

    with app.app_context():
        assert db.session.scalar(db.select(func.count()).select_from(User)) == before
