"""Many certificates at once: the list that is checked, the worker's shares, the files at the end."""

import hashlib
import io
import zipfile

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.certificates import batches
from app.certificates.actions import issue_for_pair
from app.certificates.jobs import gather_files
from app.certificates.models import CertificateKind
from app.database import uuid7
from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.closing import begin_closing
from app.pairs.models import Pair
from tests import factories

from .papers import text_of
from .situations import BATCHES, NEW_BATCH, certified, completion_of, link_to, numbers, pair_of

# The list.


def test_whoever_makes_a_batch_gets_none_in_it(coordinator, people, trio, association, in_space):
    with in_space(association):
        mentor = db.session.get(Pair, (association.id, trio["Anne"].id)).mentor
        mentor.user_id = people.coordinator.user_id
        factories.place(association.id, people.coordinator.user_id, "mentor")
    page = coordinator.page(NEW_BATCH)

    assert "2 attestations à faire" in page.text
    assert "Cela vous concerne : une autre personne de l'équipe doit le faire." in page.text


def test_whoever_makes_a_batch_does_not_read_that_theirs_ends_as_a_precaution(coordinator, people, trio, association, in_space):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, trio["Anne"].id))
        begin_closing(pair, "unforeseen", "safety", people.admin.user_id)
    assert "Fin de binôme par précaution" in coordinator.page(NEW_BATCH).text
    with in_space(association):
        db.session.get(Pair, (association.id, trio["Anne"].id)).mentor.user_id = people.coordinator.user_id
        factories.place(association.id, people.coordinator.user_id, "mentor")

    page = coordinator.page(NEW_BATCH)

    assert "Cela vous concerne : une autre personne de l'équipe doit le faire." in page.text
    assert "précaution" not in page.text


def test_the_list_is_checked_before_anything_is_made(coordinator, people, trio, issued):
    page = coordinator.page(NEW_BATCH)

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
    page = coordinator.page(f"{BATCHES}/nouveau")

    assert page.status == 200
    assert page.soup.select("ul.ticks") == []
    assert page.errors == []


@pytest.mark.parametrize("kind", CertificateKind)
def test_every_nature_can_be_made(kind, coordinator, start, trio, in_space, association, run_jobs, issued):
    with in_space(association):
        done = completion_of(trio["Anne"].mentor)
        sources = {"training": done, "hours": trio["Anne"].mentor, "yearly": trio["Anne"].mentor}
    address = f"{BATCHES}/nouveau?kind={kind}&months=0&course={done.course_id}"

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
    page = coordinator.page(f"{BATCHES}/nouveau?{asked}")

    assert (page.status, set(page.errors)) == (422, {sentence})
    assert page.soup.select("ul.ticks") == []


@pytest.mark.parametrize("asked", ["kind=x", "kind=training&course=x", "kind=engagement&months=x", "kind=hours&first=x&last=y"])
def test_a_choice_that_nobody_can_make_is_refused(asked, coordinator, trio):
    page = coordinator.page(f"{BATCHES}/nouveau?{asked}")

    assert page.status == 422
    assert page.errors
    assert page.soup.select("ul.ticks") == []


def test_an_empty_list_says_so(coordinator, people):
    page = coordinator.page(NEW_BATCH)

    assert "Personne n'en attend de cette nature." in page.text


def test_the_batches_are_listed_and_an_empty_list_says_when_one_makes_one(coordinator, start):
    none = "Aucun lot. On en fait un à la fin d'une formation, ou quand des binômes passent six mois."
    assert none in coordinator.page(BATCHES).text

    start()

    ((title, day, state),) = coordinator.page(BATCHES).rows
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
    page = coordinator.send(NEW_BATCH, {"chosen": []})

    assert page.status == 422
    assert "Gardez au moins une personne." in page.text
    assert run_jobs() == []
    assert issued() == []


@pytest.mark.parametrize("forged", ["one who is excluded", "another association's", "nobody", "no id"])
def test_who_is_not_in_the_list_gets_none(forged, coordinator, people, in_space, elsewhere, trio, issued, run_jobs):
    with in_space(elsewhere):
        stranger = pair_of(elsewhere, "Paul")
    given = {"one who is excluded": people.pair.id, "another association's": stranger.id, "nobody": uuid7(), "no id": "x"}[forged]

    page = coordinator.send(NEW_BATCH, {"chosen": [str(trio["Anne"].id), str(given)]})
    run_jobs()

    assert numbers(issued()) in ([], [("Anne", 1)])
    assert page.status in {200, 422}


def test_after_it_they_are_listed_with_its_number(coordinator, start, run_jobs, issued):
    start()
    run_jobs()

    page = coordinator.page(NEW_BATCH)

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
    start(*done, address=f"{BATCHES}/nouveau?kind=training&course={done[0].course_id}")
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
