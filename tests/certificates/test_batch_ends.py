"""A batch that does not end as it began: one fails, it is stopped, tried again, taken back."""

import io
import re
import zipfile
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.certificates import actions, batches
from app.certificates.actions import revoke
from app.certificates.jobs import revoke_share
from app.certificates.models import BatchItem, Certificate, CertificateBatch
from app.extensions import db
from app.mail import Mail
from app.rendering import Unwritable
from app.storage import load
from app.training import attendance
from app.training.models import Completion
from app.web import today
from tests import factories
from tests.training.situations import live_session, modules, seat

from .situations import BATCHES, NEW_BATCH, certified, link_to, numbers, pair_of, today_in_paris


def fail_for(name, function, error):
    """The function, which cannot work for somebody."""

    def failing(*given):
        words = str([value for value in given if not isinstance(value, bytes)])  # a file's bytes hold any digits
        if name in words:
            raise error
        return function(*given)

    return failing


@pytest.mark.parametrize(
    ("what", "sign", "error", "said"),
    [
        ("as_pdf", "Bruno", Unwritable("Retirez ce signe."), "Retirez ce signe."),
        ("store_as", "-00002-", OSError("disque plein"), "Une panne a empêché de faire ce fichier."),
    ],
)
def test_one_that_fails_is_noted_with_its_reason_and_made_later(
    what, sign, error, said, coordinator, start, run_jobs, issued, items, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(actions, what, fail_for(sign, getattr(actions, what), error))
        path = start()
        run_jobs()
    assert items() == [("Anne", "done", 1), ("Bruno", "failed", None), ("Chloé", "done", 3)]
    page = coordinator.page(path)
    assert f"Bruno Martin {said}" in page.text

    coordinator.send(page.soup.find("button", string=re.compile("Essayer encore")).parent["action"])
    run_jobs()

    assert numbers(issued()) == [("Anne", 1), ("Bruno", 2), ("Chloé", 3)]
    page = coordinator.page(path)
    assert "Ce qui n'a pas pu être fait" not in page.text
    assert len(zipfile.ZipFile(io.BytesIO(coordinator.get(f"{path}/archive").data)).namelist()) == 3


def test_all_that_fail_leave_no_file_and_no_number(coordinator, start, run_jobs, issued, in_space, association, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(actions, "as_pdf", fail_for("Martin", actions.as_pdf, ValueError("rien à faire")))
        path = start()
        run_jobs()

    page = coordinator.page(path)
    assert "3 n'ont pas pu être faites." in page.text
    assert "ZIP" not in page.text
    assert issued() == []
    with in_space(association):
        assert certified("hours", pair_of(association, "Denis")).number == 1


def test_stopped_in_the_middle_what_is_made_stays_and_numbers_come_back(
    coordinator, start, share, run_jobs, issued, items, in_space, association, monkeypatch
):
    monkeypatch.setattr(batches, "SHARE", 1)
    path = start()
    share(path)

    page = coordinator.send(f"{path}/annulation")
    run_jobs()

    assert page.flashes[-1:] == ["Le lot est arrêté. Les attestations déjà faites restent valables."]
    assert "2 n'ont pas été faites ; leurs numéros serviront aux suivantes." in page.text
    assert items() == [("Anne", "done", 1), ("Bruno", "cancelled", None), ("Chloé", "cancelled", None)]
    assert len(zipfile.ZipFile(io.BytesIO(coordinator.get(f"{path}/archive").data)).namelist()) == 1
    with in_space(association):
        later = [certified("hours", pair_of(association, name)).number for name in ("Denis", "Emma", "Farid")]
    assert later == [2, 3, 4]
    assert [row.number for row in issued()] == [1, 2, 3, 4]


def test_stopped_twice_it_is_stopped_once(coordinator, start, items, in_space, association):
    path = start()
    coordinator.send(f"{path}/annulation")

    assert coordinator.send(f"{path}/annulation").status == 200
    assert [state for _name, state, _number in items()] == ["cancelled"] * 3
    with in_space(association):
        assert actions.next_numbers(today().year, 4) == [1, 2, 3, 4]


def test_what_is_done_is_not_stopped(coordinator, start, run_jobs, items):
    path = start()
    run_jobs()

    coordinator.send(f"{path}/annulation")

    assert [state for _name, state, _number in items()] == ["done"] * 3


def test_what_is_stopped_is_not_tried_again(coordinator, start, run_jobs, issued):
    path = start()
    coordinator.send(f"{path}/annulation")

    coordinator.send(f"{path}/reprise")
    run_jobs()

    assert issued() == []


def test_tried_again_with_nothing_to_try_nothing_changes(coordinator, start, run_jobs, issued):
    path = start()
    run_jobs()

    coordinator.send(f"{path}/reprise")

    assert run_jobs() == []
    assert "3 faites sur 3" in coordinator.page(path).text


def test_freed_numbers_are_given_first_and_in_order(in_space, association):
    with in_space(association):
        year = today().year
        assert actions.next_numbers(year, 5) == [1, 2, 3, 4, 5]
        actions.free_numbers(year, [4, 2])
        actions.free_numbers(year, [2])

        assert [actions.next_number(year), *actions.next_numbers(year, 3)] == [2, 4, 6, 7]


def test_a_batch_keeps_the_year_in_which_its_numbers_were_given(app, people, trio, issued, run_jobs):
    with time_machine.travel(f"{today_in_paris().year}-12-31T22:30:00Z", tick=False):
        client = app.test_client().sign_in(people.coordinator.user_id)
        client.post(NEW_BATCH, data={"chosen": [str(trio["Anne"].id)]})
    with time_machine.travel(f"{today_in_paris().year}-12-31T23:30:00Z", tick=False):
        run_jobs()

    (certificate,) = issued()
    assert certificate.issued_on == date(today_in_paris().year + 1, 1, 1)
    assert certificate.reference_number == f"PA-{today_in_paris().year}-00001"


def test_the_time_left_is_said_at_the_pace_so_far():
    batch = CertificateBatch(state="running", created_at=batches.now() - timedelta(seconds=30))
    counts = {"done": 9, "failed": 1, "waiting": 40, "cancelled": 0, "total": 50}

    assert batches.seconds_left(batch, counts) == pytest.approx(120, abs=2)
    assert batches.seconds_left(batch, counts | {"done": 0, "failed": 0}) is None
    assert batches.seconds_left(CertificateBatch(state="done"), counts) is None
    again = CertificateBatch(state="running", created_at=batches.now() - timedelta(days=7))
    assert batches.seconds_left(again, counts) is None


# Whose it is.


@pytest.mark.parametrize("path", ["", "/avancement", "/archive", "/impression"])
def test_another_associations_batch_is_not_found(path, app, start, in_space, elsewhere, run_jobs):
    batch = start().rpartition("/")[2]
    run_jobs()
    with in_space(elsewhere):
        staff = factories.staff(elsewhere)
    client = app.test_client().sign_in(staff.user_id)

    assert client.get(f"/a/ailleurs/attestations/lots/{batch}{path}").status_code == 404


@pytest.mark.parametrize("path", ["annulation", "reprise"])
def test_another_association_changes_no_batch(path, app, start, in_space, elsewhere, items):
    batch = start().rpartition("/")[2]
    with in_space(elsewhere):
        staff = factories.staff(elsewhere)

    assert app.test_client().sign_in(staff.user_id).post(f"/a/ailleurs/attestations/lots/{batch}/{path}").status_code == 404
    assert [state for _name, state, _number in items()] == ["waiting"] * 3


def test_a_mentor_makes_no_batch(mentor, trio, issued):
    for path in (BATCHES, NEW_BATCH):
        assert mentor.page(path).status == 403
    assert mentor.send(NEW_BATCH, {"chosen": [str(trio["Anne"].id)]}).status == 403


def test_what_a_batch_made_is_revoked_one_by_one(start, run_jobs, in_space, association, people, items):
    start()
    run_jobs()
    with in_space(association):
        revoke(db.session.scalars(select(Certificate).where(Certificate.number == 2)).one(), "Erreur", people.admin.user_id)

    with in_space(association):
        assert [row.is_valid for row in db.session.scalars(select(Certificate).order_by(Certificate.number))] == [True, False, True]


# What each would state; and a whole batch taken back.


def test_the_list_says_what_each_would_state(coordinator, trio):
    page = coordinator.page(NEW_BATCH)

    assert all("séance" in label.get_text() for label in page.soup.select("ul.ticks label"))


def test_a_batch_made_by_mistake_is_taken_back_and_the_holders_told(
    coordinator, start, trio, issued, run_jobs, in_space, association
):
    path = start()
    run_jobs()
    page = coordinator.page(path)
    assert len(page.soup.select("ul.rows a[href*='/attestations/']")) == 3
    where = link_to(page, "Révoquer tout le lot")

    wrong = coordinator.send(where, {"reason": " "})
    assert (wrong.status, wrong.errors) == (422, ["Indiquez la raison."])
    assert all(row.is_valid for row in issued())
    coordinator.send(where, {"reason": "Mauvaise période"})
    revoke_share.run(tenant_id=str(association.id), batch_id=path.rpartition("/")[2])
    with in_space(association):
        assert ["Mauvaise période" in mail.text for mail in db.session.query(Mail).filter_by(kind="certificate_revoked")] == [
            True
        ] * 3
    run_jobs()

    assert [row.revocation_reason[:15] for row in issued()] == ["Lot révoqué le "] * 3, "the reason may name one of them"
    assert coordinator.page(path).text.count("révoquée") == 3
    with in_space(association):
        letters = db.session.query(Mail).filter_by(kind="certificate_revoked").all()
        assert {mail.to_address for mail in letters} == {pair.mentor.email for pair in map(db.session.merge, trio.values())}
    assert coordinator.get(where).location == path, "nothing is left to take back"
    with in_space(association):
        assert "revocation" not in db.session.query(CertificateBatch).one().criteria, "the reason may name somebody"


@pytest.fixture
def one_lacks(start, run_jobs, monkeypatch):
    """The path of a batch in which one could not be made."""
    with monkeypatch.context() as broken:
        broken.setattr(actions, "as_pdf", fail_for("Bruno", actions.as_pdf, Unwritable("Retirez ce signe.")))
        path = start()
        run_jobs()
    return path


def test_nothing_is_made_in_a_batch_that_is_being_taken_back(coordinator, one_lacks, items, issued, run_jobs):
    coordinator.send(f"{one_lacks}/revocation", {"reason": "Mauvaise période"})
    page = coordinator.page(one_lacks)
    coordinator.send(f"{one_lacks}/reprise")  # from a page of before
    run_jobs()

    assert "Essayer encore" not in page.text
    assert "Révoquer tout le lot" not in page.text
    assert [state for _name, state, _number in items()] == ["done", "failed", "done"]
    assert [row.is_valid for row in issued()] == [False, False]
    assert "Essayer encore" in coordinator.page(one_lacks).text, "once it is done, what failed may be made"


@pytest.mark.parametrize("read", ["before", "after"])
def test_a_batch_is_taken_back_for_the_first_reason(
    read, admin, coordinator, people, one_lacks, issued, letters, in_space, association
):
    coordinator.send(f"{one_lacks}/revocation", {"reason": "La première"})
    if read == "after":
        page = admin.send(f"{one_lacks}/revocation", {"reason": "La seconde"})
        assert page.flashes == []
    else:
        with in_space(association):
            assert not batches.revoke_all(db.session.query(CertificateBatch).one(), "La seconde", people.admin.user_id)
    revoke_share.run(tenant_id=str(association.id), batch_id=one_lacks.rpartition("/")[2])

    assert ["La première" in letter.text for letter in letters("certificate_revoked")] == [True, True]
    assert {row.revoked_by for row in issued()} == {people.coordinator.user_id}


def test_whoever_takes_a_batch_back_leaves_their_own(coordinator, people, start, trio, issued, run_jobs, in_space, association):
    path = start()
    run_jobs()
    with in_space(association):
        db.session.merge(trio["Anne"]).mentor.user_id = people.coordinator.user_id

    coordinator.send(f"{path}/revocation", {"reason": "Erreur"})
    run_jobs()

    assert sorted(row.is_valid for row in issued()) == [False, False, True]


def test_what_is_revoked_is_not_in_the_files_of_its_batch_any_more(
    coordinator, start, trio, issued, run_jobs, in_space, association, people, file_of
):
    path = start()
    run_jobs()
    first, second, third = issued()
    with in_space(association):
        revoke(db.session.merge(second), "Erreur", people.admin.user_id)

    assert "Les fichiers sont rassemblés" in coordinator.page(path).text
    assert coordinator.get(f"{path}/archive").status_code == 404
    run_jobs()
    packed = zipfile.ZipFile(io.BytesIO(coordinator.get(f"{path}/archive").data)).namelist()
    assert packed == [f"attestation-{row.reference_number}.pdf" for row in (first, third)]


def test_once_all_are_revoked_there_are_no_files_and_none_is_awaited(coordinator, start, run_jobs, in_space, association):
    path = start()
    run_jobs()
    with in_space(association):
        key = db.session.query(CertificateBatch).one().zip_key

    coordinator.send(f"{path}/revocation", {"reason": "Erreur"})
    run_jobs()

    page = coordinator.page(path)
    assert "Tous les fichiers (ZIP)" not in page.text
    assert "Les fichiers sont rassemblés" not in page.text
    assert page.soup.select("[data-progress]") == []
    with in_space(association), pytest.raises(FileNotFoundError):
        load(key)


def test_no_reason_is_written_on_one_whose_holder_was_erased(start, run_jobs, in_space, association, issued, people):
    start()
    run_jobs()
    with in_space(association):
        erased = db.session.merge(issued()[0])
        erased.file_key = ""
        revoke(erased, "Anne s'est trompée", people.admin.user_id)

    assert issued()[0].revocation_reason == ""


def test_who_got_none_is_not_named_any_more_once_their_course_is_not_complete(in_space, association, people):
    with in_space(association):
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        session, mentor = live_session(modules(course)[0], days=-3), db.session.merge(people.mentor)
        seat(session, mentor, is_seated=True)
        attendance.record_attendance(session, {mentor.id: 60}, [], people.admin.user_id)
        completion = db.session.scalars(select(Completion).where(Completion.course_id == course.id)).one()
        batch = CertificateBatch(kind="training", title="x", year=2026, criteria={}, state="done", started_by=people.admin.user_id)
        db.session.add(batch)
        db.session.flush()
        item = BatchItem(batch_id=batch.id, position=0, source_id=completion.id, holder=mentor.full_name, state="failed")
        db.session.add(item)

        attendance.record_attendance(session, {}, [mentor.id], people.admin.user_id)

        db.session.refresh(item)
        assert item.holder == "Un parcours qui n'est plus terminé"
