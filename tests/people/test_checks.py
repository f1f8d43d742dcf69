"""Checks of a mentor: what was seen is noted, never the document; freshness, renewal, mistakes, and the letter before the end."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.database import now
from app.extensions import db
from app.people import actions
from app.people.check_models import Check
from tests import factories

from .situations import NOON, SPACE, asks, check, day, holds, on_day, plain

TOGETHER = "Ces dates ne vont pas ensemble : la date du document, puis le jour où vous l'avez vu."
TOO_OLD = "Ce document avait plus de 6 mois ce jour-là : il en faut un récent."
TODAY = NOON.date()
# The document's date, the day on which it was seen, and whether that is within six months.
FRESH = [
    (date(2024, 8, 15), date(2025, 2, 15), True),
    (date(2024, 8, 15), date(2025, 2, 16), False),
    (date(2024, 8, 31), date(2025, 2, 28), True),
    (date(2024, 8, 31), date(2025, 3, 1), False),
    (date(2023, 8, 31), date(2024, 2, 29), True),
    (date(2023, 8, 31), date(2024, 3, 1), False),
    (date(2024, 2, 29), date(2024, 8, 29), True),
    (date(2024, 2, 29), date(2024, 8, 30), False),
    (date(2025, 5, 1), date(2025, 5, 1), True),
]


def seen(kind="identity", document_on=None, seen_on=None, result="clear"):
    """What a coordinator sends."""
    return {"kind": kind, "document_on": document_on or day(-10), "seen_on": seen_on or day(), "result": result}


def note(browser, mentor, **typed):
    return browser.send(f"{SPACE}/mentors/{mentor.id}/verification", seen(**typed))


def test_a_check_is_noted_in_the_name_of_who_saw_it(office, association, mentor, stored):
    page = note(office, mentor)

    [row] = stored(association, Check)
    assert page.flashes == ["La vérification est notée, à votre nom."]
    assert "Pièce d'identité" in page.text
    assert "en règle" in page.text
    assert (row.document_on, row.seen_on, row.is_clear, row.due_on) == (day(-10), day(), True, None)


def test_the_page_says_what_is_asked_and_that_no_document_is_kept(office, mentor):
    page = office.page(f"{SPACE}/mentors/{mentor.id}/verification")

    assert "Binôme ne garde jamais le document : ni fichier, ni photo, ni numéro." in page.text
    assert "Attestation d'honorabilité : de moins de 6 mois, à revoir après 36 mois" in page.text
    assert page.soup.find("input", type="file") is None
    assert page.soup.find("textarea") is None


@pytest.mark.parametrize(("document_on", "seen_on", "is_fresh"), FRESH)
def test_a_document_is_seen_within_the_months_of_the_rule(office, association, mentor, stored, document_on, seen_on, is_fresh):
    page = note(office, mentor, kind="honorability", document_on=document_on, seen_on=seen_on)

    assert page.errors == ([] if is_fresh else [TOO_OLD])
    assert page.status == (200 if is_fresh else 422)
    assert len(stored(association, Check)) == is_fresh


@pytest.mark.parametrize(("document_on", "seen_on", "is_fresh"), FRESH)
def test_the_database_counts_the_same_months(association, in_space, mentor, document_on, seen_on, is_fresh):
    with in_space(association):
        check(mentor, document_on=document_on, seen_on=seen_on)

        assert holds(mentor, "honorability", seen_on, fresh=6) is is_fresh
        assert holds(mentor, "honorability", seen_on) is True


def test_a_document_that_no_rule_asks_for_may_be_of_any_age(office, association, mentor, stored):
    page = note(office, mentor, kind="identity", document_on=date(2015, 1, 1), seen_on=day())

    assert page.flashes == ["La vérification est notée, à votre nom."]
    assert stored(association, Check)[0].due_on is None


@pytest.mark.parametrize(("document", "seen_day"), [(0, 1), (1, 1), (1, 0), (-3, -4)])
def test_dates_that_cross_or_that_are_to_come_are_refused(office, association, mentor, stored, document, seen_day):
    page = note(office, mentor, document_on=day(document), seen_on=day(seen_day))

    assert page.errors == [TOGETHER]
    assert stored(association, Check) == []


def test_today_is_the_day_of_paris(office, association, mentor, stored):
    with time_machine.travel("2027-03-10T23:30:00Z", tick=False):
        office.sign_in(account_of(office))
        page = note(office, mentor, document_on=date(2027, 3, 11), seen_on=date(2027, 3, 11))

    assert page.errors == []
    assert stored(association, Check)[0].seen_on == date(2027, 3, 11)


def account_of(browser):
    """The account that a browser is signed in with, to sign in again on another day."""
    with browser.application.app_context():
        return db.session.execute(text("SELECT user_id FROM web_sessions ORDER BY created_at DESC LIMIT 1")).scalar_one()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("kind", "Choisissez une réponse."),
        ("result", "Choisissez une réponse."),
        ("document_on", "Indiquez une date qui existe."),
        ("seen_on", "Indiquez une date qui existe."),
    ],
)
@pytest.mark.parametrize("typed", ["", "31/02/2026", "photo"])
def test_what_is_missing_is_said_at_its_field(office, association, mentor, stored, missing, sentence, typed):
    page = office.send(f"{SPACE}/mentors/{mentor.id}/verification", {**seen(), missing: typed})

    assert page.status == 422
    assert len(page.errors) == 1
    assert typed != "" or page.errors == [sentence]
    assert stored(association, Check) == []


@pytest.mark.parametrize(
    ("document_on", "due_on"),
    [(date(2023, 5, 15), date(2026, 5, 15)), (date(2024, 2, 29), date(2027, 2, 28)), (date(2025, 8, 31), date(2028, 8, 31))],
)
def test_a_check_is_due_again_so_many_months_after_the_document(office, association, in_space, mentor, stored, document_on, due_on):
    note(office, mentor, kind="honorability", document_on=document_on, seen_on=document_on)

    assert stored(association, Check)[0].due_on == due_on
    with in_space(association):
        assert holds(mentor, "honorability", due_on - timedelta(days=1), 6, 36)
        assert not holds(mentor, "honorability", due_on, 6, 36)


def test_the_file_says_until_when_a_check_holds(office, association, in_space, mentor):
    with in_space(association):
        check(mentor, due_on=day(1))
        check(mentor, "record", document_on=day(-400), seen_on=day(-400), due_on=day())
        check(mentor, "identity", is_clear=False)

    page = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")

    kinds = [item for item in page.soup.select("li") if item.find("button", string="Oui, l'annuler")]
    assert {plain(item.strong.get_text()): item.select_one(".tag").get_text(strip=True) for item in kinds} == {
        "Attestation d'honorabilité": "en règle",
        "Bulletin n° 3 du casier judiciaire": "à revoir",
        "Pièce d'identité": "s'oppose",
    }


@pytest.mark.parametrize(
    ("first", "second", "counts"), [(True, False, False), (False, True, True), (True, True, True), (False, False, False)]
)
def test_the_latest_of_a_kind_is_the_one_that_counts(association, in_space, mentor, first, second, counts):
    with in_space(association):
        check(mentor, seen_on=day(-20), is_clear=first)
        check(mentor, seen_on=day(-10), is_clear=second)

        assert holds(mentor, "honorability", day()) is counts
        assert holds(mentor, "honorability", day(-11)) is first, "on that day only the first was known"


def test_two_of_one_day_count_as_they_were_noted(office, association, in_space, mentor):
    note(office, mentor, kind="record", result="clear")
    note(office, mentor, kind="record", result="not_clear")

    with in_space(association):
        assert not holds(mentor, "record", day())


def test_a_bad_check_of_one_kind_leaves_the_others(association, in_space, mentor):
    with in_space(association):
        check(mentor, "record", is_clear=False)
        check(mentor, "identity")

        assert holds(mentor, "identity", day())
        assert not holds(mentor, "record", day())
        assert not holds(mentor, "honorability", day())


def test_a_check_counts_from_the_day_on_which_it_was_seen(association, in_space, mentor):
    with in_space(association):
        row = check(mentor, document_on=day(-30), seen_on=day(-5))

        assert [holds(mentor, "honorability", day(days)) for days in (-6, -5)] == [False, True]
        assert [row.holds_on(day(days), None) for days in (-6, -5)] == [False, True]


def test_a_check_noted_by_mistake_no_longer_counts_and_stays_readable(office, association, in_space, mentor, stored):
    with in_space(association):
        row = check(mentor)

    page = office.send(f"{SPACE}/verifications/{row.id}/annulation")

    [kept] = stored(association, Check)
    assert page.flashes == ["La vérification est annulée."]
    assert "annulée" in page.text
    assert (kept.cancelled_at is not None, kept.cancelled_by is not None) == (True, True)
    with in_space(association):
        assert not holds(mentor, "honorability", day())


def test_cancelling_a_bad_one_lets_the_good_one_before_count_again(office, association, in_space, mentor):
    with in_space(association):
        check(mentor, seen_on=day(-20))
        bad = check(mentor, seen_on=day(-10), is_clear=False)

    office.send(f"{SPACE}/verifications/{bad.id}/annulation")

    with in_space(association):
        assert holds(mentor, "honorability", day())


def test_cancelling_twice_keeps_the_first_name_and_moment(office, boss, association, in_space, mentor, stored):
    with in_space(association):
        row = check(mentor)
    office.send(f"{SPACE}/verifications/{row.id}/annulation")
    [first] = stored(association, Check)

    boss.send(f"{SPACE}/verifications/{row.id}/annulation")

    [second] = stored(association, Check)
    assert (second.cancelled_at, second.cancelled_by) == (first.cancelled_at, first.cancelled_by)


def test_another_association_s_mentor_and_check_are_not_found(office, elsewhere, in_space, stranger, stored):
    with in_space(elsewhere):
        row = check(stranger)

    assert note(office, stranger).status == 404
    assert office.page(f"{SPACE}/mentors/{stranger.id}/verification").status == 404
    assert office.send(f"{SPACE}/verifications/{row.id}/annulation").status == 404
    assert [kept.cancelled_at for kept in stored(elsewhere, Check)] == [None]


def test_a_mentor_notes_nothing_about_themself(app, association, mentor, stored):
    browser = app.test_client().sign_in(mentor.user_id)

    assert note(browser, mentor).status == 403
    assert stored(association, Check) == []


@pytest.mark.parametrize("name", ["document", "file", "kind", "document_on", "csrf_token", "piece[]"])
def test_a_file_is_refused_whatever_its_field_and_nothing_is_stored(office, association, mentor, stored, name):
    typed = {**seen(), name: (io.BytesIO(b"%PDF-1.7 bulletin"), "bulletin.pdf")}

    page = office.send(f"{SPACE}/mentors/{mentor.id}/verification", typed)

    assert page.status == 409
    assert stored(association, Check) == []
    assert "Binôme ne garde aucun document de vérification : notez seulement ce que vous avez vu." in page.text
    assert "Choisissez un fichier" not in page.text, "it is not a smaller file that is wanted"


def test_no_column_of_checks_can_hold_a_document(app, association, in_space, mentor):
    columns = text("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'checks'")
    with in_space(association):
        types = dict(db.session.execute(columns).all())

    assert types.pop("kind") == "text"
    assert set(types.values()) == {"uuid", "date", "boolean", "timestamp with time zone"}


@pytest.mark.parametrize("kind", ["other", "JVBERi0xLjcK" * 1000])
def test_the_only_text_of_a_check_is_one_of_three_words(association, in_space, mentor, kind):
    with pytest.raises(IntegrityError, match="ck_checks_kind"), in_space(association):
        check(mentor, kind)


@pytest.mark.parametrize(("days", "told"), [(61, False), (60, True), (1, True), (0, False), (-1, False)])
def test_staff_are_told_sixty_days_before_the_end(office, association, in_space, mentor, hour, days, told):
    with in_space(association):
        check(mentor, document_on=date(2024, 6, 1), seen_on=date(2024, 6, 1), due_on=TODAY + timedelta(days=days))

    written = hour(NOON)

    assert [mail.subject for mail in written] == ["Des vérifications sont à refaire"] * told


def test_the_letter_names_the_mentor_the_piece_and_the_day(office, association, in_space, mentor, hour):
    with in_space(association):
        check(mentor, document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=date(2027, 5, 1))

    [mail] = hour(NOON)

    assert mail.kind == "checks"
    assert "Karim Benali, Attestation d'honorabilité : à revoir avant le 1er mai 2027." in plain(mail.text)


def test_what_is_asked_again_sooner_since_it_was_noted_ends_sooner(office, association, in_space, mentor, hour):
    with in_space(association):
        asks("record", "identity", renew=12)
        check(mentor, "record", document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=date(2999, 5, 1))
        check(mentor, "identity", document_on=date(2026, 4, 1), seen_on=date(2026, 4, 1), due_on=date(2029, 4, 1))

    page = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")
    [mail] = hour(NOON)

    with in_space(association):
        assert not holds(mentor, "record", day(), renew=12)
    items = [plain(item.get_text(" ")) for item in page.soup.select("li") if "Bulletin" in item.get_text()]
    assert [("à revoir avant le 1er mai 2025" in item, "en règle" in item) for item in items] == [(True, False)]
    assert "Pièce d'identité : à revoir avant le 1er avril 2027." in plain(mail.text)


def test_each_check_is_told_once(office, association, in_space, mentor, hour):
    with in_space(association):
        check(mentor, document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=TODAY + timedelta(days=30))

    assert [len(hour(NOON + timedelta(days=days))) for days in (0, 0, 1, 20)] == [1, 0, 0, 0]


def test_every_one_of_many_is_named_in_the_end(office, association, in_space, hour):
    with in_space(association):
        for rank in range(25):
            one = factories.mentor(association, account=False, last_name=f"Numéro{chr(97 + rank)}")
            check(one, document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=TODAY + timedelta(days=30))

    said = plain(" ".join(mail.text for moment in range(3) for mail in hour(NOON + timedelta(hours=moment))))

    assert [rank for rank in range(25) if f"Numéro{chr(97 + rank)}," not in said] == []


@pytest.mark.parametrize("why", ["renewed", "cancelled", "withdrawn", "not asked", "bad since"])
def test_nobody_is_told_of_a_check_that_no_longer_matters(office, association, in_space, mentor, hour, why):
    with in_space(association):
        person, old = db.session.merge(mentor), date(2024, 5, 1)
        kind = "identity" if why == "not asked" else "honorability"
        row = check(person, kind, document_on=old, seen_on=old, due_on=TODAY + timedelta(days=30))
        if why in {"renewed", "bad since"}:
            last = date(2027, 3, 1)
            check(person, document_on=last, seen_on=last, due_on=date(2030, 3, 1), is_clear=why == "renewed")
        if why == "cancelled":
            row.cancelled_at = now()
        if why == "withdrawn":
            actions.withdraw(person)

    assert hour(NOON) == []


def test_a_renewed_check_is_told_again_before_its_own_end(office, association, in_space, mentor, hour):
    with in_space(association):
        check(mentor, document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=date(2027, 5, 1))
    hour(NOON)
    with in_space(association):
        check(mentor, document_on=date(2027, 3, 1), seen_on=date(2027, 3, 1), due_on=date(2030, 3, 1))

    assert len(hour(on_day(date(2030, 1, 10)))) == 1


@pytest.mark.parametrize(("at", "told"), [(7, 0), (8, 1), (19, 1), (20, 0)])
def test_nobody_is_written_to_at_night(office, association, in_space, mentor, hour, at, told):
    with in_space(association):
        check(mentor, document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=TODAY + timedelta(days=30))

    assert len(hour(on_day(TODAY, at))) == told


def test_another_association_s_checks_are_not_told_here(office, elsewhere, in_space, stranger, hour):
    with in_space(elsewhere):
        check(stranger, document_on=date(2024, 5, 1), seen_on=date(2024, 5, 1), due_on=TODAY + timedelta(days=30))

    assert hour(NOON) == []
