"""The first page of each role: the one thing to do now."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.accounts.models import Membership
from app.accounts.permissions import Role
from app.database import now
from app.extensions import db
from app.pairs.closing import begin_closing, close_pair
from app.pairs.models import ObjectiveReview, Pair
from app.people import applications
from app.people.application_models import Interview
from app.tenants.models import Staff
from app.training.models import Completion
from app.web import today
from tests import factories
from tests.pairs.situations import ask_for, see

from .situations import HOME, headings, situation


def test_a_stranger_signs_in_first(client, association):
    page = client.page(HOME)

    assert "Se connecter" in page.heading
    assert page.response.request.args["next"] == HOME


def test_the_operator_lands_on_the_queue(app, in_space, programme):
    with in_space(programme):
        operator = factories.staff(programme, "operator")

    page = app.test_client().sign_in(operator.user_id).page("/a/programme/")

    assert page.heading == "Demandes du public"


def test_a_mentor_who_is_new_trains(home, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, first_name="Leïla")

    page = home(mentor.user_id)

    assert page.heading == "Bonjour Leïla"
    assert headings(page) == ["Votre candidature", "Devenir mentor", "Une question ?"]
    assert "À terminer avant votre première rencontre : 0 sur 2 modules." in page.text
    assert page.soup.find("button", string="Commencer ma formation")


def test_a_course_for_some_jeunes_stands_beside_and_says_so(home, in_space, association):
    with in_space(association):
        factories.required_course("Protéger une personne mineure", required_for=("minors", "ase"))
        mentor = factories.mentor(association)

    page = home(mentor.user_id)

    first, second = (heading.find_parent("div", class_="sheet") for heading in page.soup.find_all("h2")[1:3])
    assert ("hero" in first["class"], "hero" in second["class"]) == (True, False)
    assert "Demandée aux mentors de jeunes de moins de 18 ans ou de jeunes confiés" in page.text
    assert [button.get_text() for button in page.soup.find_all("button") if "Commencer" in button.get_text()] == [
        "Commencer ma formation", "Commencer ce parcours",
    ]  # fmt: skip


@pytest.mark.parametrize("goes_on", [False, True])
def test_an_interview_that_is_planned_comes_first_whatever_was_asked_since(home, in_space, association, goes_on):
    with in_space(association):
        mentor, by = factories.mentor(association), factories.staff(association).user_id
        applications.plan_interview(mentor, now() + timedelta(days=3), "Au café", by)
        if goes_on:
            applications.ask_reference(mentor, "Odile", "odile@example.org", "Collègue", by)

    page = home(mentor.user_id)

    assert "Votre entretien avec Passerelle" in page.text
    assert "Au café" in page.text
    assert [heading.find_parent("div", class_="hero") is not None for heading in page.soup.find_all("h2")[:2]] == [True, False]
    with in_space(association):
        applications.cancel_interview(db.session.scalars(select(Interview)).one())
    assert "Votre entretien avec Passerelle" not in home(mentor.user_id).text


def test_a_mentor_who_read_everything_chooses_a_session(app, in_space, association):
    """The live module is next: it opens like any other."""
    with in_space(association):
        mentor = factories.mentor(association)
    client = app.test_client().sign_in(mentor.user_id)
    client.send(client.page(HOME).soup.find("button", string="Commencer ma formation").find_parent("form")["action"])
    link = client.page(HOME).soup.find("a", string="Continuer ma formation")["href"]

    client.send(f"{link}/lecture")

    page = client.page(HOME)
    assert "1 sur 2 modules." in page.text
    assert page.soup.find("a", string="Continuer ma formation")["href"] != link


def test_a_trained_mentor_waits_for_a_jeune(home, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, trained=True)

    assert headings(home(mentor.user_id)) == ["Votre formation est terminée, merci", "Une question ?"]


@pytest.mark.parametrize(
    ("stage", "heading"), [("interviewed", "Votre candidature"), ("ready", "Votre formation est terminée, merci")]
)
def test_a_trained_mentor_whom_nobody_decided_about_waits_for_that(stage, heading, home, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, trained=True, stage=stage)

    assert headings(home(mentor.user_id))[0].startswith(heading)


def test_a_mentor_reads_what_to_show_until_it_was_seen_clear_or_not(home, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, trained=True)
        for piece, audience in (("identity", "all"), ("honorability", "all"), ("record", "minors")):
            ask_for(piece, audience)

    page = home(mentor.user_id)

    assert "À montrer à l'association" in headings(page)
    assert [item.get_text() for item in page.soup.select("main li")] == [
        "Pièce d'identité",
        "Attestation d'honorabilité",
        "Bulletin n° 3 du casier judiciaire, pour accompagner un ou une jeune de moins de 18 ans"
        "Il se demande gratuitement sur casier-judiciaire.justice.gouv.fr.",
    ]
    with in_space(association):
        see(mentor, "identity")
        see(mentor, "honorability")
        see(mentor, "record", is_clear=False)
    assert "À montrer à l'association" not in headings(home(mentor.user_id))


def test_a_mentor_logs_the_meeting_that_was(home, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, -1)
        factories.meeting(people.pair, -8, "held")
        factories.meeting(people.pair, 3)

    page = home(people.mentor.user_id)

    assert headings(page)[0] == "Comment s'est passée la séance avec Inès ?"
    assert [a["href"] for a in page.soup.find_all("a", string="Noter la séance")] == [
        f"/a/passerelle/rendez-vous/{meeting.id}/compte-rendu"
    ]
    assert "Votre prochain rendez-vous" in page.text


def test_at_most_three_meetings_are_to_log_at_once(home, people, in_space, association):
    with in_space(association):
        for days in range(-5, 0):
            factories.meeting(people.pair, days)

    assert len(home(people.mentor.user_id).soup.find_all("a", string="Noter la séance")) == 3


def test_a_mentor_reads_the_soonest_meeting(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, 9)
        soonest = factories.meeting(people.pair, 2)
        factories.meeting(people.pair, 1, "cancelled")

    page = home(people.mentor.user_id)

    assert page.soup.find("a", string="Voir le rendez-vous")["href"] == f"/a/passerelle/rendez-vous/{soonest.id}"


def test_a_mentor_without_a_meeting_plans_one(home, people):
    page = home(people.mentor.user_id)

    assert headings(page) == ["Inès"]
    assert "Choisir une formation" in page.text
    link = page.soup.find("a", string="Prévoir un rendez-vous")
    assert link["href"] == f"/a/passerelle/binomes/{people.pair.id}/rendez-vous/nouveau"


def test_a_mentor_knows_whom_to_call(home, in_space, association):
    with in_space(association):
        staff = factories.staff(association, first_name="Samuel", last_name="Girard")
        mentor = factories.mentor(association, trained=True)
        factories.pair(mentor, factories.mentee(association), coordinator=staff)

    page = home(mentor.user_id)

    assert "Votre personne référente : Samuel Girard Samuel 01 99 00 00 01" in page.text


def test_a_jeune_waits_for_a_mentor(home, in_space, association):
    with in_space(association):
        mentee = factories.mentee(association)

    page = home(mentee.user_id)

    assert page.heading == "Bonjour Inès"
    assert headings(page)[0] == "Nous cherchons la bonne personne pour vous"
    assert "L'association vous écrit dès qu'elle a trouvé." in page.text


def test_a_jeune_with_a_mentor_reads_a_name_and_objectives(home, people):
    page = home(people.mentee.user_id)

    assert headings(page)[:2] == ["Karim est votre mentor", "Mes objectifs"]
    assert people.mentor.last_name not in page.text


@pytest.mark.parametrize("who", ["mentee", "mentor", "coordinator"])
def test_what_the_latest_review_notes_as_reached_is_read_so(who, app, people, in_space, association):
    path = f"{HOME}binomes/{people.pair.id}" if who == "coordinator" else HOME
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).objectives = ["Le bac", "Un stage", "Le permis"]
        for month, states in ((6, {"Le bac": "reached", "Un stage": "under_way"}), (3, {"Un stage": "reached"})):
            noted = {"held_on": factories.today(), "noted_by": people.coordinator.user_id}
            db.session.add(ObjectiveReview(pair_id=people.pair.id, month=month, states=states, **noted))

    page = app.test_client().sign_in(getattr(people, who).user_id).page(path)

    goals = [" ".join(line.get_text(" ").split()) for line in page.soup.select(".checklist li")]
    assert goals == ["Le bac atteint", "Un stage", "Le permis"]


def test_a_jeune_joins_the_next_meeting_in_one_tap(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, 9)
        factories.meeting(people.pair, 2, where="https://visio.example.org/soon")
        factories.meeting(people.pair, -7, "held")

    page = home(people.mentee.user_id)

    assert page.soup.find("a", string="Rejoindre la visio")["href"] == "https://visio.example.org/soon"
    assert headings(page)[2:5] == ["Ensuite", "Mes objectifs", "Déjà passé"]
    assert "a eu lieu" in page.text


def test_a_jeune_is_first_asked_how_the_last_meeting_was(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -9)
        last = factories.meeting(people.pair, -2, "held")
        factories.meeting(people.pair, 2)

    page = home(people.mentee.user_id)

    assert headings(page)[0].startswith("Votre séance du")
    assert "A-t-elle eu lieu ? Comment c'était ? L'association lit votre réponse ; Karim ne la voit pas." in page.text
    assert page.soup.find("form", action=f"/a/passerelle/rendez-vous/{last.id}/confirmation")


@pytest.mark.parametrize("days", [-61, 2])
def test_a_jeune_is_asked_nothing_of_what_is_too_old_or_to_come(days, home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, days)

    assert "A-t-elle eu lieu ?" not in home(people.mentee.user_id).text


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_the_two_write_to_the_association_from_their_first_page(who, home, people):
    page = home(getattr(people, who).user_id)

    assert page.soup.find("a", href=f"/a/passerelle/mes-messages/{people.pair.id}")


def test_a_mentor_writes_about_each_jeune(home, people, change, in_space, association):
    change("mentor", capacity=2)
    with in_space(association):
        other = factories.pair(situation(association, people.pair).mentor, factories.mentee(association))

    page = home(people.mentor.user_id)

    for pair in (people.pair, other):
        for path in ("mes-messages", "aide"):
            assert page.soup.find("a", href=f"/a/passerelle/{path}/{pair.id}")


@pytest.mark.parametrize(("who", "path"), [("mentor", "mes-messages"), ("mentee", "mes-messages"), ("mentee", "aide")])
def test_what_was_written_is_found_when_the_pair_is_over(who, path, home, people, in_space, association):
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    page = home(getattr(people, who).user_id)

    assert page.soup.find("a", href=f"/a/passerelle/{path}/{people.pair.id}")


def test_a_jeune_without_a_pair_has_nobody_to_ask_but_the_association(home, in_space, association):
    with in_space(association):
        mentee = factories.mentee(association)

    page = home(mentee.user_id)

    assert page.soup.find("a", string="J'ai besoin d'aide") is None
    assert "01 99 00 00 00" in page.text


def test_a_meeting_under_way_is_now_and_cannot_be_put_off(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, starts_at=now() - timedelta(minutes=10), where="https://visio.example.org/a")

    jeune, mentor = home(people.mentee.user_id), home(people.mentor.user_id)

    for page in (jeune, mentor):
        assert "C'est en ce moment" in page.text
        assert "prochain rendez-vous" not in page.text
        assert page.soup.find("a", string="Rejoindre la visio")
    assert jeune.soup.find("a", string="Je ne peux pas venir") is None
    assert len(mentor.soup.find_all("a", string="Noter la séance")) == 1
    assert "Comment s'est passée" not in mentor.text


def test_a_mentor_reads_the_next_meeting_of_each_jeune(home, people, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        pair.mentor.capacity = 2
        other = factories.pair(pair.mentor, factories.mentee(association, first_name="Rayan"))
        factories.meeting(pair, 2)
        later = factories.meeting(other, 5)

    page = home(people.mentor.user_id)

    assert "Votre prochain rendez-vous" in page.text
    assert page.soup.find("a", href=f"/a/passerelle/rendez-vous/{later.id}").find_parent("p").get_text().startswith("Prochain")
    names = [link.get_text() for link in page.soup.find_all("a") if link.get_text().startswith("Prévoir un rendez-vous")]
    assert names == ["Prévoir un rendez-vous (Inès)", "Prévoir un rendez-vous (Rayan)"]


def test_a_jeune_reads_an_address_that_is_no_link(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, 2, place="association", where="12 rue de la Paix")

    page = home(people.mentee.user_id)

    assert "12 rue de la Paix" in page.text
    assert page.soup.find("a", string="Rejoindre la visio") is None


@pytest.mark.parametrize("number", ["119", "3018", "17", "15"])
def test_help_is_always_there(number, home, people):
    page = home(people.mentee.user_id)

    assert page.soup.find("a", href=f"tel:{number}")
    assert "01 99 00 00 00" in page.text
    assert "bonjour@passerelle.example.org" in page.text


def test_a_jeune_knows_the_coordinator_by_first_name(home, in_space, association):
    with in_space(association):
        staff = factories.staff(association, first_name="Samuel", last_name="Girard")
        mentee = factories.mentee(association)
        factories.pair(factories.mentor(association, trained=True), mentee, coordinator=staff)

    page = home(mentee.user_id)

    assert "Samuel, de Passerelle, est là pour vous. Samuel 01 99 00 00 01" in page.text
    assert "Girard" not in page.text


def test_a_coordinator_who_mentors_has_the_teams_page_and_the_mentors_pages(app, people, in_space, association):
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, Role.COORDINATOR)
        db.session.add(Staff(user_id=people.mentor.user_id, first_name="Karim", last_name="Trabelsi"))

    client = app.test_client().sign_in(people.mentor.user_id)

    assert client.page(HOME).heading == "À appeler aujourd'hui"
    assert client.page("/a/passerelle/rendez-vous").heading == "Mes rendez-vous"
    assert client.page(f"/a/passerelle/binomes/{people.pair.id}/rendez-vous/nouveau").status == 200
    assert client.page("/a/passerelle/binomes").status == 200


def test_a_mentor_here_who_is_a_jeune_elsewhere_sees_each_space_apart(app, people, in_space, elsewhere):
    with in_space(elsewhere):
        mentee = factories.mentee(elsewhere, account=False, first_name="Kylian")
        mentee.user_id = people.mentor.user_id
        factories.place(elsewhere.id, people.mentor.user_id, Role.JEUNE)

    client = app.test_client().sign_in(people.mentor.user_id)

    assert client.page(HOME).heading == "Bonjour Karim"
    assert client.page("/a/ailleurs/").heading == "Bonjour Kylian"


def test_a_member_whose_membership_ended_finds_nothing(home, people, in_space, association):
    with in_space(association):
        db.session.get(Membership, (association.id, people.mentor.user_id, "mentor")).ended_at = now()

    assert home(people.mentor.user_id).status == 404


@pytest.mark.parametrize("role", ["mentor", "jeune"])
def test_an_account_without_a_file_finds_nothing(role, home, in_space, association):
    with in_space(association):
        account = factories.member(association, role)

    assert home(account.id).status == 404


def test_staff_of_another_association_find_nothing(home, in_space, elsewhere, association):
    with in_space(elsewhere):
        other = factories.staff(elsewhere)

    assert home(other.user_id).status == 404


@pytest.mark.parametrize(("is_ready", "most"), [(True, 9), (False, 10)])
def test_a_mentors_first_page_sends_nine_statements_at_most_ten_when_not_ready(
    is_ready, most, app, people, statements, in_space, association
):
    if not is_ready:  # what was learnt ended while the pair lives
        with in_space(association):
            db.session.execute(delete(Completion))
    mentor = app.test_client().sign_in(people.mentor.user_id)
    mentor.page(HOME)  # a first visit writes the browser's session

    with statements() as seen:
        page = mentor.page(HOME)

    assert page.status == 200
    assert len(seen) <= most


def test_both_read_that_their_meetings_are_stopped_and_whom_to_call(home, people, in_space, association):
    with in_space(association):
        mentee = db.session.merge(people.mentee)
        mentee.birth_date = factories.birth_date(16)  # nobody has allowed anything
        factories.meeting(db.session.get_one(Pair, (association.id, people.pair.id)), -1)  # which the mentor has still to log
    for person, word in ((people.mentor, "Ne vous inquiétez pas :"), (people.mentee, "Ce n'est pas votre faute :")):
        page = home(person.user_id)

        assert "rencontres sont arrêtées pour l'instant" in page.text
        assert word in page.text
        assert not page.soup.find("a", string=re.compile("Prévoir un rendez-vous|Proposer un moment"))


@pytest.mark.parametrize("days", [(), (3,)])
def test_a_jeune_reads_that_the_pair_is_ending_whatever_is_planned(home, people, in_space, association, days):
    with in_space(association):
        begin_closing(db.session.merge(people.pair), "foreseen", "time", people.admin.user_id)
        for day in days:
            factories.meeting(people.pair, day)

    assert "Votre binôme avec Karim se termine" in home(people.mentee.user_id).text


def test_nobody_is_told_to_call_who_left_the_team(home, people, in_space, association):
    with in_space(association):
        sonia = factories.staff(association, first_name="Sonia", last_name="Petit")
        sonia.phone = "+33199002299"
        db.session.get_one(Pair, (association.id, people.pair.id)).coordinator_id = sonia.id
    seen = [home(who).text for who in (people.mentor.user_id, people.mentee.user_id)]
    with in_space(association):
        db.session.get_one(Staff, (association.id, sonia.id)).left_at = now()

    assert all("Sonia" in text for text in seen)
    assert not any("Sonia" in home(who).text for who in (people.mentor.user_id, people.mentee.user_id))


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_a_number_is_as_large_as_a_button(who, home, people, in_space, association):
    with in_space(association):
        sonia = factories.staff(association, first_name="Sonia", last_name="Petit")
        sonia.phone = "+33199002299"
        db.session.get_one(Pair, (association.id, people.pair.id)).coordinator_id = sonia.id

    page = home(getattr(people, who).user_id)

    numbers = page.soup.select("main a[href^='tel:']")
    assert "tel:+33199002299" in [number["href"] for number in numbers]
    assert all("go" in number["class"] for number in numbers)


def test_a_meeting_that_was_called_off_is_said_until_another_is_planned(home, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, 2, "cancelled", cancel_word="Je suis malade.")
    before = [home(one.user_id).text for one in (people.mentor, people.mentee)]
    with in_space(association):
        factories.meeting(people.pair, 9)
    after = [home(one.user_id).text for one in (people.mentor, people.mentee)]

    assert ["est annulé. « Je suis malade. »" in text for text in before] == [True, True]
    assert ["est annulé." in text for text in after] == [False, False]


@pytest.mark.parametrize(
    ("stage", "said"),
    [("received", "elle vous appelle pour un entretien"), ("interviewed", "vous dit bientôt sa décision"), ("ready", None)],
)
def test_who_applies_reads_where_their_application_stands(stage, said, home, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, stage=stage)

    text = home(mentor.user_id).text

    assert ("Votre candidature" in text, said is None or said in text) == (said is not None, True)
