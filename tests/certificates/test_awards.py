"""What each kind states, read from what was done; and who is in the list of a batch, or why not."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from app.certificates import awards
from app.certificates.actions import issue_for_pair, issue_for_period, revoke
from app.certificates.awards import NothingToCertify, Period, candidates
from app.certificates.models import CertificateKind
from app.database import now
from app.extensions import db
from app.pairs.closing import begin_closing, close_pair, give_up
from app.pairs.models import Pair
from app.people.models import Mentor
from app.tenants.models import Tenant
from app.training.models import Completion, ModuleCompletion
from app.web import iso_day, today
from tests import factories

from .papers import attached, text_of
from .situations import OF_MENTOR, SOURCES, certified, completion_of, deserved, held, last_year, pair_of, today_in_paris
from .tokens import payload_of

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
SAYS = {
    "training": "a suivi en entier la formation « Devenir mentor », soit 2 heures, terminée le {today}.",
    "engagement": "a accompagné bénévolement un ou une jeune du {first} au {last}, soit 2 séances et 2 heures 30, "
    "avec une formation de 2 heures au rôle de mentor.",
    "participation": "a pris part au programme du {first} au {last}, avec un mentor ou une mentore : 2 séances et 2 heures 30.",
    "hours": "a donné bénévolement 4 heures 30 de son temps du {since} au {today} : 2 séances de mentorat, "
    "2 heures 30, et 2 heures de formation.",
    "yearly": "a exercé du {since} au {today} une mission bénévole de mentorat individuel : 2 séances et 2 heures 30, "
    "et 2 heures de formation. Compétences mises en œuvre : écoute, pédagogie, organisation, connaissance des études "
    "et des métiers.",
}  # fmt: skip


@pytest.mark.parametrize("kind", CertificateKind)
def test_each_kind_says_what_was_done(kind, in_space, association, people, worked, file_of):
    with in_space(association):
        db.session.execute(update(Completion).values(completed_on=today()))
        db.session.execute(update(ModuleCompletion).values(completed_at=now()))
        factories.meeting(worked, -10, "held", minutes=60)
        factories.meeting(worked, -3, "missed", minutes=60)
        certificate = certified(kind, worked)
        days = {"first": today() - timedelta(days=40), "last": today() - timedelta(days=10),
                "since": last_year().first, "today": today()}  # fmt: skip

    words = {name: iso_day(day.isoformat()) for name, day in days.items()}
    for first, last in (("first", "last"), ("since", "today")):
        if days[first].year == days[last].year:
            words[first] = words[first].removesuffix(f" {days[first].year}")
    said = SAYS[kind].format(**words)
    assert said in text_of(file_of(certificate))
    name = certificate.holder.full_name
    that = "qu'" if name.startswith("Inès") else "que "
    assert certificate.facts["text"].startswith(f"L'association Passerelle atteste {that}{name} ")
    assert (certificate.mentee_id, certificate.mentor_id) in {(None, people.mentor.id), (people.mentee.id, None)}
    assert certificate.holder.id == (people.mentee if kind == "participation" else people.mentor).id


EDGES = [
    ("the first midnight", "2026-03-01T00:00", 1),
    ("a minute before", "2026-02-28T23:59", 0),
    ("the last minute", "2026-03-31T23:59", 1),
    ("the midnight after", "2026-04-01T00:00", 0),
    ("the hour that does not exist", "2026-03-29T02:30", 1),
]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Guadeloupe", "Pacific/Noumea"])
@pytest.mark.parametrize(("moment", "counted"), [edge[1:] for edge in EDGES], ids=[edge[0] for edge in EDGES])
def test_a_period_begins_and_ends_at_midnight_on_the_spaces_clock(moment, counted, zone, in_space, association, people):
    with in_space(association):
        db.session.get(Tenant, association.id).timezone = zone
    association.timezone = zone
    with in_space(association):
        held(people.pair, moment, "2026-03-15T12:00")

        award = deserved("hours", people.pair, MARCH)

    assert award.facts["meetings"] == 1 + counted
    assert (award.facts["from"], award.facts["to"]) == ("2026-03-01", "2026-03-31")


def test_hours_are_those_of_all_pairs_together_and_of_nobody_else(in_space, association, people):
    with in_space(association):
        mentor = factories.mentor(association, trained=True, capacity=2)
        first, second = (factories.pair(mentor, factories.mentee(association)) for _rank in range(2))
        for pair, minutes in ((first, 60), (second, 45), (people.pair, 30)):
            held(pair, "2026-03-15T12:00", minutes=minutes)

        facts = deserved("hours", first, MARCH).facts

    assert (facts["meetings"], facts["minutes"]) == (2, 105)


def test_training_counts_in_the_period_when_it_was_followed(in_space, association, people):
    with in_space(association):
        held(people.pair, "2026-03-15T12:00")
        before = deserved("hours", people.pair, MARCH).facts
        for row in db.session.query(ModuleCompletion):
            row.completed_at = datetime(2026, 3, 31, 23, 59, tzinfo=ZoneInfo("Europe/Paris"))

        after = deserved("hours", people.pair, MARCH).facts

    assert (before["training_minutes"], after["training_minutes"]) == (0, 120)


def test_a_year_that_is_not_over_ends_today(in_space, association, worked):
    with in_space(association):
        factories.meeting(worked, 0, "held")
        facts = deserved("yearly", worked, Period.of_year(today().year)).facts

        assert (facts["from"], facts["to"]) == (f"{today().year}-01-01", today().isoformat())


@pytest.mark.parametrize("kind", OF_MENTOR)
def test_a_mentors_certificate_says_nothing_of_any_jeune(kind, client, in_space, association, people, worked, file_of):
    with in_space(association):
        certificate = certified(kind, worked)
        content = file_of(certificate)

    machines = attached(content, "attestation.json").decode() + str(payload_of(attached(content, "attestation.jwt")))
    path = f"/verifier/{certificate.code}"
    seen = [text_of(content), machines, client.page(path).html, client.get(f"{path}/donnees").text, str(certificate.facts)]
    jeune = people.mentee
    for secret in (jeune.first_name, jeune.last_name, jeune.email, jeune.phone, str(jeune.id), str(worked.id)):
        assert [text for text in seen if secret in text] == [], secret


def test_a_jeunes_certificate_does_not_name_the_mentor(client, in_space, association, people, worked, file_of):
    with in_space(association):
        certificate = certified("participation", worked)
        content = file_of(certificate)

    seen = text_of(content) + attached(content, "attestation.json").decode() + client.page(f"/verifier/{certificate.code}").html
    assert people.mentee.full_name in text_of(content)
    for secret in (people.mentor.first_name, people.mentor.last_name, people.mentor.email, str(people.mentor.id)):
        assert secret not in seen


@pytest.mark.parametrize("kind", CertificateKind)
def test_where_nothing_was_done_there_is_nothing_to_certify(kind, in_space, association, elsewhere, people):
    with in_space(elsewhere):
        stranger = pair_of(elsewhere, "Paul")
        source = SOURCES[kind](stranger)
    with in_space(association), pytest.raises(NothingToCertify):
        awards.award(kind, source, last_year())
    with in_space(association), pytest.raises(NothingToCertify, match="rien à attester"):
        awards.award(kind, people.pair.id, last_year())


def test_objectives_are_cited_when_they_are_given(in_space, association, people, worked, file_of):
    with in_space(association):
        certificate = issue_for_pair(
            CertificateKind.PARTICIPATION, worked, people.coordinator.user_id, ["Choisir une formation", "Oser"]
        )

    assert "Objectifs atteints : Choisir une formation ; Oser." in text_of(file_of(certificate))


def test_objectives_are_not_cited_without_the_jeunes_word(coordinator, people, worked, issued):
    path = f"/a/passerelle/binomes/{worked.id}/participation"

    page = coordinator.send(path, {"objectives": "Choisir une formation"})

    assert page.status == 422
    assert "Sans accord, aucun objectif n'est cité : cochez l'accord, ou décochez les objectifs." in page.text
    assert issued() == []
    coordinator.send(path, {"objectives": "Choisir une formation", "agreed": "y"})
    assert [row.facts["objectives"] for row in issued()] == [["Choisir une formation"]]


def test_an_engagement_cites_no_objective(coordinator, worked, issued):
    coordinator.send(f"/a/passerelle/binomes/{worked.id}/attestation", {"objectives": "Choisir une formation", "agreed": "y"})

    assert "objectives" not in issued()[0].facts


@pytest.mark.parametrize("kind", ["hours", "yearly"])
def test_hours_are_certified_from_the_mentors_file(kind, coordinator, people, worked, letters):
    path = f"/a/passerelle/mentors/{people.mentor.id}"
    assert coordinator.page(path).soup.find("a", string="Attester ses heures")["href"] == f"{path}/attestation"
    year = (today_in_paris() - timedelta(days=40)).year  # of the meeting
    last = min(today_in_paris(), date(year, 12, 31)).isoformat()

    page = coordinator.send(f"{path}/attestation", {"kind": kind, "first": f"{year}-01-01", "last": last})

    assert page.heading == people.mentor.full_name
    assert "1 heure 30" in page.text
    assert len(letters("certificate_issued")) == 1


PERIODS = [
    ({"kind": "", "first": "2026-01-01", "last": "2026-02-01"}, "Choisissez une réponse."),
    ({"kind": "hours", "first": "2026-02-01", "last": "2026-01-01"}, "La fin est avant le début."),
    ({"kind": "hours", "first": "2026-01-01", "last": "2099-01-01"}, "On n'atteste que ce qui est passé."),
    ({"kind": "hours", "first": "2026-01-01", "last": "9999-12-31"}, "On n'atteste que ce qui est passé."),
    ({"kind": "hours", "first": "", "last": "2026-01-01"}, "Indiquez une date."),
    ({"kind": "hours", "first": "2021-01-01", "last": "2021-02-01"},
     "Aucune séance n'est notée comme tenue dans cette période : il n'y a rien à attester."),
    ({"kind": "hours", "first": "0001-01-01", "last": "2026-01-01"}, "Choisissez un début d'il y a dix ans au plus."),
    ({"kind": "yearly", "first": "0026-01-01", "last": "0026-02-01"}, "Choisissez un début d'il y a dix ans au plus."),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "sentence"), PERIODS)
def test_a_period_that_cannot_be_certified_is_refused(typed, sentence, coordinator, people, worked, issued):
    page = coordinator.send(f"/a/passerelle/mentors/{people.mentor.id}/attestation", typed)

    assert (page.status, page.errors[0]) == (422, sentence)
    assert issued() == []


def test_the_same_hours_asked_for_twice_are_one_certificate(in_space, association, people, worked):
    with in_space(association):
        mentor, by = db.session.get(Mentor, (association.id, people.mentor.id)), people.coordinator.user_id
        first = issue_for_period(CertificateKind.HOURS, mentor, since_march(), by)

        assert issue_for_period(CertificateKind.HOURS, mentor, since_march(), by) is first
        assert issue_for_period(CertificateKind.YEARLY, mentor, since_march(), by) is not first


def since_march():
    return Period(date(2026, 3, 1), today())


# Who is in the list.


def listed(*given, **asked):
    """The list of a batch: who gets one, then who does not and why."""
    return [(row.holder, row.excluded) for row in candidates(*given, **asked)]


@pytest.mark.parametrize("kind", ["engagement", "participation", "hours", "yearly"])
def test_those_who_held_nothing_are_listed_with_the_reason(kind, in_space, association, people):
    with in_space(association):
        rows = listed(CertificateKind(kind), last_year(), months=0)

    holder = people.mentee if kind == "participation" else people.mentor
    ((name, reason),) = rows
    assert name == holder.full_name
    assert reason.startswith("Aucune séance n'est ")


def test_pairs_that_are_too_short_are_listed_with_the_reason(in_space, association, people, worked):
    with in_space(association):
        pair_of(association, "Anne", starts_on=today() - timedelta(days=300))
        pair_of(association, "Bruno", starts_on=today() - timedelta(days=200), closed_on=today() - timedelta(days=100),
                state="closed")  # fmt: skip

        rows = listed(CertificateKind.ENGAGEMENT, months=6)

    assert rows == [
        ("Anne Martin", None),
        ("Bruno Martin", "Le binôme s'est arrêté avant 6 mois."),
        (people.mentor.full_name, "Le binôme n'a pas encore 6 mois."),
    ]


def test_a_pair_has_its_months_on_the_day_itself(in_space, association, people):
    with in_space(association):
        pair_of(association, "Anne", starts_on=date(2026, 1, 31), closed_on=date(2026, 2, 28), state="closed")
        pair_of(association, "Bruno", starts_on=date(2026, 1, 31), closed_on=date(2026, 2, 27), state="closed")

        rows = dict(listed(CertificateKind.ENGAGEMENT, months=1))

    assert rows["Anne Martin"] is None
    assert rows["Bruno Martin"] == "Le binôme s'est arrêté avant 1 mois."


APART = "Fin de binôme par précaution : à faire à part, si l'association le décide."


@pytest.mark.parametrize("is_over", [False, True])
@pytest.mark.parametrize("kind", ["engagement", "participation", "hours", "yearly"])
def test_a_precaution_is_left_out_of_a_batch_but_for_the_jeune(kind, is_over, in_space, association, people, worked):
    with in_space(association):
        pair, by = db.session.merge(worked), people.admin.user_id
        begin_closing(pair, "unforeseen", "safety", by)
        if is_over:
            close_pair(pair, today(), "safety", None, by)
        other = pair_of(association, "Anne")
        begin_closing(other, "unforeseen", "time", by)

        rows = dict(listed(CertificateKind(kind), last_year(), months=0))
        alone = deserved(kind, pair)

    if kind == "participation":
        assert (rows.pop(people.mentee.full_name), alone.person.id) == (None, people.mentee.id)
    else:
        assert (rows.pop(people.mentor.full_name), alone.person.id) == (APART, people.mentor.id)
    assert set(rows.values()) <= {None}, "another end leaves nobody out"


@pytest.mark.parametrize("after", ["it goes on", "another year"])
def test_a_precaution_that_is_over_leaves_nobody_out(after, in_space, association, people, worked):
    with in_space(association):
        pair, by = db.session.merge(worked), people.admin.user_id
        closure = begin_closing(pair, "unforeseen", "safety", by)
        if after == "it goes on":
            give_up(closure, by)
        else:
            close_pair(pair, today() - timedelta(days=400), "safety", None, by)

        assert listed(CertificateKind.HOURS, last_year()) == [(people.mentor.full_name, None)]


def test_who_has_one_that_cites_objectives_gets_no_second_one(in_space, association, worked):
    with in_space(association):
        certificate = issue_for_pair(CertificateKind.PARTICIPATION, worked, worked.mentor.user_id, ["Trouver un stage"])

        known = listed(CertificateKind.PARTICIPATION, months=0)

    assert [why for _name, why in known] == [f"L'attestation {certificate.reference_number} le dit déjà."]


@pytest.mark.parametrize("kind", CertificateKind)
def test_those_who_have_it_are_listed_with_its_number(kind, in_space, association, worked):
    with in_space(association):
        course_id = completion_of(worked.mentor).course_id
        certificate = certified(kind, worked)
        known = listed(kind, last_year(), course_id, months=0)
        revoke(certificate, "Erreur", worked.mentor.user_id)
        db.session.flush()

        again = listed(kind, last_year(), course_id, months=0)

    assert known == [(certificate.facts["holder"], f"L'attestation {certificate.reference_number} le dit déjà.")]
    assert again == [(certificate.facts["holder"], None)]


def test_what_was_held_since_makes_somebody_a_candidate_again(in_space, association, worked):
    with in_space(association):
        certified("engagement", worked)
        factories.meeting(db.session.get(Pair, (association.id, worked.id)), -1, "held")

        assert [reason for _name, reason in listed(CertificateKind.ENGAGEMENT, months=0)] == [None]


def test_a_mentor_of_two_pairs_is_listed_twice_with_whom(in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, trained=True, capacity=2, first_name="Anne", last_name="Martin")
        pairs = [factories.pair(mentor, factories.mentee(association, first_name=name)) for name in ("Inès", "Noé")]
        for pair in pairs:
            factories.meeting(pair, state="held")
        certified("engagement", pairs[0])

        rows = candidates(CertificateKind.ENGAGEMENT, months=0)

    assert [(row.label, row.excluded is None) for row in rows] == [
        (f"Anne Martin, avec {pairs[1].mentee.short_name}", True),
        (f"Anne Martin, avec {pairs[0].mentee.short_name}", False),
    ]


def test_names_are_listed_as_in_a_dictionary(in_space, association):
    with in_space(association):
        for name in ("Zoé", "élodie", "Emma", "Çeline"):
            pair_of(association, name)

        names = [name.split()[0] for name, _reason in listed(CertificateKind.ENGAGEMENT, months=0)]

    assert names == ["Çeline", "élodie", "Emma", "Zoé"]


def test_a_withdrawn_mentor_is_not_in_the_list_of_hours(in_space, association, worked):
    with in_space(association):
        db.session.get(Mentor, (association.id, worked.mentor_id)).state = "withdrawn"

        assert listed(CertificateKind.HOURS, last_year()) == []


def test_training_lists_who_completed_that_course(in_space, association, people):
    with in_space(association):
        course_id = completion_of(people.mentor).course_id
        other = factories.required_course("Aller plus loin")

        assert listed(CertificateKind.TRAINING, course_id=course_id) == [(people.mentor.full_name, None)]
        assert listed(CertificateKind.TRAINING, course_id=other.id) == []


def test_the_list_holds_nobody_of_another_association(in_space, association, elsewhere, people, worked):
    with in_space(elsewhere):
        pair_of(elsewhere, "Paul")

    with in_space(association):
        assert [name for name, _reason in listed(CertificateKind.ENGAGEMENT, months=0)] == [people.mentor.full_name]


@pytest.mark.parametrize("kind", CertificateKind)
def test_the_list_is_read_with_a_few_statements(kind, coordinator, in_space, association, people, statements):
    with in_space(association):
        for name in ("Anne", "Bruno", "Chloé"):
            certified("engagement", pair_of(association, name))
        course_id = completion_of(people.mentor).course_id
    coordinator.page("/a/passerelle/attestations")  # the first page of a session writes in it

    with statements() as seen:
        page = coordinator.page(f"/a/passerelle/attestations/lots/nouveau?kind={kind}&course={course_id}&months=0")

    assert "3 attestations à faire" in page.text or kind in {"training", "engagement"}
    assert len(seen) <= 10, seen
