"""Many certificates at once: the list that is checked, the worker's shares, the files at the end; stopped, failed, tried again."""

import hashlib
import io
import re
import zipfile
from datetime import date, timedelta

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import select

from app.certificates import actions, batches
from app.certificates.actions import issue_for_pair, revoke
from app.certificates.jobs import gather_files, make_share, revoke_share
from app.certificates.models import BatchItem, Certificate, CertificateBatch, CertificateKind
from app.database import uuid7
from app.extensions import db
from app.mail import Mail
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.rendering import Unwritable
from app.storage import load
from app.training import attendance
from app.training.models import Completion
from app.web import today
from tests import factories
from tests.training.situations import live_session, modules, seat

from .papers import text_of
from .situations import certified, completion_of, pair_of, today_in_paris

LOTS = "/a/passerelle/attestations/lots"
NEW = f"{LOTS}/nouveau?kind=engagement&months=0"


@pytest.fixture
def trio(in_space, association, people):
    """Three pairs that held something, by their mentors' first names; the pair of `people` has held nothing."""
    with in_space(association):
        return {name: pair_of(association, name) for name in ("Anne", "Bruno", "Chloé")}


@pytest.fixture
def start(coordinator, trio):
    """Start a batch with everybody in the list, or with those that are named; returns the path of its page."""

    def send(*pairs, address=NEW, **more):
        chosen = [str(pair.id) for pair in pairs or trio.values()]
        return coordinator.post(address, data={"chosen": chosen, **more}).location

    return send


@pytest.fixture
def items(in_space, association):
    """What became of each of the latest batch: who, state, number."""

    def read():
        with in_space(association):
            latest = db.session.scalars(select(CertificateBatch.id).order_by(CertificateBatch.created_at.desc())).first()
            rows = db.session.scalars(select(BatchItem).where(BatchItem.batch_id == latest).order_by(BatchItem.position))
            return [(row.holder.split()[0], row.state, row.number) for row in rows]

    return read


@pytest.fixture
def share(association):
    """Make one share of a batch, as the worker does."""

    def make(path):
        make_share.run(tenant_id=str(association.id), batch_id=path.rpartition("/")[2])

    return make


def link_to(page, word):
    """Where the link with that word leads."""
    return next(link["href"] for link in page.soup.find_all("a") if word in link.get_text())


def numbers(certificates):
    return [(row.facts["holder"].split()[0], row.number) for row in certificates]


# The list.


def test_whoever_makes_a_batch_gets_none_in_it(coordinator, people, trio, association, in_space):
    with in_space(association):
        mentor = db.session.get(Pair, (association.id, trio["Anne"].id)).mentor
        mentor.user_id = people.coordinator.user_id
        factories.place(association.id, people.coordinator.user_id, "mentor")
    page = coordinator.page(NEW)

    assert "2 attestations à faire" in page.text
    assert "Cela vous concerne : une autre personne de l'équipe doit le faire." in page.text


def test_the_list_is_checked_before_anything_is_made(coordinator, people, trio, issued):
    page = coordinator.page(NEW)

    assert "3 attestations à faire" in page.text
    assert [box.parent.get_text(" ").split()[0] for box in page.soup.select("ul.ticks input[checked]")] == [
        "Anne",
        "Bruno",
        "Chloé",
    ]
    assert "1 personne n'est pas dans la liste, et pourquoi" in page.text
    assert people.mentor.full_name in page.soup.select_one("details.sheet").get_text()
    assert "Aucune séance n'est encore notée comme tenue : il n'y a rien à attester." in page.text
    assert issued() == []


def test_nobody_is_listed_before_the_nature_is_chosen(coordinator, trio):
    page = coordinator.page(f"{LOTS}/nouveau")

    assert page.status == 200
    assert page.soup.select("ul.ticks") == []
    assert page.errors == []


@pytest.mark.parametrize("kind", CertificateKind)
def test_every_nature_can_be_made(kind, coordinator, start, trio, in_space, association, run_jobs, issued):
    with in_space(association):
        done = completion_of(trio["Anne"].mentor)
        sources = {"training": done, "hours": trio["Anne"].mentor, "yearly": trio["Anne"].mentor}
    address = f"{LOTS}/nouveau?kind={kind}&months=0&course={done.course_id}"

    start(sources.get(kind, trio["Anne"]), address=address)
    run_jobs()

    (certificate,) = issued()
    assert certificate.kind == kind
    assert certificate.is_valid


CHOICES = [
    ("kind=training", "Choisissez un parcours."),
    ("kind=hours&last=", "Indiquez les deux dates."),
    ("kind=hours&first=", "Indiquez les deux dates."),
    ("kind=yearly&first=&last=", "Indiquez les deux dates."),
    ("kind=hours&first=2026-02-01&last=2026-01-01", "La fin est avant le début."),
    ("kind=hours&first=2026-01-01&last=9999-12-31", "On n'atteste que ce qui est passé."),
    ("kind=engagement&months=-1", "De 0 à 60 mois."),
    ("kind=engagement&months=61", "De 0 à 60 mois."),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "sentence"), CHOICES)
def test_a_choice_that_makes_no_list_is_refused_at_its_field(asked, sentence, coordinator, trio):
    page = coordinator.page(f"{LOTS}/nouveau?{asked}")

    assert (page.status, set(page.errors)) == (422, {sentence})
    assert page.soup.select("ul.ticks") == []


@pytest.mark.parametrize("asked", ["kind=x", "kind=training&course=x", "kind=engagement&months=x", "kind=hours&first=x&last=y"])
def test_a_choice_that_nobody_can_make_is_refused(asked, coordinator, trio):
    page = coordinator.page(f"{LOTS}/nouveau?{asked}")

    assert page.status == 422
    assert page.errors
    assert page.soup.select("ul.ticks") == []


def test_an_empty_list_says_so(coordinator, people):
    page = coordinator.page(NEW)

    assert "Personne n'en attend de cette nature." in page.text


def test_the_batches_are_listed_and_an_empty_list_says_when_one_makes_one(coordinator, start):
    assert (
        "Aucun lot. On en fait un à la fin d'une formation, ou quand des binômes passent six mois." in coordinator.page(LOTS).text
    )

    start()

    ((title, day, state),) = coordinator.page(LOTS).rows
    assert (title, state) == ("Engagement, binômes de 0 mois et plus", "en cours")
    assert day


# The road.


def test_started_it_waits_for_the_worker(coordinator, start, issued, items):
    page = coordinator.page(start())

    assert page.heading == "Engagement, binômes de 0 mois et plus"
    assert "0 faite sur 3" in page.text
    assert "Le travail commence…" in page.text
    assert page.flashes == ["C'est parti. Vous pouvez quitter cette page et revenir."]
    assert issued() == []
    assert items() == [("Anne", "waiting", 1), ("Bruno", "waiting", 2), ("Chloé", "waiting", 3)]


def test_done_it_gives_every_file_in_one_zip_and_one_pdf_to_print(coordinator, start, issued, run_jobs, file_of):
    path = start()

    assert run_jobs() == ["certificates.make_share", "certificates.gather_files"]

    page = coordinator.page(path)
    assert "3 faites sur 3" in page.text
    assert "Terminé." in page.text
    assert numbers(issued()) == [("Anne", 1), ("Bruno", 2), ("Chloé", 3)]
    archive = zipfile.ZipFile(io.BytesIO(coordinator.get(link_to(page, "ZIP")).data))
    assert {name: archive.read(name) for name in archive.namelist()} == {
        f"attestation-{row.reference_number}.pdf": file_of(row) for row in issued()
    }
    printed = coordinator.get(link_to(page, "imprimer")).data
    assert len(PdfReader(io.BytesIO(printed)).pages) == 3
    assert all(name in text_of(printed) for name in ("Anne Martin", "Bruno Martin", "Chloé Martin"))


def test_the_bar_alone_says_the_same(coordinator, start, run_jobs):
    path = start()
    before = coordinator.get(f"{path}/avancement").text
    run_jobs()

    after = coordinator.get(f"{path}/avancement").text

    assert "<html" not in before + after
    assert 'data-state="running"' in before
    assert 'data-state="done-ready"' in after


@pytest.mark.parametrize("which", ["archive", "impression"])
def test_before_the_end_there_is_no_file(which, coordinator, start):
    assert coordinator.get(f"{start()}/{which}").status_code == 404


def test_each_is_a_certificate_like_any_other(client, coordinator, start, trio, issued, run_jobs, file_of):
    start()
    run_jobs()
    first = issued()[0]

    assert client.page(f"/verifier/{first.code}").heading == "Attestation valide"
    assert hashlib.sha256(file_of(first)).hexdigest() == first.sha256
    assert first.file_key.endswith(f"/attestations/{first.year}/{first.reference_number}-{first.code}.pdf")
    assert coordinator.page(f"/a/passerelle/binomes/{trio['Anne'].id}").soup.find("a", string=first.reference_number)


@pytest.mark.parametrize(("wished", "written"), [({}, 0), ({"tells_holders": "y"}, 3)])
def test_holders_are_written_to_when_that_is_wished_and_only_then(wished, written, start, run_jobs, letters, trio):
    start(**wished)
    run_jobs()

    assert len(letters("certificate_issued")) == written
    assert {letter.to_address for letter in letters("certificate_issued")} <= {pair.mentor.email for pair in trio.values()}


def test_who_is_unticked_gets_none(start, trio, issued, run_jobs):
    start(trio["Anne"], trio["Chloé"])
    run_jobs()

    assert numbers(issued()) == [("Anne", 1), ("Chloé", 2)]


def test_nobody_ticked_is_refused(coordinator, trio, issued, run_jobs):
    page = coordinator.send(NEW, {"chosen": []})

    assert page.status == 422
    assert "Gardez au moins une personne." in page.text
    assert run_jobs() == []
    assert issued() == []


@pytest.mark.parametrize("forged", ["one who is excluded", "another association's", "nobody", "no id"])
def test_who_is_not_in_the_list_gets_none(forged, coordinator, people, in_space, elsewhere, trio, issued, run_jobs):
    with in_space(elsewhere):
        stranger = pair_of(elsewhere, "Paul")
    given = {"one who is excluded": people.pair.id, "another association's": stranger.id, "nobody": uuid7(), "no id": "x"}[forged]

    page = coordinator.send(NEW, {"chosen": [str(trio["Anne"].id), str(given)]})
    run_jobs()

    assert numbers(issued()) in ([], [("Anne", 1)])
    assert page.status in {200, 422}


def test_after_it_they_are_listed_with_its_number(coordinator, start, run_jobs, issued):
    start()
    run_jobs()

    page = coordinator.page(NEW)

    assert "Personne n'en attend de cette nature." in page.text
    assert f"L'attestation {issued()[0].reference_number} le dit déjà." in page.text


# Done again, stopped, failed.


def test_done_again_nothing_changes(coordinator, start, share, run_jobs, issued, association, letters):
    path = start(tells_holders="y")
    run_jobs()
    before = [(row.id, row.sha256) for row in issued()]

    share(path)
    gather_files.run(tenant_id=str(association.id), batch_id=path.rpartition("/")[2])
    run_jobs()

    assert [(row.id, row.sha256) for row in issued()] == before
    assert len(letters("certificate_issued")) == 3
    assert "3 faites sur 3" in coordinator.page(path).text


def test_while_it_is_made_nothing_is_gathered(coordinator, start, share, association, monkeypatch):
    monkeypatch.setattr(batches, "SHARE", 1)
    path = start()
    share(path)
    gather_files.run(tenant_id=str(association.id), batch_id=path.rpartition("/")[2])

    assert "ZIP" not in coordinator.page(path).text


def test_pressed_twice_each_gets_one(coordinator, start, run_jobs, issued, items, in_space, association):
    start()
    second = start()
    run_jobs()

    assert numbers(issued()) == [("Anne", 1), ("Bruno", 2), ("Chloé", 3)]
    assert items() == [("Anne", "failed", None), ("Bruno", "failed", None), ("Chloé", "failed", None)]
    assert f"L'attestation {issued()[0].reference_number} le dit déjà." in coordinator.page(second).text
    with in_space(association):
        assert certified("hours", pair_of(association, "Denis")).number == 4


def test_who_got_one_meanwhile_gets_no_other(start, trio, people, in_space, association, run_jobs, issued, items):
    start()
    with in_space(association):
        alone = issue_for_pair(
            CertificateKind.ENGAGEMENT, db.session.get(Pair, (association.id, trio["Bruno"].id)), people.admin.user_id
        )
    run_jobs()

    assert sorted(numbers(issued())) == [("Anne", 1), ("Bruno", alone.number), ("Chloé", 3)]
    assert items() == [("Anne", "done", 1), ("Bruno", "failed", None), ("Chloé", "done", 3)]


def test_a_course_certified_meanwhile_does_not_stop_the_others(start, trio, in_space, association, run_jobs, issued, items):
    with in_space(association):
        done = [completion_of(pair.mentor) for pair in trio.values()]
    start(*done, address=f"{LOTS}/nouveau?kind=training&course={done[0].course_id}")
    with in_space(association):
        certified("training", db.session.get(Pair, (association.id, trio["Anne"].id)))
    run_jobs()

    assert len(issued()) == 3
    assert [state for _name, state, _number in items()] == ["failed", "done", "done"]


def test_who_has_nothing_left_to_certify_is_noted(coordinator, start, trio, in_space, association, run_jobs, items):
    path = start()
    with in_space(association):
        db.session.scalars(select(Meeting).where(Meeting.pair_id == trio["Bruno"].id)).one().state = "cancelled"
    run_jobs()

    assert items() == [("Anne", "done", 1), ("Bruno", "failed", None), ("Chloé", "done", 3)]
    page = coordinator.page(path)
    assert "1 n'a pas pu être faite." in page.text
    assert "Bruno Martin Aucune séance n'est encore notée comme tenue" in page.text


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
        client.post(NEW, data={"chosen": [str(trio["Anne"].id)]})
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
    for path in (LOTS, NEW):
        assert mentor.page(path).status == 403
    assert mentor.send(NEW, {"chosen": [str(trio["Anne"].id)]}).status == 403


def test_what_a_batch_made_is_revoked_one_by_one(start, run_jobs, in_space, association, people, items):
    start()
    run_jobs()
    with in_space(association):
        revoke(db.session.scalars(select(Certificate).where(Certificate.number == 2)).one(), "Erreur", people.admin.user_id)

    with in_space(association):
        assert [row.is_valid for row in db.session.scalars(select(Certificate).order_by(Certificate.number))] == [True, False, True]


# What each would state; and a whole batch taken back.


def test_the_list_says_what_each_would_state(coordinator, trio):
    page = coordinator.page(NEW)

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
