"""The team of a space: inviting a colleague, ending a place, keeping somebody in charge."""

import re

import pytest
from flask_security import hash_password
from sqlalchemy import select

from app.accounts.actions import end_membership, forget_account, give_place
from app.accounts.models import Membership, User
from app.accounts.permissions import MATRIX, Permission, Role, permissions_of
from app.accounts.queries import admin_addresses, roles_in_space, staff_addresses
from app.database import now
from app.extensions import db
from app.leads.actions import accept
from app.mail import Mail
from app.people.actions import invitation_obstacle
from app.people.models import Mentee
from app.tenants.models import Staff
from app.web import short_day
from tests import factories
from tests.people.fixtures import at_once, space_of

TEAM = "/a/passerelle/equipe"
GOOD = {"first_name": "Lucie", "last_name": "Petit", "email": "lucie@example.org", "phone": "06 12 34 56 78",
        "office": "chargée de mentorat",
        "role": "coordinator"}  # fmt: skip


@pytest.fixture
def admin(client, association, in_space):
    """The person in charge of Passerelle, signed in."""
    with in_space(association):
        card = factories.staff(association, "admin", "Anne", "Blanc")
    client.sign_in(card.user_id)
    return card


@pytest.fixture
def colleague(association, in_space):
    """Somebody else who works there."""
    with in_space(association):
        return factories.staff(association, "coordinator", "Claire", "Morel")


def people(page):
    """The lines of the team."""
    lines = [" ".join(row.select_one(".what").get_text(" ").split()) for row in page.soup.select(".rows li")]
    return [re.sub(r" · \S+@example\.org", "", line) for line in lines]


def test_the_team_is_listed_with_roles(client, admin, colleague):
    page = client.page(TEAM)

    assert people(page) == [
        "Anne Blanc Responsable de l'espace · 01 99 00 00 01",
        "Claire Morel Chargé ou chargée de mentorat · 01 99 00 00 01",
    ]
    assert len(page.soup.select(".rows a[href$=fin]")) == 1, "nobody ends their own place"


def test_the_address_of_each_is_read(client, admin, association, in_space):
    client.send(f"{TEAM}/nouveau", {**GOOD, "email": "luci@example.org"})

    assert "luci@example.org" in client.page(TEAM).text


def test_a_colleague_is_invited_and_written_to(client, admin, mails, association):
    page = client.send(f"{TEAM}/nouveau", GOOD)

    assert page.flashes == ["L'invitation est partie."]
    assert people(page)[-1].startswith("Lucie Petit , chargée de mentorat Chargé ou chargée de mentorat · 06 12 34 56 78")
    assert [(mail.kind, mail.to_address) for mail in mails(association)] == [("invitation", "lucie@example.org")]


def test_somebody_who_works_here_is_not_invited_again(client, admin, colleague, mails, association, in_space):
    with in_space(association):
        address = db.session.get_one(User, colleague.user_id).email

    page = client.send(f"{TEAM}/nouveau", {**GOOD, "email": address.upper()})

    assert (page.status, len(page.errors)) == (422, 1)
    assert "Cette personne travaille déjà ici" in page.errors[0]
    assert mails(association) == []
    assert people(client.page(TEAM))[-1].startswith("Claire Morel")


@pytest.mark.parametrize("has_account", [True, False])
def test_the_address_of_a_jeune_never_opens_the_teams_pages(client, admin, association, in_space, mails, has_account):
    with in_space(association):
        mentee = factories.mentee(association, account=False, email="ines@example.org")
        if has_account:
            mentee.user_id, mentee.email = factories.member(association, "jeune", "ines@example.org").id, "autre@example.org"

    page = client.send(f"{TEAM}/nouveau", {**GOOD, "email": "Ines@example.org", "anyway": "y"})

    assert (page.status, len(page.errors)) == (422, 1)
    assert "un jeune, suivi ou en attente" in page.errors[0]
    assert mails(association) == []


def test_a_mentor_is_invited_once_that_is_said(client, admin, association, in_space):
    with in_space(association):
        factories.member(association, "mentor", "lucie@example.org")

    page = client.send(f"{TEAM}/nouveau", GOOD)
    assert (page.status, page.value("first_name")) == (422, "Lucie")
    page = client.send(f"{TEAM}/nouveau", {**GOOD, "anyway": "y"})

    assert page.flashes == ["L'invitation est partie."]


def test_a_mistyped_address_does_not_offer_to_wave_a_mentor_through(client, admin):
    page = client.send(f"{TEAM}/nouveau", {**GOOD, "email": "lucie@"})

    assert (page.status, page.soup.find("input", {"name": "anyway"})) == (422, None)


def test_who_left_and_is_invited_anew_is_of_the_team_again(client, admin, colleague, association, in_space):
    with in_space(association):
        card = db.session.get_one(Staff, (association.id, colleague.id))
        card.left_at = now()
        address = db.session.get_one(User, card.user_id).email
        end_membership(association.id, card.user_id, Role.COORDINATOR)

    client.send(f"{TEAM}/nouveau", {**GOOD, "email": address, "anyway": "y"})

    with in_space(association):
        assert db.session.get_one(Staff, (association.id, colleague.id)).left_at is None


def test_a_card_is_corrected(client, admin, colleague):
    url = f"{TEAM}/{colleague.id}"
    assert client.page(url).value("last_name") == "Morel"

    page = client.send(url, {**GOOD, "first_name": "Claire", "last_name": "Grand", "role": "admin"})

    assert page.flashes == ["La fiche est corrigée."]
    assert "Claire Grand , chargée de mentorat" in people(page)[1]
    assert "Responsable de l'espace" in people(page)[1]
    page = client.send(url, {**GOOD, "first_name": "Claire", "last_name": "Grand", "role": "coordinator"})
    assert "Responsable" not in people(page)[1]


def test_nobody_gives_up_setting_the_space_up_alone(client, admin):
    page = client.send(f"{TEAM}/{admin.id}", {**GOOD, "role": "coordinator"})

    assert (page.status, page.errors) == (422, ["Une autre personne responsable de l'espace doit le faire."])
    assert "Responsable de l'espace" in people(client.page(TEAM))[0]


@pytest.mark.parametrize("changes", [{"last_name": ""}, {"phone": "12"}, {"role": "operator"}])
def test_a_card_that_is_wrong_is_said_at_its_field(client, admin, colleague, changes):
    page = client.send(f"{TEAM}/{colleague.id}", {**GOOD, **changes})

    assert (page.status, len(page.errors)) == (422, 1)


def test_an_invitation_that_nobody_opened_says_so_and_leaves_again(client, admin, mails, association):
    page = client.send(f"{TEAM}/nouveau", GOOD)
    assert "invitation pas encore ouverte" in people(page)[-1]
    again = page.soup.find("form", action=lambda url: url.endswith("/renvoi"))["action"]

    assert client.send(again).flashes == ["L'invitation est repartie à lucie@example.org."]
    assert [mail.kind for mail in mails(association)] == ["invitation"] * 2


def test_whoever_has_come_in_is_not_invited_again(client, admin, colleague, mails, association):
    assert client.send(f"{TEAM}/{colleague.id}/renvoi").status == 200
    assert mails(association) == []


def test_somebody_with_two_roles_is_written_to_once(association, in_space, colleague):
    with in_space(association):
        give_place(association.id, colleague.user_id, Role.ADMIN)

        assert len(staff_addresses()) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first_name": ""}, "À remplir."),
        ({"first_name": "L33t"}, "Un nom s'écrit avec des lettres, des espaces, des traits d'union ou des apostrophes."),
        ({"last_name": "a" * 101}, "C'est trop long : 100 caractères au plus."),
        ({"email": ""}, "À remplir."),
        ({"email": "lucie@"}, "Cette adresse n'est pas complète."),
        ({"phone": "06"}, "Ce numéro n'est pas complet. Exemple : 06 12 34 56 78."),
        ({"office": "a" * 81}, "C'est trop long : 80 caractères au plus."),
        ({"role": ""}, "Choisissez une réponse."),
    ],
)
def test_a_colleague_who_cannot_be_written_to_is_refused(client, admin, changes, sentence):
    page = client.send(f"{TEAM}/nouveau", {**GOOD, **changes})

    assert (page.status, page.errors) == (422, [sentence])


@pytest.mark.parametrize("role", ["operator", "mentor", "jeune", "roi"])
def test_only_the_roles_of_a_team_can_be_given(client, admin, role, mails, association):
    page = client.send(f"{TEAM}/nouveau", {**GOOD, "role": role})

    assert page.status == 422
    assert mails(association) == []


def test_ending_a_place_closes_the_space_to_that_person(client, admin, colleague, browser):
    other = browser().sign_in(colleague.user_id)

    page = client.send(f"{TEAM}/{colleague.id}/fin")

    assert page.flashes == ["Claire Morel n'a plus accès à cet espace."]
    assert page.soup.find("h2", string="N'ont plus accès")
    assert f"Claire Morel depuis le {short_day(factories.today())}" in people(page)
    assert other.page("/a/passerelle/demandes").status == 404


@pytest.mark.parametrize("follows", [False, True])
def test_an_invitation_sent_to_a_wrong_address_is_taken_back_whole(client, admin, association, in_space, follows):
    client.send(f"{TEAM}/nouveau", {**GOOD, "email": "mauvaise@example.org"})
    with in_space(association):
        card = db.session.scalars(select(Staff).where(Staff.last_name == GOOD["last_name"])).one()
        if follows:  # somebody gave them a pair meanwhile
            factories.pair(factories.mentor(association, trained=True), factories.mentee(association), coordinator=card)
    said = client.page(f"{TEAM}/{card.id}/fin")

    page = client.send(f"{TEAM}/{card.id}/fin")
    again = client.send(f"{TEAM}/nouveau", {**GOOD, "email": "bonne@example.org"})

    assert said.heading == f"Retirer l'invitation de {card.full_name} ?"
    assert card.full_name not in page.text.partition("N'ont plus accès")[2]
    assert "bonne@example.org" in again.text
    with in_space(association):
        assert (db.session.get(Staff, (card.tenant_id, card.id)) is not None) is follows
        assert "mauvaise@example.org" not in [*db.session.scalars(select(User.email)), *db.session.scalars(select(Mail.to_address))]


def test_it_is_said_on_a_page_first_and_can_be_given_back(client, admin, colleague, mails, association, again):
    asked = client.page(f"{TEAM}/{colleague.id}/fin")
    kept = again(Membership, (association.id, colleague.user_id, "coordinator")).ended_at
    client.send(f"{TEAM}/{colleague.id}/fin")
    gone = again(Membership, (association.id, colleague.user_id, "coordinator")).ended_at
    page = client.send(f"{TEAM}/{colleague.id}/retour")

    assert "Retirer l'accès de Claire Morel" in asked.heading
    assert asked.soup.find("a", string="confier ses binômes")
    assert kept is None
    assert gone is not None
    assert page.flashes == ["Claire Morel a de nouveau accès à cet espace, et reçoit un message."]
    assert again(Membership, (association.id, colleague.user_id, "coordinator")).ended_at is None
    assert [mail.kind for mail in mails(association)] == ["invitation"]


def test_a_place_that_is_held_or_never_was_is_not_given_back(client, admin, colleague, mails, association, in_space):
    with in_space(association):
        never = Staff(user_id=factories.user().id, first_name="Lou", last_name="Vert")
        factories.db.session.add(never)
        factories.db.session.flush()

    for card in (colleague, never):
        assert client.send(f"{TEAM}/{card.id}/retour").flashes == []
    assert mails(association) == []


def test_the_last_person_in_charge_cannot_be_removed(client, admin, again, association):
    page = client.send(f"{TEAM}/{admin.id}/fin")

    assert page.status == 409
    assert "Une autre personne responsable de l'espace doit le faire." in page.text
    assert again(Membership, (association.id, admin.user_id, "admin")).ended_at is None


def test_nobody_ends_their_own_place_even_with_another_in_charge(client, admin, association, in_space):
    with in_space(association):
        factories.staff(association, "admin", "Bruno", "Noir")

    assert client.send(f"{TEAM}/{admin.id}/fin").status == 409


def test_somebody_in_charge_can_be_removed_by_another(client, admin, association, in_space, again):
    with in_space(association):
        other = factories.staff(association, "admin", "Bruno", "Noir")

    client.send(f"{TEAM}/{other.id}/fin")

    assert again(Membership, (association.id, other.user_id, "admin")).ended_at is not None


def test_a_card_of_another_association_is_not_found(client, admin, elsewhere, in_space):
    with in_space(elsewhere):
        stranger = factories.staff(elsewhere)

    assert client.send(f"{TEAM}/{stranger.id}/fin").status == 404


def test_a_space_without_any_card_says_so(client, association, in_space):
    with in_space(association):
        account = factories.member(association, "admin")
    client.sign_in(account)

    assert "Personne d'autre que vous pour l'instant." in client.page(TEAM).text


@pytest.mark.parametrize("role", ["coordinator", "mentor", "jeune"])
def test_only_those_in_charge_see_the_team(client, association, in_space, role):
    with in_space(association):
        account = factories.member(association, role)
    client.sign_in(account)

    assert [client.page(path).status for path in (TEAM, f"{TEAM}/nouveau")] == [403, 403]


def test_rights_of_several_roles_add_up():
    assert permissions_of(frozenset()) == frozenset()
    assert permissions_of(frozenset({Role.MENTOR, Role.JEUNE})) == MATRIX[Role.MENTOR] | MATRIX[Role.JEUNE]


def test_a_card_has_a_full_name():
    assert Staff(first_name="Claire", last_name="Morel").full_name == "Claire Morel"


def test_those_who_answer_or_orient_requests_may_import_them():
    assert {role for role in Role if Permission.IMPORT_LEADS in MATRIX[role]} == {Role.OPERATOR, Role.COORDINATOR, Role.ADMIN}


@pytest.mark.committed
def test_two_who_end_each_other_at_once_leave_one_in_charge(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        cards = [factories.staff(tenant, "admin", name, "Blanc") for name in ("Anne", "Paul")]

    ends = [(mine.user_id, f"{TEAM}/{other.id}/fin", {}) for mine, other in (cards, cards[::-1])]
    pages = at_once(crowd, ends)

    with space_of(crowd, tenant):
        assert [roles for roles in roles_in_space().values() if Role.ADMIN in roles] == [{Role.ADMIN}]
    assert sorted(page.status for page in pages) != [200, 200]


def test_another_role_before_the_invitation_is_opened_sends_another(client, admin, mails, association):
    client.send(f"{TEAM}/nouveau", {**GOOD, "role": "admin"})
    url = next(a["href"] for a in client.page(TEAM).soup.select("main a[href*='/equipe/']") if a.find_parent("li")
               and "Lucie" in a.find_parent("li").get_text() and not a["href"].endswith("fin"))  # fmt: skip

    page = client.send(url, {**GOOD, "role": "coordinator"})

    assert len(page.flashes) == 2
    assert [mail.kind for mail in mails(association)] == ["invitation"] * 2


# The programme's team.

DESK = "/a/programme/equipe"
AT_THE_DESK = {name: value for name, value in GOOD.items() if name != "role"}


@pytest.fixture
def operator(client, programme, in_space):
    """Whoever orients requests, signed in."""
    with in_space(programme):
        card = factories.staff(programme, "operator", "Margaux", "Vidal")
    client.sign_in(card.user_id)
    return card


def test_the_programme_invites_a_colleague_by_itself(client, operator, programme, in_space, mails):
    page = client.send(f"{DESK}/nouveau", AT_THE_DESK)

    assert page.flashes == ["L'invitation est partie."]
    assert people(page)[0].startswith("Lucie Petit , chargée de mentorat Oriente les demandes")
    assert client.page(f"{DESK}/nouveau").soup.find(attrs={"name": "role"}) is None
    with in_space(programme):
        assert [sorted(roles) for roles in roles_in_space().values()] == [["operator"], ["operator"]]
    assert [mail.to_address for mail in mails(programme)] == ["lucie@example.org"]


@pytest.mark.parametrize("role", ["admin", "coordinator", "mentor"])
def test_no_other_role_can_be_given_there(client, operator, programme, in_space, role):
    client.send(f"{DESK}/nouveau", {**GOOD, "role": role})

    with in_space(programme):
        assert {role for roles in roles_in_space().values() for role in roles} == {"operator"}


def test_a_jeune_who_asks_is_not_let_in_by_mistake(client, operator, programme, in_space):
    with in_space(programme):
        factories.lead(state="waiting", answer_by=None, email="LUCIE@example.org")

    page = client.send(f"{DESK}/nouveau", AT_THE_DESK)

    assert page.errors == ["C'est l'adresse d'un jeune, suivi ou en attente : elle n'ouvre pas l'espace de l'équipe."]


def test_a_place_at_the_desk_ends_and_is_given_back(client, operator, programme, in_space):
    with in_space(programme):
        other = factories.staff(programme, "operator", "Paul", "Roy")

    ended = client.send(f"{DESK}/{other.id}/fin")
    back = client.send(f"{DESK}/{other.id}/retour")

    assert ended.flashes == ["Paul Roy n'a plus accès à cet espace."]
    assert back.flashes == ["Paul Roy a de nouveau accès à cet espace, et reçoit un message."]
    with in_space(programme):
        assert roles_in_space()[other.user_id] == {Role.OPERATOR}


def test_the_desk_is_never_left_without_anybody(client, operator, programme, in_space):
    page = client.send(f"{DESK}/{operator.id}/fin")

    assert "Une autre personne responsable de l'espace doit le faire." in page.text
    with in_space(programme):
        assert roles_in_space()[operator.user_id] == {Role.OPERATOR}


def test_a_card_of_the_desk_is_corrected(client, operator):
    page = client.send(f"{DESK}/{operator.id}", {"first_name": "Margot", "last_name": "Vidal", "phone": "", "office": "pilote"})

    assert people(page) == ["Margot Vidal , pilote Oriente les demandes"]


@pytest.mark.parametrize("state", ["accepted", "lapsed", "joined"])
def test_whoever_asked_the_programme_never_opens_its_desk(client, operator, programme, in_space, state):
    with in_space(programme):
        factories.lead(state=state, answer_by=None, email="lucie@example.org")

    page = client.send(f"{DESK}/nouveau", AT_THE_DESK)

    assert page.errors == ["C'est l'adresse d'un jeune, suivi ou en attente : elle n'ouvre pas l'espace de l'équipe."]


# A jeune's address and a colleague's, whichever came first.


def test_a_place_is_not_given_back_to_somebody_who_is_accompanied_by_now(client, admin, colleague, association, in_space, mails):
    client.send(f"{TEAM}/{colleague.id}/fin")
    with in_space(association):
        address = db.session.get(User, colleague.user_id).email
        factories.mentee(association, email=address, account=False)

    page = client.send(f"{TEAM}/{colleague.id}/retour")

    assert "C'est l'adresse d'un jeune" in page.text
    with in_space(association):
        assert colleague.user_id not in roles_in_space()


def test_a_jeune_is_not_invited_at_the_address_of_a_colleague(client, admin, association, in_space, mails):
    client.send(f"{TEAM}/nouveau", GOOD)
    with in_space(association):
        lead = factories.lead(email="Lucie@example.org")
        accept(lead, admin.user_id)

    with in_space(association):
        mentee = db.session.scalars(db.select(Mentee)).one()
        assert mentee.user_id is None
        assert "C'est l'adresse d'une personne de votre équipe" in str(invitation_obstacle(mentee))


def test_whether_somebody_has_an_account_elsewhere_is_not_told(client, admin, association, elsewhere, in_space):
    with in_space(elsewhere):
        other = factories.member(elsewhere, "coordinator", "ailleurs@example.org")
        other.second_factor_at = now()
    client.send(f"{TEAM}/nouveau", {**GOOD, "email": "ailleurs@example.org"})
    client.send(f"{TEAM}/nouveau", {**GOOD, "email": "nulle-part@example.org"})

    lines = [line for line in people(client.page(TEAM)) if "Lucie" in line]

    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert "invitation pas encore ouverte" in lines[0]


def test_whoever_opens_a_page_here_has_come_in(app, client, admin, association, elsewhere, in_space):
    with in_space(elsewhere):
        factories.member(elsewhere, "coordinator", "ailleurs@example.org").password = hash_password("quatre mots au hasard")
    client.send(f"{TEAM}/nouveau", {**GOOD, "email": "ailleurs@example.org"})

    theirs = app.test_client()
    theirs.send("/connexion", {"email": "ailleurs@example.org", "password": "quatre mots au hasard"})
    assert "invitation pas encore ouverte" in client.page(TEAM).text, "what they do elsewhere is theirs"
    page = theirs.page("/a/passerelle/demandes")
    assert (page.status, page.heading) == (200, "Passerelle vous ouvre son espace"), "an address that is wrong reads nobody's file"
    assert "invitation pas encore ouverte" in client.page(TEAM).text
    theirs.send(page.response.request.path)

    assert theirs.page("/a/passerelle/demandes").heading == "Demandes"
    assert "invitation pas encore ouverte" not in client.page(TEAM).text


def test_until_an_invitation_is_accepted_nothing_of_the_space_is_written_to_it(app, client, admin, association, in_space):
    client.send(f"{TEAM}/nouveau", GOOD)

    with in_space(association):
        assert staff_addresses() == list(admin_addresses()) == [db.session.get(User, admin.user_id).email]
        db.session.execute(db.update(Membership).values(entered_at=None))
        assert len(staff_addresses()) == 2, "nobody has come in yet: somebody must read that a request waits"


def test_the_link_of_an_invitation_leads_a_mentor_to_their_place_in_the_team(app, client, admin, association, in_space, mails):
    with in_space(association):
        mentor = factories.mentor(association)
        address = db.session.get(User, mentor.user_id).email
    client.send(f"{TEAM}/nouveau", {**GOOD, "email": address, "anyway": "y"})
    link = next(word for word in mails(association)[-1].text.split() if "/invitation/" in word)

    theirs = app.test_client().sign_in(mentor.user_id)
    page = theirs.page(link.partition("localhost")[2])
    theirs.send(page.response.request.path)

    assert theirs.page("/a/passerelle/demandes").status == 200


def test_a_mentor_who_missed_the_invitation_is_written_to_again_or_accepts_it(client, browser, admin, association, in_space):
    with in_space(association):
        mentor = factories.mentor(association)
        address = db.session.get(User, mentor.user_id).email
    theirs = browser().sign_in(mentor.user_id)
    assert theirs.page("/a/passerelle/demandes").status == 403
    team = client.send(f"{TEAM}/nouveau", {**GOOD, "email": address, "anyway": "y"})
    written = client.send(team.soup.find("form", action=lambda url: url.endswith("/renvoi"))["action"])

    spaces = theirs.page("/espaces")
    page = theirs.page("/a/passerelle/demandes")
    accepted = theirs.send(page.response.request.path)

    assert "invitation pas encore ouverte" in people(team)[-1]
    assert written.flashes == [f"L'invitation est repartie à {address}."]
    doors = {card["href"]: card.small.get_text() for card in spaces.soup.select("a.choice")}
    invitation = "/espaces/passerelle/invitation"
    assert doors == {"/a/passerelle/": "mentor", invitation: "équipe (invitation à accepter)"}
    assert (page.response.request.path, accepted.response.request.path) == (invitation, "/a/passerelle/")
    assert theirs.page("/a/passerelle/demandes").heading == "Demandes"
    assert "invitation pas encore ouverte" not in client.page(TEAM).text


def test_who_was_not_invited_learns_nothing_of_a_space(app, association, elsewhere, in_space):
    with in_space(elsewhere):
        stranger = factories.member(elsewhere, "coordinator")

    assert app.test_client().sign_in(stranger).page("/espaces/passerelle/invitation").status == 404
    assert app.test_client().sign_in(stranger).page("/espaces/ailleurs/invitation").response.request.path == "/a/ailleurs/"


@pytest.mark.parametrize("roles", [("admin", "coordinator"), ("coordinator", "admin"), ("admin", "coordinator", "admin")])
def test_of_two_roles_the_last_one_holds_and_its_link_alone(client, admin, association, in_space, mails, roles):
    client.send(f"{TEAM}/nouveau", {**GOOD, "role": roles[0]})
    with in_space(association):
        card = db.session.scalars(db.select(Staff).where(Staff.first_name == "Lucie")).one()
    for role in roles[1:]:
        page = client.send(f"{TEAM}/{card.id}", {**GOOD, "role": role})

    assert "celle d'avant n'ouvre plus rien" in page.text
    with in_space(association):
        assert roles_in_space()[card.user_id] == {Role(roles[-1])}
    links = [re.search(r"/invitation/\S+", mail.text)[0] for mail in mails(association) if mail.kind == "invitation"]
    assert len(links) == len(roles)
    visitor = client.application.test_client()
    assert visitor.get(links[-1]).status_code == 200
    assert visitor.get(links[-2]).status_code == 410


@pytest.mark.committed
def test_the_same_invitation_sent_twice_at_once_is_one(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        card = factories.staff(tenant, "admin")
        factories.user("lucie@example.org")

    pages = at_once(crowd, [(card.user_id, f"{TEAM}/nouveau", GOOD)] * 2)

    assert [page.flashes for page in pages] == [["L'invitation est partie."]] * 2
    with space_of(crowd, tenant):
        assert len(roles_in_space()) == 2
        assert db.session.query(Mail).count() == 1


def test_a_forgotten_account_is_given_no_place_back(client, admin, colleague, association, in_space, mails):
    client.send(f"{TEAM}/{colleague.id}/fin")
    with in_space(association):
        forget_account(colleague.user_id)
    before = len(mails(association))

    page = client.send(f"{TEAM}/{colleague.id}/retour")

    assert page.flashes == ["Ce compte n'existe plus\u00a0: invitez cette personne de nouveau."]
    assert colleague.full_name not in page.text
    assert len(mails(association)) == before
