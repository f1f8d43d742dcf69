"""Decisions: yes takes every criterion and an interview; no is said with respect, closes the file, and ends with an erasure."""

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.mail import Mail
from app.people.actions import close_file, reopen_file
from app.people.application_models import Decision
from app.people.models import Mentor
from tests import factories

from .situations import ALL_MET, NOON, SPACE, day, holds, interview, plain, reference

MET_FIRST = "Notez d'abord l'entretien : on n'accepte personne sans l'avoir rencontré."
OVER = "Cette candidature est terminée."
PRIVATE = "Deux fois en retard, et il parle à la place des autres."
NO = {"outcome": "no", "criteria": [], "reason": PRIVATE}


@pytest.fixture
def met(association, in_space, mentor):
    """A mentor who was met yesterday."""
    with in_space(association):
        interview(mentor, held=True)
    return mentor


def decide(browser, mentor, **typed):
    return browser.send(f"{SPACE}/mentors/{mentor.id}/decision", {"outcome": "yes", "criteria": ALL_MET, **typed})


def test_somebody_who_was_met_and_meets_every_criterion_is_accepted(office, association, in_space, met, stored):
    page = decide(office, met)

    [row], [mail] = stored(association, Decision), stored(association, Mail)
    assert page.flashes == ["La décision est notée. Karim reçoit un message."]
    assert "acceptée" in [tag.get_text() for tag in page.soup.select(".rows .tag")]
    assert (row.is_accepted, row.criteria) == (True, ALL_MET)
    assert (mail.to_address, mail.subject) == (met.email, "Votre candidature est acceptée")
    assert stored(association, Mentor)[0].stage == "ready"
    with in_space(association):
        assert holds(met, "decision", day())


def test_whoever_decides_reads_beside_it_what_was_said(office, association, in_space, mentor):
    path = f"{SPACE}/mentors/{mentor.id}/decision"
    before = office.page(path).text
    with in_space(association):
        interview(mentor, held=True, summary="Très à l'écoute.")
        for name, changes in (("Rose Lebrun", {}), ("Set Aside", {"set_aside_at": now()})):
            answered = {"state": "answered", "advice": "yes", "known_for": "Dix ans", "note": "Ponctuel, patient."}
            reference(mentor, name=name, **answered, **changes)
    page = office.page(path).text

    assert ("Aucun entretien n'est noté." in before, "Aucune référence n'a répondu." in before) == (True, True)
    assert [word in page for word in ("Très à l'écoute.", "Rose Lebrun", "Ponctuel, patient.", "Set Aside")] == [True] * 3 + [False]


@pytest.mark.parametrize("left_out", range(len(ALL_MET)))
def test_each_criterion_is_needed_to_accept(office, association, met, stored, left_out):
    page = decide(office, met, criteria=[text for rank, text in enumerate(ALL_MET) if rank != left_out])

    assert page.errors == [f"Pour accepter, chaque critère doit être rempli. Il manque : {ALL_MET[left_out]}."]
    assert [*stored(association, Decision), *stored(association, Mail)] == []
    assert stored(association, Mentor)[0].stage == "received"


def test_a_criterion_that_is_not_of_the_grid_is_refused(office, association, met, stored):
    page = decide(office, met, criteria=[*ALL_MET, "Sympathique"])

    assert page.status == 422
    assert stored(association, Decision) == []


@pytest.mark.parametrize("planned", [False, True])
def test_nobody_is_accepted_without_having_been_met(office, association, in_space, mentor, stored, planned):
    if planned:
        with in_space(association):
            interview(mentor)

    page = decide(office, mentor)

    assert (page.status, page.errors) == (422, [MET_FIRST])
    assert stored(association, Decision) == []


def test_the_criteria_are_those_of_the_association_that_day(boss, office, association, met, stored):
    boss.send(f"{SPACE}/reglages/entretien", {"questions": "Pourquoi ?", "criteria": "Écoute\nPatience"})

    old, new = decide(office, met), decide(office, met, criteria=["Écoute", "Patience"])

    assert old.status == 422
    assert new.flashes == ["La décision est notée. Karim reçoit un message."]
    assert stored(association, Decision)[0].criteria == ["Écoute", "Patience"]


def test_accepting_twice_is_once(office, association, met, stored):
    for _time in range(2):
        decide(office, met)

    assert len(stored(association, Decision)) == 1
    assert len(stored(association, Mail)) == 1


def test_a_refusal_needs_its_reason(office, association, mentor, stored):
    page = decide(office, mentor, outcome="no", criteria=[], reason=" ")

    assert (page.status, page.errors) == (422, ["Un refus se motive, pour l'équipe."])
    assert stored(association, Decision) == []
    assert stored(association, Mentor)[0].state == "active"


def test_a_refusal_closes_the_file_and_ends_the_place(office, app, association, in_space, mentor, stored):
    page = decide(office, mentor, **NO)

    [row] = stored(association, Mentor)
    assert (row.stage, row.state, row.forget_on) == ("refused", "withdrawn", day(730))
    assert "Ce qui est gardé sera effacé le" in page.text
    assert PRIVATE in page.text
    assert app.test_client().sign_in(mentor.user_id).page(f"{SPACE}/").status == 404
    with in_space(association):
        assert not holds(mentor, "decision", day())


def test_a_refusal_is_written_with_respect_and_says_what_is_kept_until_when(app, association, in_space, mentor, stored):
    with time_machine.travel(NOON, tick=False):
        with in_space(association):
            account = factories.staff(association).user_id
        decide(app.test_client().sign_in(account), mentor, **NO)

    [mail] = stored(association, Mail)
    text = plain(mail.text)
    assert (mail.to_address, mail.subject) == (mentor.email, "Notre réponse à votre candidature")
    assert "Merci d'avoir proposé votre temps." in text
    assert "nous n'y donnons pas suite" in text
    assert "jusqu'au 9 mars 2029, puis il est effacé." in text
    assert "Vous pouvez nous demander de le lire ou de l'effacer avant." in text
    assert "retard" not in text + plain(mail.html)


def test_refusing_twice_is_once(office, association, mentor, stored):
    decide(office, mentor, **NO)

    page = decide(office, mentor, **{**NO, "reason": "Encore."})

    assert page.flashes == ["C'était déjà décidé ainsi\xa0: ce que vous venez d'écrire n'est pas noté."]
    assert [row.reason for row in stored(association, Decision)] == [PRIVATE]
    assert len(stored(association, Mail)) == 1


def test_the_same_form_sent_twice_says_the_same(office, association, mentor, stored):
    pages = [decide(office, mentor, **NO) for _time in range(2)]

    assert [page.flashes[0].startswith("La décision est notée.") for page in pages] == [True, True]
    assert len(stored(association, Mail)) == len(stored(association, Decision)) == 1


@pytest.mark.parametrize(("stage", "typed"), [("withdrawn", {}), ("withdrawn", NO), ("refused", {})])
def test_a_candidature_that_is_over_is_not_decided_again(office, association, in_space, stored, stage, typed):
    with in_space(association):
        person = factories.mentor(association, stage=stage)
        interview(person, held=True)

    page = decide(office, person, **typed)

    assert (page.status, page.errors) == (422, [OVER])
    assert [*stored(association, Decision), *stored(association, Mail)] == []


@pytest.mark.parametrize("typed", [{"outcome": ""}, {"outcome": "maybe"}])
def test_a_decision_is_yes_or_no(office, association, met, stored, typed):
    assert decide(office, met, **typed).status == 422
    assert stored(association, Decision) == []


def test_a_mentor_in_a_pair_is_not_refused(office, association, in_space, people, stored):
    with in_space(association):
        db.session.get(Mentor, (association.id, people.mentor.id)).stage = "checks"

    page = decide(office, people.mentor, **NO)

    assert page.errors == ["Un binôme est en cours ou en préparation : terminez-le d'abord."]
    assert stored(association, Decision) == []
    assert stored(association, Mentor)[0].stage == "checks"


def test_without_an_address_a_refusal_is_noted_all_the_same(office, association, in_space, stored):
    with in_space(association):
        person = factories.mentor(association, account=False, email=None)

    page = decide(office, person, **NO)

    assert page.flashes == ["La décision est notée."]
    assert stored(association, Mail) == []


def test_another_association_s_candidature_is_not_decided_here(office, elsewhere, stranger, stored):
    assert decide(office, stranger, **NO).status == 404
    assert stored(elsewhere, Decision) == []
    assert stored(elsewhere, Mentor)[0].state == "active"


# A refusal that was a mistake.


def take_back(browser, mentor):
    """Press the button of the application's page, when it is there."""
    page = browser.page(f"{SPACE}/mentors/{mentor.id}/candidature")
    form = page.soup.find("form", action=lambda url: url and url.endswith("/decision/reprise"))
    return browser.send(form["action"]) if form else None


def test_a_refusal_is_taken_back_and_the_person_reads_it(office, association, in_space, met, stored):
    decide(office, met, **NO)

    page = take_back(office, met)

    assert page.flashes == ["La candidature continue. Karim reçoit un message."]
    assert "reprise" in [tag.get_text() for tag in page.soup.select(".rows .tag")]
    [mentor], [row] = stored(association, Mentor), stored(association, Decision)
    assert (mentor.state, mentor.stage, mentor.forget_on) == ("active", "interviewed", None)
    assert row.taken_back_at is not None
    assert "Votre candidature continue" in {mail.subject for mail in stored(association, Mail)}
    with in_space(association):
        assert not holds(met, "decision", day())
    assert decide(office, met).flashes == ["La décision est notée. Karim reçoit un message."]
    with in_space(association):
        assert holds(met, "decision", day())


def test_who_was_accepted_refused_and_taken_back_is_decided_again(office, association, in_space, met, stored):
    decide(office, met)
    decide(office, met, **NO)
    take_back(office, met)

    assert stored(association, Mentor)[0].stage == "interviewed"
    with in_space(association):
        assert not holds(met, "decision", day())
    decide(office, met)
    with in_space(association):
        assert holds(met, "decision", day())


def test_who_comes_back_is_where_the_last_decision_left_them(office, association, in_space, met, stored):
    decide(office, met)
    decide(office, met, **NO)
    take_back(office, met)
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, met.id))
        close_file(mentor)
        reopen_file(mentor)
        assert mentor.stage == "interviewed"
        assert not holds(met, "decision", day())


def test_a_yes_noted_of_the_wrong_candidate_is_taken_back(office, association, in_space, met, stored):
    decide(office, met)

    page = take_back(office, met)

    assert page.flashes == ["La candidature est de nouveau à décider. Karim reçoit un message."]
    [mentor], [row] = stored(association, Mentor), stored(association, Decision)
    assert (mentor.state, mentor.stage, row.taken_back_at is None) == ("active", "interviewed", False)
    assert "Votre candidature est encore à l'étude" in {mail.subject for mail in stored(association, Mail)}
    with in_space(association):
        assert not holds(met, "decision", day())
    decide(office, met)
    with in_space(association):
        assert holds(met, "decision", day())


def test_a_yes_on_which_a_pair_rests_stays(office, association, in_space, people, stored):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, people.mentor.id))
        mentor.stage = "ready"
        db.session.add(Decision(mentor_id=mentor.id, is_accepted=True, criteria=[], reason="", decided_by=people.admin.user_id))

    page = take_back(office, people.mentor)

    assert page.flashes == ["Un binôme est en cours ou en préparation\xa0: terminez-le d'abord."]
    assert [row.taken_back_at for row in stored(association, Decision)] == [None]


def test_what_was_not_decided_is_not_taken_back(office, association, met, stored):
    assert take_back(office, met) is None

    page = office.send(f"{SPACE}/mentors/{met.id}/decision/reprise")

    assert page.flashes == ["Il n'y a pas de décision à reprendre."]
    assert stored(association, Mentor)[0].stage == "received"


def test_an_interview_is_called_off_and_the_person_is_told(office, association, in_space, mentor, stored):
    with in_space(association):
        interview(mentor, days=3)
    page = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")
    off = page.soup.find("form", action=lambda url: url and url.endswith("/annulation"))["action"]

    for _time in range(2):
        page = office.send(off)
        assert page.flashes == ["L'entretien est annulé."]

    assert "Pas encore prévu." in page.text
    assert [mail.subject for mail in stored(association, Mail)] == ["Votre entretien est annulé"]


def test_an_interview_that_was_held_stays(office, association, in_space, mentor):
    with in_space(association):
        row = interview(mentor, held=True)
        url = f"{SPACE}/entretiens/{row.id}/annulation"

    assert office.send(url).flashes == ["Cet entretien a eu lieu."]


def test_what_is_written_of_an_interview_that_a_colleague_cancels_is_not_lost(office, association, in_space, mentor):
    with in_space(association):
        row = interview(mentor)
        url = f"{SPACE}/entretiens/{row.id}"
        office.send(f"{url}/annulation")

    page = office.send(url, {"held_on": day(), "colour": "green", "summary": "Posé et attentif."})

    assert (page.status, page.value("summary").strip()) == (422, "Posé et attentif.")
    assert "vient d'annuler cet entretien" in page.errors[0]
