"""The agreement of a pair: its text, who signs which document until when, the sealed copy, and what then begins."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.certificates.sealing import BadSeal, current_key
from app.extensions import db
from app.mail import Mail
from app.pairs import agreement as papers
from app.pairs import life
from app.pairs.actions import form_pair
from app.pairs.agreement import CannotSign
from app.pairs.agreement_models import Signature
from app.pairs.jobs import watch_pairs
from app.pairs.models import OVER, Pair, PairEvent, PairState
from app.pairs.refusals import GateClosed
from app.pairs.settings import choose
from app.people.actions import pause
from app.people.guardians import forget_guardian, guardians_of, name_guardian
from app.people.rules import Rule, set_rules
from app.people.signals import gate_changed
from app.storage import load
from app.tenants.resolve import current_tenant
from app.web import today
from tests import factories
from tests.certificates.papers import text_of
from tests.certificates.seals import holds
from tests.people.fixtures import at_once, space_of

from .matched import again, agreements, confirmed, link_to, plan, sign_all, signature, to_sign
from .situations import make_mentee, make_mentor

NOON = datetime(2027, 3, 10, 11, tzinfo=UTC)  # noon in Paris


@pytest.fixture
def letters(association, stored):
    """What was written since it was last asked: (address, subject)."""
    seen = set()

    def new():
        mails = [mail for mail in stored(association, Mail) if mail.id not in seen]
        seen.update(mail.id for mail in mails)
        return sorted((mail.to_address, mail.subject) for mail in mails)

    return new


def told(pair):
    """What happened to a pair, in order."""
    rows = db.session.query(PairEvent).filter_by(pair_id=pair.id).order_by(PairEvent.created_at, PairEvent.id)
    return [row.what for row in rows]


def test_preparing_draws_a_document_keeps_it_and_its_digest(association, in_space, drawn, by):
    with in_space(association):
        row = again(association, drawn)
        content = load(row.file_key)

        assert row.digest == hashlib.sha256(content).hexdigest()
        assert (row.state, row.template, row.sign_by) == ("open", 0, today() + timedelta(days=15))
        assert (row.pair.state, told(row.pair)) == ("signing", ["prepared"])
        assert row.pair.mentee.full_name in text_of(content)
        assert "119 répond jour et nuit" in text_of(content)


def test_everybody_who_has_an_address_gets_a_personal_link(association, in_space, drawn, letters, stored):
    with in_space(association):
        people = again(association, drawn).pair
        addresses = sorted([people.mentee.email, people.mentor.email])
        links = {row.email: link_to(row) for row in papers.signatures_of(drawn) if row.email}

    assert letters() == [(address, "Votre convention de mentorat à signer") for address in addresses]
    for mail in stored(association, Mail):
        assert [address for address, link in links.items() if link in mail.text] == [mail.to_address]


def test_the_delay_is_the_associations(association, in_space, by):
    with in_space(association):
        choose(by, sign_days=3)

        assert to_sign(association, by).sign_by == today() + timedelta(days=3)


ADULTS = {"mentee", "mentor", "association"}


@pytest.mark.parametrize(
    ("mentee", "mentor", "roles"),
    [
        (20, 40, ADULTS),
        (17, 40, ADULTS | {"guardian"}),
        (14, 40, ADULTS | {"guardian"}),
        (20, 16, ADULTS | {"mentor_guardian"}),
        (15, 16, ADULTS | {"guardian", "mentor_guardian"}),
    ],
)
def test_who_represents_a_minor_signs_too(association, in_space, by, mentee, mentor, roles):
    with in_space(association):
        pair = confirmed(association, mentee, make_mentor(association, minor=mentor < 18, authorised=True))
        for person in (pair.mentee, pair.mentor):
            person.guardian_name, person.guardian_email = f"Parent de {person.first_name}", f"parent.{person.email}"
        rows = {row.role: row for row in papers.signatures_of(papers.prepare(pair, by))}

    assert set(rows) == roles
    assert {rows[role].name for role in roles - ADULTS} <= {"Parent de Inès", "Parent de Karim"}
    assert all(rows[role].email.startswith("parent.") for role in roles - ADULTS)
    assert (rows["association"].name, rows["association"].email) == ("Claire Morel", None)


@pytest.mark.parametrize(("days", "expected"), [(0, set()), (1, {"guardian"})])
def test_a_parent_signs_until_the_day_before_the_eighteenth_birthday(association, in_space, by, days, expected):
    with in_space(association):
        pair = confirmed(association, 17)
        day = today() + timedelta(days=days)
        pair.mentee.birth_date = day.replace(year=day.year - 18)

        roles = {row.role for row in papers.signatures_of(papers.prepare(pair, by))}

    assert roles - ADULTS == expected


@pytest.mark.parametrize("state", sorted(set(PairState) - {"confirmed", "signing"}))
def test_nothing_is_prepared_before_both_said_yes_nor_once_it_began(association, in_space, by, state):
    with in_space(association):
        pair = confirmed(association, state=state, closed_on=today() if state in OVER else None)

        with pytest.raises(life.NotNow, match="quand les deux ont confirmé, avant le début du binôme"):
            papers.prepare(pair, by)

        assert agreements() == []


def test_preparing_again_replaces_the_document_and_its_links(association, in_space, drawn, by):
    with in_space(association):
        row = again(association, drawn)
        papers.sign(signature(row, "mentor"), row.digest)
        new = papers.prepare(row.pair, by, str(row.id))

        assert [found.state for found in agreements()] == ["void", "open"]
        assert {found.signed_at for found in papers.signatures_of(new)} == {None}
        with pytest.raises(CannotSign, match="elle a été remplacée"):
            papers.sign(signature(row, "mentee"), row.digest)


def test_what_cannot_be_drawn_leaves_the_one_that_is_being_signed(office, association, in_space, drawn, by, monkeypatch):
    with in_space(association):
        pair_id = again(association, drawn).pair_id
    monkeypatch.setattr(papers, "draw", lambda *_all: (_ for _ in ()).throw(CannotSign("Trop long à dessiner.")))

    page = office.send(f"/a/passerelle/binomes/{pair_id}/convention", {"again": str(drawn.id)})

    assert page.flashes == ["Trop long à dessiner."]
    with in_space(association):
        assert [row.state for row in agreements()] == ["open"]


def test_what_had_lapsed_is_not_called_off_a_second_time(association, in_space, drawn, by):
    with in_space(association):
        row = again(association, drawn)
        row.state = "lapsed"
        papers.prepare(row.pair, by)

        assert ([found.state for found in agreements()], told(row.pair).count("void")) == (["lapsed", "open"], 0)


def test_another_text_serves_the_next_agreements_only(association, in_space, drawn, by):
    with in_space(association):
        papers.write_template("Entre {jeune} et nous.", by)
        papers.write_template("Pour {jeune}, {durée}.", by)
        new = to_sign(association, by)

        assert (new.template, new.body) == (2, f"Pour {new.pair.mentee.full_name}, 6 mois.")
        first = again(association, drawn)
        sign_all(first)
        assert "119 répond jour et nuit" in text_of(load(first.sealed_key))


@pytest.mark.parametrize(("signatory", "name"), [("Claire Morel", "Claire Morel"), ("Jeanne Roy", "Claire Morel, pour Jeanne Roy")])
def test_for_the_association_signs_whoever_is_signed_in(association, in_space, by, signatory, name):
    with in_space(association):
        current_tenant.signatory_name = signatory
        agreement = to_sign(association, by)
        papers.sign(signature(agreement, "association"), agreement.digest, "staff", by)

        assert signature(agreement, "association").name == name


def test_once_everybody_has_signed_the_pair_begins_and_all_are_written_to(association, in_space, drawn, letters):
    letters()
    with in_space(association):
        row = again(association, drawn)
        pair, addresses = row.pair, [row.pair.mentee.email, row.pair.mentor.email]
        sign_all(row, "mentee")
        assert (row.state, pair.state, row.sealed_key) == ("open", "signing", None)
        sign_all(row)

        assert (row.state, pair.state, pair.starts_on) == ("signed", "active", today())
        assert sorted(told(pair)) == sorted(["prepared", *["signed"] * 3, "agreed", "begun"])
    assert letters() == sorted((address, "Votre convention est signée") for address in addresses)


def test_the_copy_of_all_is_sealed_and_says_who_signed_which_document(association, in_space, drawn):
    with in_space(association):
        row = again(association, drawn)
        sign_all(row)
        content, certificate = load(row.sealed_key), current_key().certificate
        names = [found.name for found in papers.signatures_of(row)]

    assert holds(content, certificate)
    assert not holds(content.replace(b"/ByteRange", b"/Byterange"), certificate)
    read = text_of(content)
    assert "Signatures" in read
    assert all(name in read for name in names)
    assert read.replace(" ", "").count(row.digest) == 3


def test_what_is_still_missing_keeps_the_pair_waiting_and_the_team_is_told(association, in_space, drawn, letters, stored):
    letters()
    with in_space(association):
        by = factories.user().id
        set_rules([Rule("charter", "all")], "", by)
        row = again(association, drawn)
        sign_all(row)

        assert (row.state, row.pair.state) == ("signed", "signing")
    assert [subject for _to, subject in letters()].count("Une convention est signée") == 1
    assert "il reste des pièces à réunir avant de commencer" in " ".join(mail.text for mail in stored(association, Mail))
    with in_space(association):
        set_rules([], "", by)
        pair = again(association, drawn.pair)
        life.begin(pair, by)
        assert pair.state == "active"


def test_somebody_who_pauses_before_the_last_signature_begins_nothing(association, in_space, drawn):
    with in_space(association):
        row = again(association, drawn)
        pause(row.pair.mentor, None)
        sign_all(row)

        assert (row.state, row.pair.state) == ("signed", "signing")


def test_signing_twice_is_once(association, in_space, drawn):
    with in_space(association):
        row = again(association, drawn)
        first = signature(row, "mentor")
        papers.sign(first, row.digest)
        when = first.signed_at
        papers.sign(first, "another")

        assert (first.signed_at, first.digest, told(row.pair).count("signed")) == (when, row.digest, 1)


def test_a_signature_names_the_document_that_was_shown(association, in_space, drawn):
    with in_space(association):
        row = again(association, drawn)
        for digest in ("", "0" * 64, row.digest.upper()):
            with pytest.raises(CannotSign, match="Le document a changé depuis que vous l'avez ouvert"):
                papers.sign(signature(row, "mentor"), digest)

        assert signature(row, "mentor").signed_at is None


@pytest.mark.parametrize(("days", "taken"), [(0, True), (1, False)])
def test_the_last_day_to_sign_counts_and_the_next_is_late(association, in_space, drawn, by, days, taken):
    with in_space(association):
        row = again(association, drawn)
        row.sign_by = today() - timedelta(days=days)
        if not taken:
            with pytest.raises(CannotSign, match="Le délai pour signer est passé"):
                papers.sign(signature(row, "mentor"), row.digest)
        else:
            papers.sign(signature(row, "mentor"), row.digest)
        papers.sign(signature(row, "mentee"), row.digest, "paper", by)

        assert (signature(row, "mentor").signed_at is not None, signature(row, "mentee").how) == (taken, "paper")


def test_a_refusal_stops_it_and_tells_whoever_follows_the_pair(association, in_space, drawn, letters, stored):
    letters()
    with in_space(association):
        row = again(association, drawn)
        for _time in range(2):
            papers.refuse(signature(row, "mentee"), "Je déménage")

        assert (row.state, row.pair.state, told(row.pair)) == ("refused", "signing", ["prepared", "refused"])
        with pytest.raises(CannotSign, match="refusée"):
            papers.sign(signature(row, "mentor"), row.digest)
    ((_to, subject),) = letters()
    assert subject == "Une convention est refusée"
    assert "Inès" in stored(association, Mail)[-1].text


def test_who_has_signed_does_not_refuse_and_nobody_refuses_what_was_replaced(association, in_space, drawn, by):
    with in_space(association):
        row = again(association, drawn)
        papers.sign(signature(row, "mentor"), row.digest)
        with pytest.raises(CannotSign, match="Vous avez déjà signé"):
            papers.refuse(signature(row, "mentor"), "Finalement non")
        papers.prepare(row.pair, by, str(row.id))
        with pytest.raises(CannotSign, match="n'est plus à signer"):
            papers.refuse(signature(row, "mentee"), "Trop tard")

        assert [found.state for found in agreements()] == ["void", "open"]


def test_what_is_given_up_frees_both_and_ends_the_links(association, in_space, drawn, by):
    with in_space(association):
        row = again(association, drawn)
        life.drop(row.pair, "staff", by)

        assert (row.state, row.pair.state) == ("void", "dropped")
        with pytest.raises(CannotSign):
            papers.sign(signature(row, "mentor"), row.digest)


@pytest.fixture
def hour(app, association, in_space, letters):
    """Do what is done every hour, at a moment; what was written then."""

    def run(moment):
        with time_machine.travel(moment, tick=False), app.app_context():
            watch_pairs.run(tenant_id=str(association.id))
        return letters()

    return run


def test_each_who_has_not_signed_is_reminded_once_two_days_before_then_it_lapses(association, in_space, by, hour, letters):
    with time_machine.travel(NOON, tick=False), in_space(association):
        row = to_sign(association, by)
        papers.sign(signature(row, "mentor"), row.digest)
        mentee = row.pair.mentee.email
    letters()
    day = timedelta(days=1)

    assert hour(NOON + 12 * day) == []
    assert hour(NOON + 12 * day + timedelta(hours=11)) == [], "at night nobody is written to"
    assert hour(NOON + 13 * day) == [(mentee, "Votre convention de mentorat à signer")]
    assert hour(NOON + 14 * day) == hour(NOON + 15 * day) == []
    assert [subject for _to, subject in hour(NOON + 16 * day)] == ["Une convention n'a pas été signée à temps"]
    assert hour(NOON + 17 * day) == []
    with in_space(association):
        assert (again(association, row).state, again(association, row).pair.state) == ("lapsed", "signing")


def test_a_short_delay_is_not_reminded_of_within_the_day(association, in_space, by, hour, letters):
    with time_machine.travel(NOON, tick=False), in_space(association):
        choose(by, sign_days=2)
        to_sign(association, by)
    letters()

    assert hour(NOON + timedelta(hours=1)) == []
    assert len(hour(NOON + timedelta(days=1, hours=1))) == 2


def test_what_lapsed_is_prepared_again(association, in_space, by, drawn, hour):
    hour(datetime.now(UTC).replace(hour=11) + timedelta(days=17))

    with in_space(association):
        row = again(association, drawn)
        assert row.state == "lapsed"
        papers.prepare(row.pair, by, str(row.id))
        assert agreements()[-1].state == "open"


def test_where_the_rules_ask_for_it_no_pair_begins_without_a_signed_agreement(association, in_space, by):
    with in_space(association):
        set_rules([Rule("agreement", "all")], "", by)
        pair = form_pair(make_mentee(association, 20), make_mentor(association), plan(), None, by)
        assert pair.state == "confirmed"
        with pytest.raises(GateClosed, match="La convention du binôme n'est pas encore signée"):
            life.begin(pair, by)
        row = papers.prepare(pair, by)
        with pytest.raises(GateClosed, match="La convention du binôme n'est pas encore signée"):
            life.begin(pair, by)
        sign_all(row)

        assert pair.state == "active"


def test_the_database_refuses_it_too_whoever_asks(association, in_space, by):
    with in_space(association):
        set_rules([Rule("agreement", "all")], "", by)
        sign_all(to_sign(association, by))
        pair = to_sign(association, by).pair
        with pytest.raises(DBAPIError) as refused, db.session.begin_nested():
            db.session.execute(text("UPDATE pairs SET state = 'active' WHERE id = :id"), {"id": pair.id})

        assert refused.value.orig.sqlstate == "BN003"
        assert db.session.query(Pair).filter_by(state="active").count() == 1


@pytest.mark.committed
def test_the_last_two_who_sign_at_the_same_instant_complete_it_once(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        account = factories.staff(tenant).user_id
        row = to_sign(tenant, account)
        papers.sign(signature(row, "association"), row.digest, "association", account)
        links = [link_to(signature(row, role)) for role in ("mentor", "mentee")]

    pages = at_once(crowd, [(account, link, {"consent": "y", "digest": row.digest}) for link in links * 2])

    assert [page.status for page in pages] == [200] * 4
    with space_of(crowd, tenant):
        row = again(tenant, row)
        assert row.state == "signed"
        assert [told(row.pair).count(what) for what in ("signed", "agreed", "begun")] == [3, 1, 1]
        assert db.session.query(Signature).filter(Signature.signed_at.is_(None)).count() == 0


def test_another_guardian_does_not_sign_in_the_name_of_the_first(association, in_space, client):
    with in_space(association):
        pair = confirmed(association, age=16)
        name_guardian(pair.mentee, "Nadège Parent", "nadege@example.org", None)
        row = signature(papers.prepare(pair, factories.staff(association).user_id), "guardian")
        [first] = guardians_of(pair.mentee)
        name_guardian(pair.mentee, "Paul Père", "paul@example.org", None)
        forget_guardian(first)
        path, digest = papers.link_of(row).removeprefix("http://localhost"), row.agreement.digest

        assert (row.agreement.state, again(association, pair).state) == ("void", "confirmed")  # it is prepared again
        with pytest.raises(CannotSign, match="plus rien à signer"):
            papers.invite_again(row)

    client.send(path, {"digest": digest, "consent": "y"})
    with in_space(association):
        assert again(association, row).signed_at is None


def test_nobody_begins_a_pair_on_the_word_of_who_represents_the_minor_no_more(association, in_space, monkeypatch):
    with in_space(association):
        pair = confirmed(association, age=16)
        name_guardian(pair.mentee, "Nadège Parent", "nadege@example.org", None)
        agreement = papers.prepare(pair, factories.staff(association).user_id)
        sign_all(agreement, "mentor")
        name_guardian(pair.mentee, "Paul Père", "paul@example.org", None)
        [first] = [row for row in guardians_of(pair.mentee) if row.guardian.name == "Nadège Parent"]
        monkeypatch.setattr("app.pairs.listeners.end_outgrown", lambda *_pair: None)  # at this very instant
        forget_guardian(first)

        with pytest.raises(CannotSign, match="Nadège Parent, qui ne représente plus"):
            papers.sign(signature(agreement, "mentor"), agreement.digest)
        assert pair.state == "signing"


@pytest.mark.parametrize("whose", ["mentee", "mentor"])
def test_of_two_parents_the_one_who_is_named_is_written_to_and_keeps_their_link(association, in_space, client, letters, by, whose):
    with in_space(association):
        pair = confirmed(association, age=16 if whose == "mentee" else 20, mentor=make_mentor(association, whose == "mentor", True))
        person, role = getattr(pair, whose), "guardian" if whose == "mentee" else "mentor_guardian"
        name_guardian(person, "Nadège Parent", "nadege@example.org", None)
        agreement = papers.prepare(pair, by)
        sign_all(agreement, role)
        path = link_to(signature(agreement, role))
        name_guardian(person, "Paul Père", "paul@example.org", None)
    letters()
    with in_space(association):
        papers.invite_again(signature(agreement, role))
    assert [to for to, _subject in letters()] == ["nadege@example.org"]

    client.send(path, {"digest": agreement.digest, "consent": "y"})

    with in_space(association):
        assert again(association, agreement).state == "signed"
    assert {to for to, subject in letters() if subject == "Votre convention est signée"} >= {"nadege@example.org"}


def test_whoever_is_named_later_signs_where_the_document_named_nobody(association, in_space, by):
    with in_space(association):
        pair = confirmed(association, age=16)
        pair.mentee.guardian_name = pair.mentee.guardian_email = None
        row = signature(papers.prepare(pair, by), "guardian")
        name_guardian(pair.mentee, "Nadège Parent", "nadege@example.org", None)

        assert (row.name, papers.address_now(row)) == ("Représentant légal", "nadege@example.org")


@pytest.fixture
def of_age(association, in_space, by):
    """An agreement prepared for a minor and the minor mentor's, whose parents have not signed when both come of age."""
    with in_space(association):
        pair = confirmed(association, age=17, mentor=make_mentor(association, minor=True, authorised=True))
        for person in (pair.mentee, pair.mentor):
            name_guardian(person, f"Parent {person.first_name}", f"parent.{person.first_name}@example.org", None)
        agreement = papers.prepare(pair, by)
        for person in (pair.mentee, pair.mentor):
            person.birth_date = factories.birth_date(18)
    return agreement


PARENTS = ("guardian", "mentor_guardian")


def test_once_of_age_nobody_waits_for_a_parent_who_refuses_nothing_more(association, in_space, client, of_age, letters, office):
    with in_space(association):
        row = again(association, of_age)
        rows = {role: signature(row, role) for role in PARENTS}
        links, names = [link_to(found) for found in rows.values()], [found.name for found in rows.values()]
        row.created_at, row.sign_by = row.created_at - timedelta(days=9), today()
        forget_guardian(guardians_of(row.pair.mentee)[0])
    letters()
    with in_space(association):
        papers.watch()

    assert [to for to, _subject in letters() if to.startswith("parent.")] == []
    assert [client.page(link).status for link in links] == [404, 404]
    page = office.page(f"/a/passerelle/binomes/{of_age.pair_id}/convention")
    assert page.text.count("signature qui n'est plus demandée, depuis la majorité") == 2
    assert not any(name in office.page("/a/passerelle/binomes/ce-qui-manque").text for name in names)
    with in_space(association):
        row = again(association, of_age)
        with pytest.raises(CannotSign, match="plus rien à signer"):
            papers.invite_again(signature(row, "mentor_guardian"))
        sign_all(row, *PARENTS)
        read = text_of(load(row.sealed_key))

        assert row.state == "signed"
        assert not any(name in read for name in names)


def test_a_minor_who_was_thought_to_be_of_age_is_signed_for_again(association, in_space, of_age, monkeypatch):
    """A date of birth was mistyped: the parent's signature seemed to be asked for no more."""
    monkeypatch.setattr(papers, "begin", lambda *_all: None)  # something else is missing
    with in_space(association):
        row = again(association, of_age)
        sign_all(row, *PARENTS)
        papers.watch()
        assert row.state == "signed"

        row.pair.mentee.birth_date = factories.birth_date(17)
        gate_changed.send(row.pair.mentee)

        assert (row.state, row.pair.state) == ("void", "confirmed")


def test_what_waited_for_a_parent_alone_is_signed_by_all_on_the_day(association, in_space, of_age):
    with in_space(association):
        row = again(association, of_age)
        for found in papers.signatures_of(row):
            if found.role not in PARENTS:
                found.signed_at, found.digest = datetime.now(UTC), row.digest
        row.pair.mentor.birth_date = factories.birth_date(17)
        papers.watch()
        assert row.state == "open", "one of the two is a minor"

        row.pair.mentor.birth_date = factories.birth_date(18)
        papers.watch()

        assert row.state == "signed"


def test_what_cannot_be_sealed_is_not_signed(app, association, in_space, monkeypatch):
    with in_space(association):
        staff = factories.staff(association)
        agreement = to_sign(association, staff.user_id)
        sign_all(agreement, "association")
        row = signature(agreement, "association")
    monkeypatch.setattr(papers, "sealed", raising)

    page = app.test_client().sign_in(staff.user_id).send(f"/a/passerelle/binomes/signatures/{row.id}", {})

    assert page.flashes == ["La clé ne se lit plus."]
    with in_space(association):
        assert (again(association, agreement).state, again(association, row).signed_at) == ("open", None)


def raising(_content):
    raise BadSeal("La clé ne se lit plus.")
