"""A page that was opened before somebody else wrote, and two who write of one person at the same instant."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier, Event
from time import sleep
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, func, select

from app.accounts import actions as accounts
from app.accounts.links import mark_of, record_token
from app.accounts.models import User
from app.database import now
from app.extensions import db
from app.leads.models import LeadEvent
from app.leads.words import GUARDIAN_REFUSED
from app.mail import Mail
from app.pairs import closing, life
from app.pairs.closing import CannotClose
from app.pairs.models import Closure, Pair
from app.people import actions, applications, authorising, consent
from app.people.check_models import CheckKind
from app.people.checks import CannotNote, Seen, against, note_check
from app.people.guardians import forget_guardian, guardians_of, name_guardian
from app.people.models import Authorisation, AuthorisationKind, Guardianship, Mentee, Mentor
from app.training import following
from app.training.models import Completion, Enrolment
from app.web import today
from tests import factories
from tests.databases import SOMEBODY_WAITS
from tests.training import situations

from .fixtures import at_once, day_ago, space_of

PARTICIPATION = AuthorisationKind.PARTICIPATION


# Late.


def typed_on(page):
    """What a page sends back as it is."""
    form = {}
    for field in page.soup.select("main form input"):
        if field.get("name") and (field.get("type") not in {"radio", "checkbox"} or field.has_attr("checked")):
            form.setdefault(field["name"], []).append(field.get("value") or "")
    return form | {one["name"]: page.value(one["name"]) for one in page.soup.select("main form select, main form textarea")}


@pytest.fixture
def mentee(association, in_space):
    with in_space(association):
        return factories.mentee(association, age=20)


def again(association, row):
    return db.session.get(type(row), (association.id, row.id))


def test_a_late_page_does_not_make_an_adult_of_a_minor(association, in_space, office, app, mentee):
    path = f"/a/passerelle/jeunes/{mentee.id}/coordonnees"
    form, born = typed_on(office.page(path)), factories.birth_date(15)
    with in_space(association):
        again(association, mentee).birth_date = born

    office.send(path, {**form, "phone": "06 12 00 99 99"})

    with in_space(association):
        row = again(association, mentee)
        assert (row.birth_date, row.phone, row.email) == (born, "+33612009999", mentee.email)


def test_a_commune_that_both_changed_is_said_by_its_name(association, in_space, office, mentee):
    path = f"/a/passerelle/jeunes/{mentee.id}/coordonnees"
    form = typed_on(office.page(path))
    office.send(path, {**form, "commune": "69100 Villeurbanne"})

    page = office.send(path, {**form, "commune": "42000 Saint-Étienne"})

    assert page.errors == ["Quelqu'un vient d'écrire « Villeurbanne » ici. Relisez, puis enregistrez de nouveau."]
    with in_space(association):
        assert again(association, mentee).commune_name == "Villeurbanne"


def test_what_both_changed_is_said_at_its_field_and_nothing_is_written(association, in_space, office, mentee):
    path = f"/a/passerelle/jeunes/{mentee.id}/coordonnees"
    form = typed_on(office.page(path))
    with in_space(association):
        again(association, mentee).first_name = "Lina"

    page = office.send(path, {**form, "first_name": "Léna", "last_name": "Autre"})

    assert page.status == 422
    assert any("Lina" in error for error in page.errors)
    assert page.value("first_name") == "Léna"
    with in_space(association):
        assert (again(association, mentee).first_name, again(association, mentee).last_name) == ("Lina", mentee.last_name)
    last = office.send(path, {**typed_on(page), "first_name": "Léna", "last_name": "Autre"})
    assert (last.errors, last.flashes) == ([], ["Le dossier est à jour."])
    with in_space(association):
        assert again(association, mentee).first_name == "Léna"


@pytest.mark.parametrize("shown", ["", "{", "[1]", '{"x": 1}', "null"])
def test_what_a_page_says_that_it_showed_may_be_anything(association, in_space, office, mentee, shown):
    path = f"/a/passerelle/jeunes/{mentee.id}/coordonnees"

    office.send(path, {**typed_on(office.page(path)), "first_name": "Lina", "shown": shown})

    with in_space(association):
        assert again(association, mentee).first_name == "Lina"


def test_a_paper_of_before_it_was_taken_back_opens_nothing(association, in_space):
    with in_space(association):
        mentee, by, day = (
            factories.mentee(association, age=15),
            factories.staff(association).user_id,
            date.fromisoformat(day_ago(3)),
        )
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        paper = (mentee, PARTICIPATION, "Nadège Parent", day, "paper", by)
        authorising.authorise(*paper)
        consent.withdraw(guardians_of(mentee)[0], PARTICIPATION)

        with pytest.raises(authorising.NotTheirs, match="a été retirée le"):
            authorising.authorise(*paper)
        authorising.authorise(mentee, PARTICIPATION, "Nadège Parent", today(), "paper", by)


def test_a_paper_of_before_a_refusal_by_the_link_of_the_request_opens_nothing(association, in_space):
    """Nothing was noted yet when they said no: a paper that they had signed before is not typed in afterwards."""
    with in_space(association):
        asked, by = factories.lead(age=15, state="withdrawn"), factories.staff(association).user_id
        db.session.add(LeadEvent(lead_id=asked.id, what=GUARDIAN_REFUSED))
        mentee = factories.mentee(association, age=15, lead_id=asked.id)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        paper = (mentee, PARTICIPATION, "Nadège Parent", date.fromisoformat(day_ago(3)), "paper", by)

        with pytest.raises(authorising.NotTheirs, match="Refusé le"):
            authorising.authorise(*paper)
        authorising.authorise(mentee, PARTICIPATION, "Nadège Parent", today(), "paper", by)


def test_a_paper_between_a_word_by_link_and_its_end_opens_nothing(association, in_space):
    with in_space(association):
        mentee, by = factories.mentee(association, age=15), factories.staff(association).user_id
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        [link] = guardians_of(mentee)
        consent.give(link, [PARTICIPATION], "Nadège Parent")
        mentee.authorisations[0].given_on = date.fromisoformat(day_ago(9))
        consent.withdraw(link, PARTICIPATION)

        with pytest.raises(authorising.NotTheirs, match="a été retirée le"):
            authorising.authorise(mentee, PARTICIPATION, "Nadège Parent", date.fromisoformat(day_ago(3)), "paper", by)


@pytest.mark.parametrize("refused", [False, True])
def test_one_parent_who_represents_nobody_any_more_stops_the_paper_of_the_other_when_they_said_no(association, in_space, refused):
    """What ends with them is told from what they took back themselves."""
    with in_space(association):
        mentee, by = factories.mentee(association, age=15), factories.staff(association).user_id
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        name_guardian(mentee, "Paul Parent", "paul@example.org", None)
        mother = next(row for row in guardians_of(mentee) if row.guardian.name == "Nadège Parent")
        consent.give(mother, [PARTICIPATION], "Nadège Parent")
        mentee.authorisations[0].given_on = date.fromisoformat(day_ago(9))
        if refused:
            consent.withdraw(mother, PARTICIPATION)
        consent.take_all_back(mother)
        forget_guardian(mother)
        mentee.guardian_name = None
        paper = (mentee, PARTICIPATION, "Paul Parent", date.fromisoformat(day_ago(3)), "paper", by)

        if refused:
            with pytest.raises(authorising.NotTheirs, match="a été retirée le"):
                authorising.authorise(*paper)
        else:
            assert authorising.authorise(*paper).given_by == "Paul Parent"


def test_who_stopped_representing_a_jeune_meanwhile_allows_nothing(association, in_space):
    with in_space(association):
        mentee = factories.mentee(association, age=15)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        [link] = guardians_of(mentee)
        assert link.guardian.name == "Nadège Parent", "read before somebody else ends it"
        db.session.execute(delete(Guardianship).execution_options(synchronize_session=False))

        with pytest.raises(consent.CannotAsk, match="ne vous compte plus"):
            consent.give(link, [PARTICIPATION], "Nadège Parent")


def test_what_is_not_clear_is_not_covered_by_the_same_document(association, in_space):
    with in_space(association):
        mentor, by = factories.mentor(association, trained=True), factories.staff(association).user_id
        note_check(mentor, Seen(CheckKind.RECORD, today(), today(), is_clear=False), by)

        with pytest.raises(CannotNote, match="quelque chose s'y oppose"):
            note_check(mentor, Seen(CheckKind.RECORD, today(), today(), is_clear=True), by)
        assert against(mentor.id, today()) == {"record"}


# At the same instant: real commits.


@pytest.fixture
def site(crowd):
    factories.programme(crowd)
    return SimpleNamespace(app=crowd, tenant=factories.association(crowd, "passerelle", "Passerelle", ["69"]))


def together(site, *acts):
    """Each act in a space of its own, all at once; what each gave, or raised."""
    start = Barrier(len(acts))

    def run(act):
        start.wait(timeout=30)
        try:
            with space_of(site.app, site.tenant):
                return act()
        except Exception as error:  # noqa: BLE001  (which is looked at)
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def closed_meanwhile(site, kind, person):
    """A colleague closes the file at this very instant."""
    assert together(site, lambda: actions.close_file(db.session.get_one(kind, (site.tenant.id, person.id)))) == [None]


@pytest.mark.committed
@pytest.mark.parametrize("act", [actions.resume, lambda person: actions.pause(person, None)])
def test_a_file_that_a_colleague_closes_while_a_pause_is_noted_stays_closed(site, act):
    with space_of(site.app, site.tenant):
        mentee = factories.mentee(site.tenant, state="paused")
    with space_of(site.app, site.tenant):
        read = db.session.get_one(Mentee, (site.tenant.id, mentee.id))
        closed_meanwhile(site, Mentee, mentee)
        act(read)

    with space_of(site.app, site.tenant):
        assert db.session.get_one(Mentee, (site.tenant.id, mentee.id)).state == "withdrawn"


@pytest.mark.committed
def test_nobody_is_asked_about_a_candidate_whom_a_colleague_refuses_meanwhile(site):
    with space_of(site.app, site.tenant):
        mentor, by = factories.mentor(site.tenant, stage="received"), factories.staff(site.tenant).user_id
    with space_of(site.app, site.tenant):
        read = db.session.get_one(Mentor, (site.tenant.id, mentor.id))
        refuse = partial(applications.decide, is_accepted=False, criteria=[], reason="Ne convient pas", by=by)
        assert together(site, lambda: refuse(db.session.get_one(Mentor, (site.tenant.id, mentor.id))) and None) == [None]
        with pytest.raises(applications.CannotDecide):
            applications.ask_reference(read, "Paul Voisin", "paul@example.org", "voisin", by)


@pytest.mark.committed
@pytest.mark.parametrize("count", [1, 2])
def test_the_last_module_clicked_twice_ends_the_course_once(site, count):
    with space_of(site.app, site.tenant):
        course = situations.texts("Lire", count)
        mentor = factories.mentor(site.tenant)
        modules = situations.modules(course)
        for module in modules[:-1]:
            following.finish_alone(mentor, module, mentor.user_id)

    def click():
        row, last = (db.session.get(type(one), (site.tenant.id, one.id)) for one in (mentor, modules[-1]))
        following.finish_alone(row, last, mentor.user_id)

    assert together(site, *[click] * 4) == [None] * 4
    with space_of(site.app, site.tenant):
        assert [db.session.scalar(select(func.count()).select_from(table)) for table in (Enrolment, Completion)] == [1, 1]


@pytest.fixture
def confirmed(site):
    """A pair that is about to begin, of a minor whose request named a parent, and the link of their refusal."""
    with space_of(site.app, site.tenant):
        parent = {"guardian_email": "parent@example.org", "guardian_name": "Nadège Parent"}
        lead = factories.lead(state="accepted", age=16, **parent)
        mentee = factories.mentee(site.tenant, age=16, lead_id=lead.id, **parent)
        factories.authorisation(mentee)
        pair = factories.pair(factories.mentor(site.tenant, trained=True), mentee, state="confirmed", starts_on=today())
        by = factories.staff(site.tenant).user_id
        link = record_token("accord", site.tenant.id, lead.id, mark_of("parent@example.org"))
    return SimpleNamespace(pair=pair, mentee=mentee, by=by, refusal=f"/accord/{link}/refus")


def begin_meanwhile(site, confirmed, monkeypatch, act):
    """Begin the pair while something else is done, from the moment when the pair is held and its gate was read."""
    is_held, missing = Event(), life.missing

    def slow(*args, **kwargs):
        found = missing(*args, **kwargs)
        is_held.set()
        is_waiting.wait(0.5)
        return found

    is_waiting = Event()
    monkeypatch.setattr(life, "missing", slow)

    def begin():
        life.begin(db.session.get(Pair, (site.tenant.id, confirmed.pair.id)), confirmed.by)

    def other():
        is_held.wait(5)
        return act()

    return together(site, begin, other)


@pytest.mark.committed
def test_a_guardian_who_refuses_while_the_pair_begins_is_heard(site, confirmed, monkeypatch):
    begun, page = begin_meanwhile(site, confirmed, monkeypatch, lambda: site.app.test_client().send(confirmed.refusal, {}))

    assert begun is None
    assert page.status == 200
    with space_of(site.app, site.tenant):
        assert db.session.get(Mentee, (site.tenant.id, confirmed.mentee.id)).state == "withdrawn"
        withdrawn = select(Authorisation.withdrawn_on).where(Authorisation.mentee_id == confirmed.mentee.id)
        assert db.session.scalars(withdrawn).all() == [today()]


@pytest.mark.committed
def test_an_authorisation_is_noted_while_the_pair_begins(site, confirmed, monkeypatch):
    def authorise():
        row = db.session.get(Mentee, (site.tenant.id, confirmed.mentee.id))
        authorising.authorise(row, AuthorisationKind.IMAGE, "Nadège Parent", today(), "paper", None)

    assert begin_meanwhile(site, confirmed, monkeypatch, authorise) == [None, None]


@pytest.fixture
def asked(site):
    """A jeune of 16 whose file came from a request, and whose mother has authorised."""
    with space_of(site.app, site.tenant):
        lead = factories.lead(state="accepted", accepted_at=now())
        mentee = factories.mentee(site.tenant, age=16, account=False, lead_id=lead.id)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        factories.authorisation(mentee, given_by="Nadège Parent")
        [row] = guardians_of(mentee)
        by = factories.staff(site.tenant).user_id
    return SimpleNamespace(mentee=mentee, row=row, by=by)


def corrected(site, asked):
    actions.correct(db.session.get(Mentee, (site.tenant.id, asked.mentee.id)), {"email": "nouvelle@example.org"})


def removed(site, asked):
    browser = site.app.test_client()
    browser.sign_in(asked.by)
    assert browser.send(f"/a/passerelle/representants/{asked.row.id}/retrait", {}).status == 200


@pytest.mark.committed
@pytest.mark.parametrize(("change", "held_by"), [(corrected, actions.person_held), (removed, consent.gate_changed)])
def test_a_guardian_is_noted_while_the_file_is_written(site, asked, change, held_by, monkeypatch):
    """Neither waits for what the other holds: both lock the request before the file."""
    is_held, hold = Event(), held_by.send

    def slow(person, **said):
        found = hold(person, **said)
        if not is_held.is_set():
            is_held.set()
            for _moment in range(500):
                if db.session.scalar(SOMEBODY_WAITS):
                    break
                sleep(0.01)
        return found

    monkeypatch.setattr(held_by, "send", slow)

    def named():
        is_held.wait(5)
        name_guardian(db.session.get(Mentee, (site.tenant.id, asked.mentee.id)), "Paul Parent", "paul@example.org", None)

    assert together(site, lambda: change(site, asked), named) == [None, None]


@pytest.mark.committed
def test_two_who_allow_at_once_invite_once(site):
    with space_of(site.app, site.tenant):
        mentee = factories.mentee(site.tenant, age=16, account=False, guardian_name=None)
        for name in ("Nadège", "Paul"):
            name_guardian(mentee, f"{name} Parent", f"{name.lower()}@example.org", None)
        [first, _second] = db.session.scalars(select(Guardianship.id).order_by(Guardianship.id)).all()

    def by_link():
        consent.give(db.session.get(Guardianship, (site.tenant.id, first)), [PARTICIPATION], "Nadège Parent")

    def noted():
        row = db.session.get(Mentee, (site.tenant.id, mentee.id))
        authorising.authorise(row, PARTICIPATION, "Paul Parent", today(), "paper", None)

    together(site, by_link, noted, noted)

    assert letters_to(site, mentee.email) == 1


@pytest.mark.committed
def test_inviting_by_several_clicks_is_one_letter(site):
    with space_of(site.app, site.tenant):
        by, mentee = factories.staff(site.tenant).user_id, factories.mentee(site.tenant, account=False)

    at_once(site.app, [(by, f"/a/passerelle/jeunes/{mentee.id}/invitation", {})] * 3)

    assert letters_to(site, mentee.email) == 1


def letters_to(site, address):
    with space_of(site.app, site.tenant):
        return db.session.scalar(select(func.count()).where(Mail.to_address == address, Mail.kind == "invitation"))


@pytest.mark.committed
def test_an_account_that_one_space_forgets_while_another_invites_it_lives(site, monkeypatch):
    other = factories.association(site.app, "ailleurs", "Ailleurs", ["59"])
    with space_of(site.app, site.tenant):
        mentee = factories.mentee(site.tenant, email="lea@example.org")
    is_checked, find = Event(), accounts.find_programme

    def slow():
        is_checked.set()
        is_invited.wait(0.5)
        return find()

    is_invited = Event()
    monkeypatch.setattr(accounts, "find_programme", slow)

    def correct():
        actions.correct(db.session.get(Mentee, (site.tenant.id, mentee.id)), {"email": "lea.nouvelle@example.org"})

    def elsewhere():
        is_checked.wait(5)
        with space_of(site.app, other):
            row = factories.mentee(other, email="lea@example.org", account=False)
            actions.invite_person(row)
            return row.user_id

    _none, account = together(site, correct, elsewhere)
    with space_of(site.app, other):
        user = db.session.get(User, account)
        assert (user.email, user.active) == ("lea@example.org", True)


@pytest.mark.committed
def test_a_pair_is_not_closed_on_a_step_that_was_put_back(site):
    with space_of(site.app, site.tenant):
        by = factories.staff(site.tenant).user_id
        pair = factories.pair(factories.mentor(site.tenant, trained=True), factories.mentee(site.tenant))
        closure = closing.begin_closing(pair, "unforeseen", "moved", by)
        for step in closing.steps_for(closure):
            closing.mark_step(closure, step, today(), "")
    answers = {"went_well": "", "contact_rule": "association", "rematch_mentee": None, "rematch_mentor": None}

    def put_back():
        closing.mark_step(db.session.get(Closure, (site.tenant.id, closure.id)), "mentee", None, "")

    with space_of(site.app, site.tenant):
        read = db.session.get(Closure, (site.tenant.id, closure.id))
        assert read.steps
        assert together(site, put_back) == [None]
        with pytest.raises(CannotClose, match="Il reste à faire"):
            closing.close(read, today(), answers, by)
