"""What is left of somebody who was erased: figures; and what is erased by itself, on its day."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.actions import end_membership
from app.accounts.models import User, WebSession
from app.accounts.permissions import Role
from app.certificates.actions import correct, issue, issue_for_pair
from app.certificates.awards import NothingToCertify, award
from app.certificates.models import BatchItem, Certificate, CertificateBatch, CertificateKind
from app.database import now, uuid7
from app.extensions import db
from app.followup import threads
from app.followup.models import Contact
from app.followup.thread_models import Message, Thread
from app.leads.models import Lead
from app.mail import Letter, Mail, send
from app.meetings.models import Meeting, Offer
from app.meetings.notice_models import CalendarFeed, Notice
from app.pairs.agreement_models import Agreement, Signature
from app.pairs.closing import begin_closing, close_pair, mark_step, share_accompanied, steps_for
from app.pairs.closing import close as end_pair
from app.pairs.models import Pair, PairEvent
from app.people.actions import close_file, reopen_file
from app.people.application_models import Decision, Interview, Reference
from app.people.check_models import Check
from app.people.models import Guardian, Guardianship, Mentee, Mentor
from app.privacy.erasing import erase
from app.privacy.jobs import forget_old_cards
from app.storage import load, store_alone
from app.tenants.models import Staff
from app.training.models import Completion, ModuleCompletion, OutsideTraining
from tests import factories
from tests.people.situations import ALL_MET, NOON, SPACE, check, day, interview, on_day, reference
from tests.training.test_uploads import pdf

NO = {"outcome": "no", "criteria": [], "reason": "Deux fois en retard."}


def close(*people):
    """Everybody's pairs are over, and these files closed."""
    for pair in db.session.scalars(select(Pair)):
        pair.state, pair.closed_on = "closed", factories.today()
    db.session.flush()
    for person in people:
        close_file(person)


@pytest.mark.parametrize(("days", "is_kept"), [(729, True), (730, False), (760, False)])
def test_what_was_kept_of_somebody_refused_is_erased_on_its_day(office, association, in_space, night, stored, app, days, is_kept):
    with in_space(association):
        lead = factories.lead("mentor", age=40, first_name="Martine", last_name="Oubli", email="martine@example.org")
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")
    [person] = stored(association, Mentor)
    with in_space(association):
        interview(person, held=True)
        reference(person)
        check(person)
        told = {"title": "Secouriste", "body": "La Croix blanche de Martine Oubli", "done_on": day(-30), "minutes": 60}
        db.session.add(OutsideTraining(mentor_id=person.id, **told))
    app.test_client().sign_in(person.user_id).page("/compte")
    office.send(f"{SPACE}/mentors/{person.id}/decision", {"criteria": ALL_MET, **NO})

    night(on_day(day(days)))

    [row] = stored(association, Mentor)
    with in_space(association):
        account = db.session.get(User, person.user_id)
        sessions = db.session.query(WebSession).filter_by(user_id=person.user_id).count()
    assert (account.email == "martine@example.org", account.active, bool(sessions)) == (is_kept, is_kept, is_kept)
    assert bool(stored(association, OutsideTraining)) is is_kept
    assert (row.last_name, row.email) == (("Oubli", "martine@example.org") if is_kept else ("effacé", None))
    assert (row.birth_date is not None, row.phone is not None) == (is_kept, is_kept)
    assert {bool(stored(association, model)) for model in (Interview, Reference, Decision, Check)} == {is_kept}
    assert [lead.last_name for lead in stored(association, Lead)] == ["Oubli" if is_kept else "effacée"]


def test_erasing_leaves_the_others_and_is_done_once(association, in_space, night, stored):
    with in_space(association):
        mentor = factories.mentor(association, first_name="Karim", last_name="Benali")
        factories.mentor(association, last_name="Refusé", stage="refused", state="withdrawn", forget_on=NOON.date())
        interview(mentor, held=True)

    for late in (0, 1):
        night(NOON + timedelta(days=late))

    kept, erased = stored(association, Mentor)
    assert (kept.full_name, erased.full_name) == ("Karim Benali", "Dossier effacé")
    assert len(stored(association, Interview)) == 1


def test_a_closed_file_has_two_years(association, in_space, people, stored):
    with in_space(association):
        close(db.session.merge(people.mentee))

    [row] = stored(association, Mentee)
    assert row.forget_on == factories.today() + timedelta(days=730)


def test_what_counts_stays_without_a_name(association, in_space, people, stored, app):
    with in_space(association):
        factories.meeting(people.pair, state="held", minutes=90, note="Inès hésite", where="Chez Inès")
        mentor, mentee = db.session.merge(people.mentor), db.session.merge(people.mentee)
        close(mentor, mentee)
        erase(mentor)
        erase(mentee)

    [meeting], [pair] = stored(association, Meeting), stored(association, Pair)
    assert (meeting.state, meeting.minutes, meeting.note, meeting.where) == ("held", 90, None, "")
    assert (pair.objectives, pair.planned_months) == ([], 6)
    assert len(stored(association, Completion)) > 0
    boss = app.test_client().sign_in(people.admin.user_id)
    page = boss.page(f"{SPACE}/binomes/{pair.id}")
    assert (page.status, page.text.count("Dossier effacé") > 0) == (200, True)


def test_a_certificate_is_still_recognised_and_names_nobody(association, in_space, people, client):
    with in_space(association):
        factories.meeting(people.pair, state="held", minutes=90)
        made = issue_for_pair(CertificateKind.ENGAGEMENT, db.session.merge(people.pair), people.admin.user_id)
        code, name = made.code, people.mentor.full_name
        mentor = db.session.merge(people.mentor)
        close(mentor)
        erase(mentor)
        erased = db.session.get(Certificate, (association.id, made.id))
        with pytest.raises(NothingToCertify):
            correct(erased, "Erreur", people.admin.user_id)
        with pytest.raises(NothingToCertify):
            issue_for_pair(CertificateKind.ENGAGEMENT, db.session.merge(people.pair), people.admin.user_id)

    page = client.page(f"/verifier/{code}")
    assert (page.status, page.heading) == (200, "Attestation valide")
    assert "un nom effacé" in page.text
    assert name not in client.send(f"/verifier/{code}", {"nom-name": name}).text
    assert client.get(f"/verifier/{code}/donnees").json["holder"] is None
    boss = client.sign_in(people.admin.user_id)
    assert "sont encore" not in boss.page(f"{SPACE}/attestations/{erased.id}").text
    assert boss.get(f"{SPACE}/attestations/{erased.id}/fichier").status_code == 404


def test_a_parent_of_two_stays_with_the_other(association, in_space, stored):
    with in_space(association):
        parent = Guardian(name="Nadia Benali", email="nadia@example.org")
        gone, left = (factories.mentee(association, age=12, account=False, first_name=name) for name in ("Inès", "Adam"))
        db.session.add(parent)
        db.session.flush()
        db.session.add_all([Guardianship(guardian_id=parent.id, mentee_id=one.id) for one in (gone, left)])
        db.session.flush()
        close(gone)
        erase(gone)

    assert [one.name for one in stored(association, Guardian)] == ["Nadia Benali"]
    assert [one.mentee_id for one in stored(association, Guardianship)] == [left.id]


def test_an_account_that_serves_elsewhere_stays(association, elsewhere, in_space, people):
    with in_space(elsewhere):
        factories.place(elsewhere.id, people.mentor.user_id, "mentor")
    with in_space(association):
        mentor = db.session.merge(people.mentor)
        address = mentor.email
        close(mentor)
        erase(mentor)

        assert db.session.scalar(select(User.active).where(User.email == address)) is True


def test_letters_to_them_go_and_those_to_others_stay(association, in_space, people, stored):
    with in_space(association):
        mentor = db.session.merge(people.mentor)
        for address, subject in (
            (mentor.email.upper(), "Bonjour"),
            ("a@example.org", f"De {mentor.full_name}"),
            ("b@example.org", "x"),
        ):
            db.session.add(Mail(kind="x", to_address=address, subject=subject, message_id=f"{address}@example.org", state="sent"))
        db.session.flush()
        close(mentor)
        erase(mentor)

    assert [mail.subject for mail in stored(association, Mail) if mail.kind == "x"] == ["x"]


# What is somebody else's stays.


def test_letters_about_a_brother_and_to_who_is_still_here_stay(association, in_space, stored):
    with in_space(association):
        shared = {"account": False, "guardian_email": "nadia@example.org", "asker_contact": "educ@example.org"}
        gone = factories.mentee(association, age=12, first_name="Inès", last_name="Benali", **shared)
        factories.mentee(association, age=10, first_name="Adam", **{**shared, "guardian_email": "Nadia@example.org"})
        own = gone.email
        others = [("nadia@example.org", "Adam"), ("educ@example.org", "x"), ("z@example.org", "Inès Benalia")]
        for address, subject in [*others, (own, "y"), ("z@example.org", "Pour Inès Benali")]:
            db.session.add(Mail(kind="x", to_address=address, subject=subject, message_id=f"{subject}@example.org", state="sent"))
        db.session.flush()
        close(gone)
        erase(gone)

    assert {mail.subject for mail in stored(association, Mail) if mail.kind == "x"} == {"Adam", "x", "Inès Benalia"}


def test_who_was_asked_about_another_mentor_still_has_that_letter(association, in_space, stored):
    """The receipt of somebody whose name holds theirs stays too."""
    with in_space(association):
        gone, other = (factories.mentor(association, first_name="Jean", last_name=name) for name in ("Martin", "Martin-Dupont"))
        for mentor in (gone, other):
            reference(mentor)
        for address, subject in (
            ("odile@example.org", "Un avis"),
            ("z@example.org", "Pour Jean Martin-Dupont"),
            ("z@example.org", "Jean Martin, ici"),
        ):
            db.session.add(Mail(kind="x", to_address=address, subject=subject, message_id=f"{uuid7()}@example.org", state="sent"))
        db.session.flush()
        close(gone)
        erase(gone)

    assert {mail.subject for mail in stored(association, Mail) if mail.kind == "x"} == {"Un avis", "Pour Jean Martin-Dupont"}


def an_agreement(association, pair):
    """Signed by all, as a file."""
    key = store_alone(association.id, b"une convention", "pdf")
    db.session.add(Agreement(pair_id=pair.id, template=0, body="Entre", file_key=key, sealed_key=key, digest="x", state="signed",
                             sign_by=factories.today()))  # fmt: skip
    return key


@pytest.mark.parametrize(("who", "left"), [("mentor", [True, False]), ("mentee", [False, True])])
def test_what_the_other_keeps_stays_though_the_bytes_are_the_same(association, in_space, people, who, left):
    with in_space(association):
        pair = db.session.merge(people.pair)
        key = an_agreement(association, pair)
        sent = threads.keep(threads.Written("Voici", "once", pdf(), "c.pdf"))
        thread = Thread(pair_id=pair.id, side="mentor", last_at=now())
        db.session.add(thread)
        db.session.flush()
        row = {"file_key": sent.key, "file_name": "c.pdf", "media_type": "application/pdf"}
        db.session.add(Message(thread_id=thread.id, author="mentor", body="Voici", once="a", **row))
        close(getattr(pair, who))
        erase(getattr(pair, who))

        assert [is_kept(one) for one in (key, sent.key)] == left


def test_the_files_of_a_batch_that_held_theirs_go_too(association, in_space, people):
    with in_space(association):
        pair = db.session.merge(people.pair)
        factories.meeting(pair, state="held")
        keys = [store_alone(association.id, content, "zip") for content in (b"un lot", b"le meme, pour imprimer")]
        batch = CertificateBatch(kind="engagement", title="Engagements", year=factories.today().year, criteria={}, state="done",
                                 started_by=people.coordinator.user_id, zip_key=keys[0], print_key=keys[1])  # fmt: skip
        db.session.add(batch)
        db.session.flush()
        issue(award(CertificateKind.ENGAGEMENT, pair.id), number=1, batch_id=batch.id)
        close(pair.mentor)
        erase(pair.mentor)

        assert [is_kept(key) for key in keys] == [False, False]


def test_nor_does_a_batch_name_whose_course_is_not_complete_any_more(association, in_space, people):
    with in_space(association):
        pair = db.session.merge(people.pair)
        factories.meeting(pair, state="held")
        batch = CertificateBatch(kind="training", title="Formation", year=factories.today().year, criteria={}, state="done",
                                 started_by=people.coordinator.user_id)  # fmt: skip
        db.session.add(batch)
        db.session.flush()
        made = issue(award(CertificateKind.ENGAGEMENT, pair.id), number=1, batch_id=batch.id)
        item = BatchItem(batch_id=batch.id, position=0, source_id=uuid7(), holder=pair.mentor.full_name, state="done",
                         certificate_id=made.id)  # fmt: skip
        db.session.add(item)
        close(pair.mentor)
        erase(pair.mentor)

        db.session.refresh(item)
        assert item.holder == "Dossier effacé"


def is_kept(key):
    try:
        return bool(load(key))
    except FileNotFoundError:
        return False


def test_an_account_that_came_back_to_nothing_goes_with_the_file(association, in_space):
    with in_space(association):
        mentee = factories.mentee(association, age=14, email="lea@example.org")
        account = mentee.user_id
        close_file(mentee)
        reopen_file(mentee)  # a minor without an authorisation is not invited again
        close_file(mentee)
        erase(mentee)

        assert db.session.scalar(select(User.email).where(User.id == account)) != "lea@example.org"


def test_a_jeune_of_before_who_mentors_now_keeps_their_agenda(association, in_space, people):
    with in_space(association):
        before = factories.mentee(association, account=False, user_id=people.mentor.user_id, state="withdrawn")
        db.session.add(CalendarFeed(user_id=people.mentor.user_id))
        db.session.flush()
        erase(before)

        assert db.session.scalars(select(CalendarFeed.revoked_at)).all() == [None]
        assert db.session.get(User, people.mentor.user_id).active


def test_an_admin_does_not_erase_their_own_file(app, people, association, in_space, run_jobs):
    with in_space(association):
        mine = factories.mentor(association, account=False, user_id=people.admin.user_id, state="withdrawn")

    page = app.test_client().sign_in(people.admin.user_id).send(f"{SPACE}/mentors/{mine.id}/effacement")

    assert (page.status, run_jobs()) == (409, [])


def test_a_pair_that_ends_later_is_the_last_contact(association, in_space, people, stored):
    with in_space(association):
        pair, mentor = db.session.merge(people.pair), db.session.merge(people.mentor)
        mentor.state, mentor.forget_on = "withdrawn", factories.today()
        close_pair(pair, factories.today(), "planned", None)

    assert stored(association, Mentor)[0].forget_on == factories.today() + timedelta(days=730)


def test_old_receipts_go_and_the_reminders_that_name_them_stay(association, in_space, people, night, stored):
    with in_space(association):
        mails = [Mail(kind=kind, to_address="a@example.org", subject=kind, message_id=f"{kind}@example.org", state="sent")
                 for kind in ("reminder", "sign_in")]  # fmt: skip
        db.session.add_all(mails)
        db.session.flush()
        db.session.add(
            Notice(kind="two_days", about=people.pair.id, pair_id=people.pair.id, side="mentor", mark="x", mail_id=mails[0].id)
        )

    night(now() + timedelta(days=31))
    assert [mail.subject for mail in stored(association, Mail)] == ["reminder"]
    night(now() + timedelta(days=731))
    assert stored(association, Mail) == []
    assert [notice.mail_id for notice in stored(association, Notice)] == [None]


def test_the_page_of_their_words_opens_once_both_are_erased(association, in_space, people, app):
    with in_space(association):
        for side in ("mentor", "mentee"):
            db.session.add(
                Offer(pair_id=people.pair.id, side=side, starts=[now()], minutes=60, place="association", word=f"De {side}")
            )
        mentor, mentee = db.session.merge(people.mentor), db.session.merge(people.mentee)
        close(mentor, mentee)
        erase(mentor)
    boss, path = app.test_client().sign_in(people.admin.user_id), f"{SPACE}/binomes/{people.pair.id}/messages/binome"
    page = boss.page(path)
    assert ("De mentee" in page.text, "De mentor" in page.text) == (True, False)
    with in_space(association):
        erase(db.session.get(Mentee, (association.id, people.mentee.id)))

    assert boss.page(path).status == 200


@pytest.mark.parametrize("whose", ["jeune", "parent", "mentor"])
def test_nothing_more_is_written_about_somebody_erased(office, association, in_space, whose):
    with in_space(association):
        pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
        close(pair.mentee, pair.mentor)
        erase(pair.mentee)
        erase(pair.mentor)
    said = {
        "how": "phone",
        "day": factories.today().isoformat(),
        "length": "10",
        "note": "Parti",
        "once": "x\x00y",
        "body": "Bonjour",
    }

    contact = office.send(f"{SPACE}/binomes/{pair.id}/echanges/nouveau?qui={whose}", said)
    message = office.send(f"{SPACE}/binomes/{pair.id}/messages/{whose}", said)

    assert contact.status in (404, 422)
    assert message.status in (404, 422)
    with in_space(association):
        assert db.session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("note", ["", "Va mal chez sa mère"])
def test_a_late_account_of_a_meeting_keeps_figures_and_no_words(app, office, association, in_space, people, note):
    with in_space(association):
        pair = db.session.merge(people.pair)
        late, noted = factories.meeting(pair, -3), factories.meeting(pair, -5, "held")
        contact = Contact(
            pair_id=pair.id, side="mentee", how="phone", held_at=now(), minutes=5, reached=True, answers={}, note="",
            user_id=people.coordinator.user_id, once="x",
        )  # fmt: skip
        db.session.add(contact)
        close(pair.mentee)
        erase(pair.mentee)
    said, is_kept = {"outcome": "held", "length": "45", "note": note}, not note

    mentor = app.test_client().sign_in(people.mentor.user_id).send(f"{SPACE}/rendez-vous/{late.id}/compte-rendu", said)
    staff = office.send(f"{SPACE}/binomes/{pair.id}/seances/{noted.id}", said)
    again = (
        app.test_client()
        .sign_in(people.coordinator.user_id)
        .send(
            f"{SPACE}/binomes/{pair.id}/echanges/{contact.id}",
            {"how": "phone", "day": factories.today().isoformat(), "note": "Parti"},
        )
    )

    assert [(page.status == 200) for page in (mentor, staff, again)] == [is_kept, is_kept, False]
    with in_space(association):
        assert db.session.execute(select(Meeting.minutes, Meeting.note).order_by(Meeting.starts_at)).all() == (
            [(45, None), (45, None)] if is_kept else [(60, None), (60, None)]
        )
        assert db.session.scalars(select(Contact.note)).all() == [""]


@pytest.mark.parametrize("is_accompanied", [True, False])
def test_an_end_that_was_accompanied_stays_counted(association, in_space, people, is_accompanied):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        closure = begin_closing(pair, "foreseen", "planned", people.coordinator.user_id)
        for step in steps_for(closure):
            is_left = step == "contact" and not is_accompanied
            mark_step(closure, step, None if is_left else factories.today(), "Karim est fâché" if is_left else "")
        answers = {"went_well": "", "contact_rule": "none", "rematch_mentee": None, "rematch_mentor": None}
        end_pair(closure, factories.today(), answers, people.coordinator.user_id)
        before = share_accompanied()
        close_file(pair.mentee)
        erase(pair.mentee)
        db.session.flush()

        assert share_accompanied() == before == (int(is_accompanied), 1)
        assert "fâché" not in str(closure.steps)


def test_no_word_of_theirs_is_left_in_a_corner(association, in_space, people):
    """Why they did not sign, the notes on their training, what shows their certificate, their agenda, letters to who vouched."""
    with in_space(association):
        pair, mentor = db.session.merge(people.pair), db.session.merge(people.mentor)
        factories.meeting(pair, state="held", minutes=90)
        made = issue_for_pair(CertificateKind.ENGAGEMENT, pair, people.admin.user_id)
        made.share_key = "montre"
        an_agreement(association, pair)
        agreement = db.session.scalars(select(Agreement)).one()
        signature = Signature(agreement_id=agreement.id, role="mentor", name=mentor.full_name, email=mentor.email,
                              refused_at=now(), reason="Je déménage à Brest")  # fmt: skip
        db.session.add_all([
            signature, PairEvent(pair_id=pair.id, what="refused", why="Je déménage à Brest"), CalendarFeed(user_id=mentor.user_id),
        ])  # fmt: skip
        reference(mentor)
        send(
            Letter("note", "Votre avis", "note"), "odile@example.org", tenant=association, name="", lines=["x"], label="x", link="x"
        )
        db.session.execute(update(Mail).values(state="sent"))
        noted = db.session.scalars(select(ModuleCompletion).where(ModuleCompletion.mentor_id == mentor.id).limit(1)).one()
        noted.note = "A du mal avec l'écrit"
        close(mentor)
        erase(mentor)
        db.session.expire_all()

        assert (signature.reason, signature.email) == ("", None)
        assert db.session.scalars(select(PairEvent.why).where(PairEvent.what == "refused")).all() == [""]
        assert db.session.scalars(select(Certificate.share_key)).all() == [None]
        assert None not in db.session.scalars(select(CalendarFeed.revoked_at)).all()
        assert "odile@example.org" not in db.session.scalars(select(Mail.to_address)).all()
        assert noted.note == ""


def test_the_card_of_who_worked_here_too_says_nothing_more(in_space, association):
    with in_space(association):
        mentor = factories.mentor(association)
        card = Staff(user_id=mentor.user_id, first_name="Marqué", last_name="Partout", phone="+33600000001", left_at=now())
        db.session.add(card)
        db.session.flush()
        close(mentor)
        erase(mentor)

    with in_space(association):
        left = db.session.get(Staff, (association.id, card.id))
        assert (left.full_name, left.phone) == ("Nom effacé", "")


@pytest.mark.parametrize(("days", "is_kept"), [(700, True), (740, False)])
def test_who_left_the_team_is_forgotten_two_years_after(in_space, association, days, is_kept):
    with in_space(association):
        here, left = factories.staff(association), factories.staff(association)
        left.left_at = now() - timedelta(days=days)
        end_membership(association.id, left.user_id, Role.COORDINATOR)

    forget_old_cards.run(tenant_id=str(association.id))

    with in_space(association):
        cards = {card.id: card for card in db.session.scalars(select(Staff))}
        assert (cards[left.id].full_name == "Claire Morel", cards[here.id].full_name) == (is_kept, "Claire Morel")
        assert [db.session.get(User, one.user_id).active for one in (here, left)] == [True, is_kept]
