"""What a person may still change, how long it usually takes, and where the link of a request that moved leads."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.accounts.links import mark_in, record_token
from app.database import now, uuid7
from app.extensions import db
from app.leads import actions, deadlines
from app.leads.letter_boxes import MOST_A_DAY, takes
from app.leads.models import Decline, Lead, LeadEvent, Orientation
from app.leads.words import TAKEN_BACK
from app.mail import Mail
from tests import factories

from .answers import of_mentee, subheadings, walk

FIND = "/trouver-un-mentor"
WAIT = "Sur les trois derniers mois"
ANSWERED = "Votre demande a sa réponse : dites-le directement à l'association."
TYPED = {
    "first_name": "Noa",
    "last_name": "Martin-Le Goff",
    "email": "noa@example.org",
    "phone": "07 11 22 33 44",
    "message": "Le soir",
}
KEPT = {**TYPED, "phone": "+33711223344"}


def correct(client, path, **changes):
    """Send the corrections of a request."""
    return client.send(f"{path}/corrections", {**TYPED, "may_relay": "y", **changes})


def events(stored, tenant):
    """What happened, in no order within one instant."""
    return [event.what for event in stored(tenant, LeadEvent)]


@pytest.fixture
def usual(in_space, programme):
    """Requests of the programme that were accepted after so many days: `usual(3, 4)`; None is one that still waits."""

    def make(*days, ago=30, **changes):
        asked = now() - timedelta(days=ago)
        with in_space(programme):
            for count in days:
                accepted = {} if count is None else {"accepted_at": asked + timedelta(days=count)}
                state = "waiting" if count is None else "accepted"
                factories.lead(**{"state": state, "answer_by": None, "requested_at": asked, **accepted, **changes})

    return make


def test_the_usual_wait_is_said_with_its_figures(client, programme, usual):
    usual(2, 3, 4, 9, 20, None, None)

    page = walk(client, FIND, of_mentee())

    assert "dans votre département, 5 demandes sur 7 ont été acceptées, la moitié en 4 jours ou moins." in page.text
    assert WAIT in page.text


FEW = [
    {"kind": "mentor"},
    {"departement_code": "38"},
    {"ago": 91},
    {"state": "withdrawn"},
]


@pytest.mark.parametrize("changes", FEW)
def test_the_wait_of_others_is_not_the_wait_of_this_request(client, programme, usual, changes):
    usual(2, 3, 4, 5)
    usual(2, **changes)

    page = walk(client, FIND, of_mentee())

    assert WAIT not in page.text
    assert "ont été acceptées" not in page.text


def test_the_wait_is_not_said_once_it_is_over(client, usual, make, link):
    usual(2, 3, 4, 9, 20)

    page = client.page(link(make(state="accepted", accepted_at=now())))

    assert "ont été acceptées" not in page.text


def test_half_an_even_number_lies_between_two(client, programme, usual):
    usual(2, 2, 3, 5, 5, 9)

    assert "6 demandes sur 6 ont été acceptées, la moitié en 4 jours ou moins" in walk(client, FIND, of_mentee()).text


def test_one_request_of_an_association_says_nothing_of_another_space(client, usual, make, link):
    usual(2, 3, 4, 9, 20)

    page = client.page(link(make()))

    assert "ont été acceptées" not in page.text


def test_the_form_of_corrections_shows_what_is_known(client, make, link):
    lead = make(
        first_name="Noé", last_name="Martin", email="noe@example.org", phone="+33612345678", message="Merci", may_relay=False
    )

    page = client.page(f"{link(lead)}/corrections")

    assert page.heading == "Corriger mes coordonnées"
    assert [page.value(name) for name in TYPED] == ["Noé", "Martin", "noe@example.org", "06 12 34 56 78", "Merci"]
    assert page.soup.select("#may_relay[checked]") == []


def test_a_correction_is_stored_and_said(client, programme, stored):
    path = walk(client, FIND, of_mentee()).response.request.path

    page = correct(client, path)

    [lead] = stored(programme, Lead)
    assert page.flashes == ["C'est corrigé."]
    assert page.heading == "Bonjour Noa"
    assert "Vous avez corrigé vos coordonnées" in page.text
    assert {name: getattr(lead, name) for name in KEPT} == KEPT


def test_correcting_nothing_leaves_no_trace(client, make, link, stored, association):
    lead = make(**KEPT)

    correct(client, link(lead))

    assert stored(association, LeadEvent) == []


def test_an_address_or_a_number_may_be_taken_away_but_not_both(client, make, link, stored, association):
    path = link(make())

    gone = correct(client, path, email="")
    both = correct(client, gone.response.request.path, email="", phone="")

    assert gone.flashes == ["C'est corrigé."]
    assert stored(association, Lead)[0].email is None
    assert (both.status, len(both.errors)) == (422, 1)
    assert stored(association, Lead)[0].phone == "+33711223344"


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": ""},
        {"first_name": "<b>"},
        {"last_name": "007"},
        {"email": "noe@"},
        {"phone": "06 12"},
        {"message": "a" * 2001},
    ],
)
def test_a_correction_that_cannot_serve_is_refused_at_its_field(client, make, link, stored, association, changes):
    lead = make(first_name="Noé")

    page = correct(client, link(lead), **changes)

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, Lead)[0].first_name == "Noé"


def test_nothing_else_of_a_request_can_be_corrected(client, make, link, stored, association):
    lead = make()

    correct(client, link(lead), state="accepted", kind="mentor", birth_date="1990-01-01", departement_code="75", tenant_id=uuid7())

    [row] = stored(association, Lead)
    assert (row.state, row.kind, row.birth_date, row.departement_code) == ("received", "mentee", lead.birth_date, "69")


def test_the_associations_copy_is_corrected_too(client, association, stored, run_jobs):
    path = walk(client, FIND, of_mentee()).response.request.path
    run_jobs()

    correct(client, path, may_relay="")
    run_jobs()

    [copy] = stored(association, Lead)
    assert {name: getattr(copy, name) for name in KEPT} == KEPT
    assert copy.may_relay is False
    assert "corrected" in events(stored, association)


def test_a_correction_that_travels_with_the_request_arrives(client, association, stored, run_jobs):
    path = walk(client, FIND, of_mentee()).response.request.path
    correct(client, path)

    run_jobs()

    assert stored(association, Lead)[0].first_name == "Noa"


def test_the_copy_that_became_a_file_is_left_as_it_is(client, association, stored, run_jobs, in_space):
    path = walk(client, FIND, of_mentee()).response.request.path
    run_jobs()
    with in_space(association):
        actions.accept(stored(association, Lead)[0], by=factories.user().id)
    correct(client, path)

    run_jobs()

    assert stored(association, Lead)[0].first_name == "Noé"


@pytest.mark.parametrize("state", ["accepted", "withdrawn", "moved", "lapsed"])
def test_a_request_that_has_its_answer_is_not_corrected(client, make, link, stored, association, state):
    lead = make(state=state, accepted_at=now() if state == "accepted" else None, first_name="Noé")

    page = correct(client, link(lead))

    assert (page.status, page.flashes) == (200, [ANSWERED.replace(" :", "\u00a0:")])
    assert stored(association, Lead)[0].first_name == "Noé"
    assert "0612345678" not in client.page(f"{link(lead)}/corrections").html.replace(" ", "")


@pytest.mark.parametrize(("before", "posted", "words"), [
    (False, {"may_relay": "y"}, "Vous avez accepté qu'une autre association soit sollicitée"),
    (True, {"may_relay": ""}, "Vous n'avez pas souhaité qu'une autre association soit sollicitée"),
])  # fmt: skip
def test_a_change_of_mind_is_in_the_history(client, make, link, stored, association, before, posted, words):
    lead = make(**KEPT, may_relay=before)

    page = correct(client, link(lead), **posted)

    assert words in page.text
    assert "Vous avez corrigé vos coordonnées" not in page.text
    assert stored(association, Lead)[0].may_relay is not before


def test_who_refuses_another_association_waits_until_they_agree(app, client, association, in_space, stored, run_jobs, programme):
    path = walk(client, FIND, of_mentee(may_relay="")).response.request.path
    run_jobs()
    with in_space(association):
        actions.decline(stored(association, Lead)[0], "no_mentor")
    second = factories.association(app, "seconde", "Seconde", ["69"])
    run_jobs()
    waits = client.page(path)

    agreed = correct(client, path)
    run_jobs()

    assert "Nous cherchons la bonne association" in subheadings(waits)
    assert "Seconde a reçu votre demande" in subheadings(agreed)
    assert [row.first_name for row in stored(second, Lead)] == ["Noa"]


def test_agreeing_without_an_association_says_why_it_waits_now(client, programme, in_space, stored, link):
    with in_space(programme):
        lead = factories.lead(state="waiting", waiting_reason="no_relay", may_relay=False, answer_by=None)

    page = correct(client, link(lead))

    assert "Aucune association n'intervient dans ce département." in page.text
    assert stored(programme, Orientation) == []


@pytest.mark.parametrize("suffix", ["", "/corrections", "/retrait"])
def test_a_token_of_another_tenant_opens_nothing(app, client, make, elsewhere, programme, suffix):
    lead = make()
    with app.app_context():
        tokens = [record_token("suivi", elsewhere.id, lead.id), record_token("suivi", programme.id, lead.id),
                  record_token("autre", lead.tenant_id, lead.id)]  # fmt: skip

    for token in tokens:
        page = client.page(f"/suivi/{token}{suffix}")
        assert (page.status, page.heading) == (404, "Ce lien ne mène nulle part")


@pytest.mark.parametrize("forge", [lambda t: t[:-4], lambda t: t[:-9] + ("A" if t[-9] != "A" else "B") + t[-8:], lambda t: t + "A"])
def test_a_forged_token_corrects_nothing(client, make, link, stored, association, forge):
    path = link(make(first_name="Noé"))

    page = correct(client, forge(path))

    assert (page.status, page.heading) == (404, "Ce lien ne mène nulle part")
    assert stored(association, Lead)[0].first_name == "Noé"


@pytest.fixture
def moved(app, make, association, programme, run_jobs, link):
    """The old link of a direct request that nobody answered, and that went to the programme."""
    with time_machine.travel(datetime(2026, 11, 10, 10, tzinfo=UTC), tick=False):
        lead = make(answer_by=factories.today() - timedelta(days=1), first_name="Noé")
        with app.app_context():
            deadlines.watch_deadlines.run(tenant_id=str(association.id))
        run_jobs()
    return link(lead)


@pytest.mark.parametrize("suffix", ["", "/corrections", "/retrait"])
def test_the_old_link_of_a_request_that_moved_leads_to_the_programmes_page(
    client, moved, stored, association, programme, link, suffix
):
    page = client.page(f"{moved}{suffix}")

    [ours] = stored(programme, Lead)
    assert stored(association, Lead) == []
    assert page.response.request.path == link(ours)
    assert page.heading == "Bonjour Noé"
    assert "L'association n'a pas répondu à temps" in page.text


def test_a_request_that_is_gone_from_both_spaces_leads_nowhere(client, moved, programme, stored, in_space):
    with in_space(programme):
        db.session.delete(stored(programme, Lead)[0])

    assert client.page(moved).heading == "Ce lien ne mène nulle part"


def test_a_request_that_was_declined_and_did_not_move_leads_nowhere(client, make, link, association, in_space, stored):
    lead = make()
    with in_space(association):
        actions.decline(lead, "age")

    assert client.page(link(lead)).heading == "Ce lien ne mène nulle part"
    assert stored(association, Decline)[0].moved_to is None


def test_the_link_of_another_associations_request_does_not_follow_a_move(app, client, moved, elsewhere, association, stored):
    [decline] = stored(association, Decline)
    with app.app_context():
        token = record_token("suivi", elsewhere.id, decline.lead_id)

    assert client.page(f"/suivi/{token}").status == 404


def test_the_link_sent_to_a_mistyped_address_opens_nothing_once_it_is_corrected(client, programme, stored, app):
    """A stranger has it; the right address gets its own, and the page that the person holds goes on."""
    own = walk(client, FIND, of_mentee(email="voisin@example.org")).response.request.path
    [strange] = links_to(stored, programme, "voisin@example.org")

    page = correct(client, own, email="noe@example.org")
    [fresh] = links_to(stored, programme, "noe@example.org")

    assert page.flashes == ["C'est corrigé."]
    stranger = app.test_client()
    assert [stranger.page(f"{strange}{part}").status for part in ("", "/corrections", "/retrait")] == [404, 404, 404]
    assert stranger.send(f"{strange}/retrait").status == 404
    assert [client.page(path).status for path in (own, page.response.request.path, fresh)] == [404, 200, 200]
    assert stored(programme, Lead)[0].state != "withdrawn"


def test_a_link_does_not_give_the_number_away_and_one_that_did_still_opens(client, association, in_space, make):
    lead = make(email=None, phone="+33711223344")
    guessed = hashlib.sha256(b"+33711223344").hexdigest()[:12]

    with in_space(association):
        before, now_sent = record_token("suivi", association.id, lead.id, guessed), actions.tracking_token(lead)
        mark = mark_in(now_sent, "suivi")

    assert [client.page(f"/suivi/{token}").status for token in (before, now_sent)] == [200, 200]
    assert mark not in {"", guessed}


@pytest.mark.parametrize("way", [{"email": "vraie@example.org"}, {"email": "", "phone": "06 12 34 56 79"}])
def test_who_asked_in_somebodys_name_reads_nothing_once_staff_reach_the_right_person(client, programme, in_space, way, app):
    own = walk(client, FIND, of_mentee(**{**way, "email": way["email"] and "intrus@example.org"})).response.request.path
    assert client.page(own).status == 200

    with in_space(programme):
        lead = db.session.query(Lead).one()
        actions.correct(lead, {"email": "vraie@example.org", "phone": "+33612345670"}, by=factories.staff(programme).user_id)

    assert [client.page(f"{own}{part}").status for part in ("", "/corrections", "/retrait")] == [404, 404, 404]
    again = client.post(f"{FIND}?etape=1", data={})  # the browser in which it was sent
    assert client.page(again.location or own).status == 404


def test_whoever_corrects_the_address_of_their_own_link_goes_on(client, programme, stored):
    walk(client, FIND, of_mentee())
    [old] = links_to(stored, programme, "noe@example.org")

    page = correct(client, old, email="autre@example.org")

    assert (page.status, page.flashes) == (200, ["C'est corrigé."])
    assert client.page(old).status == 404


def links_to(stored, tenant, address):
    """The own links in the letters to an address."""
    texts = [mail.text for mail in stored(tenant, Mail) if mail.to_address == address]
    return [word.removeprefix("http://localhost") for text in texts for word in text.split() if "/suivi/" in word]


def test_who_could_be_met_at_a_distance_is_told_so_and_goes_on_by_saying_yes(client, programme, in_space, app, stored, run_jobs):
    factories.association(app, "loin", "Loin", [], all_france=True)
    with in_space(programme):
        lead = factories.lead(state="received", departement_code="59", commune_code="59350", places=["association"])
        actions.receive(lead, programme)
        assert lead.waiting_reason == "far"
        path = f"/suivi/{actions.tracking_token(lead)}"
    assert "l'une d'elles propose des rencontres à distance" in client.page(path).text

    page = client.send(f"{path}/corrections", {
        "first_name": lead.first_name, "last_name": lead.last_name, "email": lead.email, "phone": lead.phone, "may_relay": "y",
        "places": ["association", "remote"],
    })  # fmt: skip

    assert page.flashes == ["C'est corrigé."]
    [row] = stored(programme, Lead)
    assert (row.state, row.places, row.waiting_reason) == ("oriented", ["association", "remote"], None)


def test_a_minor_who_names_a_guardian_and_accepts_distance_at_once_waits_for_the_guardian(client, programme, in_space, app, stored):
    factories.association(app, "loin", "Loin", [], all_france=True)
    with in_space(programme):
        lead = factories.lead(
            state="received", age=16, departement_code="59", commune_code="59350", places=["association"],
            guardian_name="Nadège Parent", guardian_phone="+33612000099", guardian_email=None,
        )  # fmt: skip
        actions.receive(lead, programme)
        assert lead.waiting_reason == "far"
        path = f"/suivi/{actions.tracking_token(lead)}"

    client.send(f"{path}/corrections", {
        "first_name": lead.first_name, "last_name": lead.last_name, "email": lead.email, "phone": lead.phone, "may_relay": "y",
        "places": ["remote"], "guardian_name": "Nadège Parent", "guardian_contact": "nadege@example.org",
    })  # fmt: skip

    [row] = stored(programme, Lead)
    assert (row.state, row.waiting_reason) == ("waiting", "guardian")
    assert "guardian_asked" in [mail.kind for mail in stored(programme, Mail)]


def test_distance_and_another_association_are_accepted_in_one_form(client, programme, in_space, app, stored):
    factories.association(app, "loin", "Loin", [], all_france=True)
    with in_space(programme):
        lead = factories.lead(
            state="received", departement_code="59", commune_code="59350", places=["association"], may_relay=False
        )
        actions.receive(lead, programme)
        path = f"/suivi/{actions.tracking_token(lead)}"

    client.send(f"{path}/corrections", {
        "first_name": lead.first_name, "last_name": lead.last_name, "email": lead.email, "phone": lead.phone, "may_relay": "y",
        "places": ["remote"],
    })  # fmt: skip

    assert stored(programme, Lead)[0].state == "oriented"


def test_what_the_desk_took_back_stays_with_the_desk_whatever_is_ticked(programme, association, in_space):
    with in_space(programme):
        lead = factories.lead(state="waiting", waiting_reason=TAKEN_BACK, answer_by=None)
        db.session.add(Orientation(lead_id=lead.id, association_id=association.id, kind=lead.kind, state="withdrawn",
                                   decline_reason=TAKEN_BACK, answer_by=factories.today()))  # fmt: skip
        for may_relay, reason in ((False, "no_relay"), (True, TAKEN_BACK)):
            actions.correct(lead, {"may_relay": may_relay})

            assert (lead.state, lead.waiting_reason) == ("waiting", reason)


# Somebody else's letter box.


@pytest.fixture
def full(limited):
    """A site whose forms have written to Zoé as often as they may in a day."""
    with limited.application.app_context():
        for rank in range(MOST_A_DAY):
            assert takes(f"zoe+{rank}@example.org")
    return limited


@pytest.mark.parametrize("email", ["zoe@example.org", "ZOE+encore@example.org"])
def test_a_letter_box_is_not_filled_by_requests(full, email):
    refused = walk(full, FIND, of_mentee(20, email=email))
    sent = walk(full, FIND, of_mentee(20, email="lea@example.org"))

    assert "Trop de demandes aujourd'hui" in refused.flashes[0]
    assert sent.response.request.path.startswith("/suivi/")


@pytest.mark.parametrize(
    "changes", [{"email": "zoe@example.org"}, {"guardian_contact": "Zoe@example.org"}, {"email": "zoe+noa@example.org"}]
)
def test_nor_by_the_corrections_of_one(full, changes):
    own = of_mentee(16, email="noa@example.org", guardian_name="Nadège Martin", guardian_contact="nadege@example.org")
    path = walk(full, FIND, own).response.request.path

    page = full.send(f"{path}/corrections", {**own[-1], **changes})

    assert page.status == 422
    assert page.errors == ["Trop de messages sont partis aujourd'hui vers cette adresse : donnez-en une autre, ou revenez demain."]
    assert full.send(f"{path}/corrections", {**own[-1], "message": "Le soir"}).flashes == ["C'est corrigé."]


def test_an_address_in_capitals_is_written_to_no_more(client, programme, stored):
    path = walk(client, FIND, of_mentee(20, email="noa@example.org")).response.request.path

    page = correct(client, path, email="NOA@example.org")

    assert page.flashes == ["C'est corrigé."]
    assert [mail.to_address for mail in stored(programme, Mail)] == ["noa@example.org"]
