"""The pages of partners: added, given keys, told on a server of theirs; by who sets a space up, and nobody else."""

from itertools import product

import pytest
import time_machine
from sqlalchemy import select

from app.database import unit_of_work
from app.extensions import db
from app.leads.models import Lead
from app.partners import keys, webhooks
from app.partners.models import ApiKey, Delivery, Partner
from tests import factories

HOME = "/a/passerelle/partenaires"
ADDRESS = "https://server.example.org/hook"


@pytest.fixture
def desk(client, association, programme, in_space):
    """The admin of Passerelle, signed in."""
    with in_space(association):
        card = factories.staff(association, "admin")
    client.sign_in(card.user_id)
    return client


@pytest.fixture
def partner(desk, partner_of, association):
    """A partner of Passerelle, with a key."""
    return partner_of(association)[0]


@pytest.fixture
def page_of():
    return lambda partner: f"{HOME}/{partner.id}"


@pytest.fixture
def known_server(monkeypatch):
    """A server of somebody's, which refuses nobody's address."""
    monkeypatch.setattr(webhooks, "target_of", lambda _url: None)


@pytest.fixture
def words_to(in_space, association):
    """So many words to a partner, in a state."""

    def make(partner, count=1, state="failed"):
        with in_space(association):
            rows = [Delivery(partner_id=partner.id, body=f"mot {rank}", state=state, attempts=8, code=500) for rank in range(count)]
            db.session.add_all(rows)
            db.session.flush()
            return rows[0]

    return make


def test_without_partners_the_page_says_so(desk):
    page = desk.page(HOME)

    assert page.heading == "Partenaires"
    assert "Aucun partenaire encore." in page.text


def test_a_partner_is_added(desk):
    page = desk.send(HOME, {"name": "Mission locale", "scopes": ["leads:write"]})

    assert page.heading == "Mission locale"
    listed = desk.page(HOME).text
    assert "Mission locale Envoyer des demandes" in listed
    assert "Lire où en sont" not in listed.split("Ajouter un partenaire")[0]


def test_a_partner_added_by_two_clicks_is_one(desk, stored, association):
    pages = [desk.send(HOME, {"name": "Mission locale", "scopes": ["leads:write"]}) for _each in range(2)]

    assert [page.heading for page in pages] == ["Mission locale"] * 2
    assert len(stored(association, Partner)) == 1


@pytest.mark.parametrize(("data", "error"), [
    ({"name": "Lycée Ampère", "scopes": ["leads:write"]}, "Un partenaire a déjà ce nom."),
    ({"name": "  Lycée   Ampère ", "scopes": ["leads:write"]}, "Un partenaire a déjà ce nom."),
    ({"name": "", "scopes": ["leads:write"]}, "À remplir."),
    ({"name": "x" * 41, "scopes": ["leads:write"]}, "C'est trop long : 40 caractères au plus."),
    ({"name": "Autre", "scopes": []}, "Choisissez au moins une réponse."),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(desk, partner, stored, association, data, error):
    page = desk.send(HOME, data)

    assert (page.status, page.errors) == (422, [error])
    assert len(stored(association, Partner)) == 1


def test_two_spaces_may_know_the_same_partner(desk, partner_of, elsewhere):
    partner_of(elsewhere)

    assert desk.send(HOME, {"name": "Lycée Ampère", "scopes": ["leads:write"]}).heading == "Lycée Ampère"


def test_a_scope_that_does_not_exist_is_refused(desk, stored, association):
    assert desk.send(HOME, {"name": "Autre", "scopes": ["leads:delete"]}).status == 422
    assert stored(association, Partner) == []


def test_a_key_is_shown_once_and_opens(desk, partner, page_of, call):
    made = desk.send(f"{page_of(partner)}/cles")
    key = made.soup.select_one("code.secret").get_text()

    assert "elle ne sera plus jamais montrée" in made.text
    assert call("GET", "/leads/0192f0c1-0000-7000-8000-000000000000", key).status_code == 404
    again = desk.page(page_of(partner))
    assert key[40:] not in again.html
    assert f"…{key[-4:]}" in again.text


def test_the_page_of_a_new_key_read_again_makes_no_other(desk, stored, association):
    desk.send(HOME, {"name": "Mission locale", "scopes": ["leads:write"]})
    (partner,) = stored(association, Partner)
    button = desk.page(f"{HOME}/{partner.id}").soup.find("button", string="Faire une clé").parent["action"]

    made, again = (desk.send(button) for _time in range(2))

    assert made.soup.select_one("code.secret")
    assert (again.soup.select_one("code.secret"), len(stored(association, ApiKey))) == (None, 1)
    assert again.flashes[0].startswith("Une clé vient d'être faite.")
    desk.send(made.soup.find("button", string="Faire une clé").parent["action"])
    assert len(stored(association, ApiKey)) == 2


def test_a_third_key_is_refused_with_what_to_do(desk, partner, page_of, stored, association):
    pages = [desk.send(f"{page_of(partner)}/cles") for _time in range(2)]

    assert pages[1].flashes == ["Deux clés sont déjà actives\u00a0: révoquez-en une avant d'en faire une autre."]
    assert len(stored(association, ApiKey)) == 2


def test_a_key_is_revoked(desk, partner, page_of, stored, association):
    (key,) = stored(association, ApiKey)

    page = desk.send(f"{page_of(partner)}/cles/{key.id}/revocation")

    assert page.flashes == ["La clé n'ouvre plus rien."]
    assert "révoquée" in page.text
    assert stored(association, ApiKey)[0].revoked_at is not None


@pytest.mark.usefixtures("known_server")
def test_a_server_is_saved_and_its_secret_is_shown_once(desk, partner, page_of):
    saved = desk.send(page_of(partner), {"url": ADDRESS})
    secret = saved.soup.select_one("code.secret").get_text()

    assert secret.startswith("whsec_")
    again = desk.page(page_of(partner))
    assert (again.value("url"), secret in again.html) == (ADDRESS, False)
    assert desk.send(page_of(partner), {"url": ADDRESS}).flashes == ["C'est enregistré."]


@pytest.mark.parametrize(
    "url", ["http://server.example.org", "https://127.0.0.1/", "https://user@server.example.org", "https://x" + "x" * 600]
)
def test_an_address_that_is_refused_is_said_at_its_field(desk, partner, page_of, stored, association, url):
    page = desk.send(page_of(partner), {"url": url})

    assert page.status == 422
    assert len(page.errors) == 1
    assert page.value("url") == url
    assert stored(association, Partner)[0].webhook_url is None


@pytest.mark.usefixtures("known_server")
def test_an_empty_address_tells_nothing_any_more(desk, partner, page_of, stored, association):
    desk.send(page_of(partner), {"url": ADDRESS})
    desk.send(page_of(partner), {"url": " "})

    kept = stored(association, Partner)[0]
    assert (kept.webhook_url, kept.webhook_secret) == (None, None)


@pytest.mark.usefixtures("known_server")
def test_a_test_is_sent_and_the_log_says_how_it_went(desk, partner, page_of, run_jobs, monkeypatch):
    monkeypatch.setattr(webhooks, "post", lambda *_args: 204)
    desk.send(page_of(partner), {"url": ADDRESS})

    sent = desk.send(f"{page_of(partner)}/essai")
    assert sent.flashes == ["Un essai part\u00a0: rechargez cette page dans un instant."]
    assert sent.rows[0][2:] == ["0", "", "en attente"]
    run_jobs()

    (row,) = desk.page(page_of(partner)).rows
    assert "webhook.test" in row[1]
    assert row[2:] == ["1", "204", "reçu"]


@pytest.mark.committed
def test_a_partner_s_server_is_sent_so_many_tests_in_an_hour(limited):
    app = limited.application
    space = factories.association(app, "passerelle", "Passerelle", ["69"])
    with unit_of_work(app, space.id):
        partners = [Partner(name=name, scopes=[], webhook_url=ADDRESS) for name in ("Lycée", "Mission locale")]
        db.session.add_all(partners)
        card = factories.staff(space, "admin")

    with time_machine.travel("2026-11-02T10:00:00Z", tick=False):
        limited.sign_in(card.user_id)
        answers = [limited.post(f"{HOME}/{partners[0].id}/essai").status_code for _time in range(21)]
        other = limited.post(f"{HOME}/{partners[1].id}/essai")

    assert answers == [303] * 20 + [429]
    assert other.status_code == 303


def test_without_a_server_no_test_is_sent(desk, partner, page_of, stored, association):
    assert desk.send(f"{page_of(partner)}/essai").status == 409
    assert stored(association, Delivery) == []


@pytest.mark.usefixtures("known_server")
def test_a_partner_who_stopped_is_told_again_after_a_test(desk, partner, page_of, run_jobs, monkeypatch):
    desk.send(page_of(partner), {"url": ADDRESS})
    monkeypatch.setattr(webhooks, "post", lambda *_args: 410)
    desk.send(f"{page_of(partner)}/essai")
    run_jobs()

    assert "Arrêté depuis le" in desk.page(page_of(partner)).text
    assert "Arrêté depuis" not in desk.send(f"{page_of(partner)}/essai").text


@pytest.mark.usefixtures("known_server")
def test_a_failed_word_is_sent_again(desk, partner, page_of, words_to, run_jobs, monkeypatch):
    monkeypatch.setattr(webhooks, "post", lambda *_args: 204)
    desk.send(page_of(partner), {"url": ADDRESS})
    word = words_to(partner)

    page = desk.send(f"{page_of(partner)}/envois/{word.id}/reprise")
    run_jobs()

    assert page.flashes == ["L'envoi repart."]
    assert desk.page(page_of(partner)).rows[0][2:] == ["1", "204", "reçu"]


@pytest.mark.parametrize("state", ["delivered", "waiting"])
def test_only_what_failed_is_sent_again(desk, partner, page_of, words_to, run_jobs, state):
    word = words_to(partner, state=state)

    assert desk.send(f"{page_of(partner)}/envois/{word.id}/reprise").flashes == []
    assert run_jobs() == []


ROUTES = [("GET", ""), ("POST", ""), ("POST", "/cles"), ("POST", "/cles/{key}/revocation"), ("POST", "/essai"),
          ("POST", "/envois/{word}/reprise")]  # fmt: skip


@pytest.fixture
def foreign(in_space, elsewhere, partner_of):
    """A partner of another association, with a key and a word that failed."""
    partner, _key = partner_of(elsewhere)
    with in_space(elsewhere):
        word = Delivery(partner_id=partner.id, body="ailleurs", state="failed")
        db.session.add(word)
        db.session.flush()
        return {"partner": partner.id, "key": db.session.scalars(select(ApiKey.id)).one(), "word": word.id}


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_partner_of_another_space_is_not_found(desk, foreign, stored, elsewhere, method, route):
    address = f"{HOME}/{foreign['partner']}" + route.format(**foreign)

    assert desk.open(address, method=method, data={"url": ADDRESS}).status_code == 404
    assert [key.revoked_at for key in stored(elsewhere, ApiKey)] == [None]


def test_what_is_another_partners_is_not_found_under_this_one(desk, partner, partner_of, association, page_of, words_to, stored):
    other, _key = partner_of(association, "Mission locale")
    word = words_to(other)
    key = next(key for key in stored(association, ApiKey) if key.partner_id == other.id)

    answers = [desk.post(f"{page_of(partner)}/{path}") for path in (f"cles/{key.id}/revocation", f"envois/{word.id}/reprise")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [key.revoked_at for key in stored(association, ApiKey)] == [None, None]
    assert stored(association, Delivery)[0].state == "failed"


@pytest.mark.parametrize("role", ["coordinator", "mentor", "jeune"])
def test_only_who_sets_the_space_up_opens_these_pages(client, partner_of, in_space, association, words_to, stored, role):
    partner, _key = partner_of(association)
    given = {"key": stored(association, ApiKey)[0].id, "word": words_to(partner).id}
    with in_space(association):
        client.sign_in(factories.member(association, role).id)

    addresses = [HOME, *(f"{HOME}/{partner.id}" + route.format(**given) for _method, route in ROUTES)]
    codes = {client.open(address, method=method).status_code for address, method in product(addresses, ("GET", "POST"))}

    assert codes == {403, 405}
    assert "Partenaires" not in client.page("/a/passerelle/").text


def test_the_programmes_operator_has_partners_too(client, programme, in_space):
    with in_space(programme):
        client.sign_in(factories.staff(programme, "operator").user_id)

    assert client.send("/a/programme/partenaires", {"name": "1jeune1mentor", "scopes": ["leads:write"]}).heading == "1jeune1mentor"


def test_a_page_asks_the_same_however_long_its_log(desk, partner, page_of, words_to, statements):
    def asked():
        with statements() as seen:
            page = desk.page(page_of(partner))
        return len(seen), len(page.rows)

    words_to(partner)
    desk.page(HOME)  # the first page notes the visit
    few = asked()
    words_to(partner, 60)

    assert asked() == (few[0], 50)
    assert few[0] <= 10


def test_the_list_asks_the_same_however_many_partners(desk, in_space, association, statements):
    def asked():
        with statements() as seen:
            desk.page(HOME)
        return len(seen)

    with in_space(association):
        db.session.add(Partner(name="Un", scopes=["leads:read"]))
    desk.page(HOME)  # the first page notes the visit
    few = asked()
    with in_space(association):
        db.session.add_all([Partner(name=f"Partenaire {rank}", scopes=["leads:read"]) for rank in range(50)])

    assert asked() == few


def test_what_a_partner_is_called_is_only_text(desk, in_space, association):
    desk.send(HOME, {"name": "<script>x</script>", "scopes": ["leads:write"]})

    assert "<script>x" not in desk.page(HOME).html


def test_the_description_is_open_to_everybody_and_lists_every_operation(client, programme):
    page = client.page("/api/v1/")

    assert page.heading == "API pour les partenaires"
    assert [" ".join(h.get_text(" ").split()) for h in page.soup.select("h2 code")] == [
        "POST /api/v1/leads", "POST /api/v1/leads/check", "GET /api/v1/leads/{lead_id}", "DELETE /api/v1/leads/{lead_id}"
    ]  # fmt: skip
    assert {row[0] for row in page.rows} >= {"kind", "commune_code", "agreed", "status", "201", "409", "429"}


def test_a_name_stays_in_the_requests_that_were_sent(desk, partner, partner_of, association, post, in_space):
    from app.leads.models import Lead

    with in_space(association):
        key = keys.make_key(db.session.get_one(Partner, (association.id, partner.id)), factories.user().id)
    lead_id = post(key).get_json()["id"]

    with in_space(association):
        assert str(db.session.scalars(select(Lead.id)).one()) == lead_id
    assert "Lycée Ampère" in desk.page(f"/a/passerelle/demandes/{lead_id}").text


def test_a_partner_takes_another_name_and_what_it_sent_keeps_its_origin(
    desk, partner_of, association, programme, post, in_space, stored
):
    partner, key = partner_of(association)
    post(key)
    page = desk.send(f"{HOME}/{partner.id}/modification", {"name": "Cité Ampère", "scopes": ["leads:read"]})

    assert page.heading == "Cité Ampère"
    assert post(key).status_code == 403  # at once
    assert [lead.source for lead in stored(association, Lead)] == ["Lycée Ampère"]


def test_two_partners_have_not_one_name(desk, partner, partner_of, association):
    partner_of(association, name="Autre")
    page = desk.send(f"{HOME}/{partner.id}/modification", {"name": "Autre", "scopes": ["leads:read"]})

    assert page.errors == ["Un partenaire a déjà ce nom."]
    assert page.heading == "Modifier Lycée Ampère"
    assert page.value("name") == "Autre"


def test_a_partner_of_elsewhere_is_not_changed(desk, partner_of, elsewhere):
    other = partner_of(elsewhere)[0]

    assert desk.page(f"{HOME}/{other.id}/modification").status == 404
