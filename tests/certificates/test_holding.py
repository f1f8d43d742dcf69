"""What a holder sees, downloads, shows to others and takes back."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.certificates import wording
from app.certificates.actions import correct, revoke
from app.certificates.models import Certificate
from app.extensions import db
from tests import factories

from .papers import text_of
from .situations import certified

MINE = "/a/passerelle/mes-attestations"


@pytest.fixture
def participation(in_space, association, worked):
    """The jeune's certificate."""
    with in_space(association):
        return certified("participation", worked)


@pytest.fixture
def change(in_space, association):
    """Do something to a stored certificate."""

    def apply(action, certificate, *given):
        with in_space(association):
            return action(db.session.get(Certificate, (association.id, certificate.id)), *given)

    return apply


@pytest.fixture
def link(mentor, engagement):
    """The path of the engagement's share link."""
    page = mentor.send(f"{MINE}/{engagement.id}/partage")
    return urlsplit(page.soup.select_one("a.wrap")["href"]).path


def test_each_sees_and_downloads_their_own(mentor, jeune, people, engagement, participation, file_of):
    for client, own in ((mentor, engagement), (jeune, participation)):
        page = client.page(MINE)

        assert page.text.count(own.reference_number) == 1
        assert " ".join(own.facts["text"].split()) in page.text
        assert client.get(f"{MINE}/{own.id}/fichier").data == file_of(own)


def test_one_is_asked_for_in_two_gestures(mentor, jeune, engagement):
    for client, what in ((mentor, "de mon engagement"), (jeune, "de ma participation")):
        written = client.page(client.page(MINE).tree.xpath("//a[contains(., 'Demander une attestation')]/@href")[0])

        assert what in written.value("body")
        sent = client.send(
            written.response.request.path, {"body": written.value("body").strip(), "once": written.value("once"), "seen": ""}
        )
        assert what in sent.text
        assert sent.flashes == ["C'est envoyé. L'association vous répond ici."]


def test_who_has_no_pair_yet_is_not_offered_to_ask(client, in_space, association):
    with in_space(association):
        alone = factories.mentor(association).user_id

    assert "Demander une attestation" not in client.sign_in(alone).page(MINE).text


@pytest.mark.parametrize("what", ["fichier", "partage", "fin-de-partage"])
def test_somebody_elses_is_not_found(what, mentor, jeune, app, in_space, association, engagement, participation):
    with in_space(association):
        other = factories.mentor(association)
    stranger = app.test_client().sign_in(other.user_id)

    for client, certificate in ((mentor, participation), (jeune, engagement), (stranger, engagement), (stranger, participation)):
        path = f"{MINE}/{certificate.id}/{what}"
        assert (client.get(path) if what == "fichier" else client.post(path)).status_code == 404


def test_in_another_association_it_is_not_found(app, in_space, elsewhere, people, engagement):
    with in_space(elsewhere):
        other = factories.mentor(elsewhere)
    client = app.test_client().sign_in(other.user_id)

    assert client.get(f"/a/ailleurs/mes-attestations/{engagement.id}/fichier").status_code == 404
    assert client.post(f"/a/ailleurs/mes-attestations/{engagement.id}/partage").status_code == 404


def test_a_jeune_without_any_reads_that_it_will_come(jeune):
    assert "Rien pour l'instant." in jeune.page(MINE).text


def test_the_jeunes_space_leads_there(jeune, participation):
    assert jeune.page("/a/passerelle/").soup.find("a", href=MINE)


def test_linkedin_is_given_what_stands_on_it_and_the_link_to_verify(mentor, engagement):
    address = urlsplit(mentor.page(MINE).soup.find("a", string="Ajouter à LinkedIn")["href"])

    assert (address.scheme, address.netloc, address.path) == ("https", "www.linkedin.com", "/profile/add")
    assert parse_qs(address.query) == {
        "startTask": ["CERTIFICATION_NAME"], "name": ["Attestation d'engagement"], "organizationName": ["Passerelle"],
        "issueYear": [str(engagement.issued_on.year)], "issueMonth": [str(engagement.issued_on.month)],
        "certUrl": [f"http://localhost/verifier/{engagement.code}"], "certId": [engagement.shown_code],
    }  # fmt: skip


AGES = [("jeune", 15, False), ("jeune", 16, True), ("jeune", None, False), ("mentor", 17, True), ("mentor", None, True)]


@pytest.mark.parametrize(("whose", "age", "proposed"), AGES)
def test_linkedin_is_not_proposed_under_sixteen(whose, age, proposed, app, people, in_space, association, worked):
    person, kind = (people.mentor, "hours") if whose == "mentor" else (people.mentee, "participation")
    with in_space(association):
        born = factories.birth_date(age) if age else None
        db.session.get(type(person), (association.id, person.id)).birth_date = born
        certified(kind, worked)

    page = app.test_client().sign_in(person.user_id).page(MINE)

    assert ("Ajouter à LinkedIn" in page.text) == proposed


# A link to show.


def test_a_link_shows_it_with_the_name_to_whoever_has_it(client, link, people, engagement, file_of):
    page = client.page(link)

    assert page.heading == "Attestation d'engagement"
    assert people.mentor.full_name in page.text
    assert engagement.reference_number in page.text
    assert page.soup.find("meta", attrs={"name": "robots"})["content"] == "noindex"
    assert client.get(f"{link}/fichier").data == file_of(engagement)


def test_a_link_names_nobody(link, people):
    assert people.mentor.last_name not in link
    assert people.mentor.first_name not in link


def test_a_link_says_nothing_of_the_jeune(client, link, people):
    page = client.page(link)

    for secret in (people.mentee.first_name, people.mentee.last_name, str(people.mentee.id)):
        assert secret not in page.html


def test_asked_for_twice_it_is_the_same_link(mentor, engagement, link):
    page = mentor.send(f"{MINE}/{engagement.id}/partage")

    assert urlsplit(page.soup.select_one("a.wrap")["href"]).path == link


def test_a_link_that_is_taken_back_shows_nothing(client, mentor, engagement, link):
    page = mentor.send(f"{MINE}/{engagement.id}/fin-de-partage")

    assert page.flashes == ["Le lien ne montre plus rien."]
    assert page.soup.select_one("a.wrap") is None
    assert client.get(link).status_code == client.get(f"{link}/fichier").status_code == 404
    assert mentor.send(f"{MINE}/{engagement.id}/fin-de-partage").status == 200


def test_a_new_link_does_not_bring_the_old_one_back(client, mentor, engagement, link):
    mentor.send(f"{MINE}/{engagement.id}/fin-de-partage")

    page = mentor.send(f"{MINE}/{engagement.id}/partage")

    assert client.get(link).status_code == 404
    assert client.get(urlsplit(page.soup.select_one("a.wrap")["href"]).path).status_code == 200


@pytest.mark.parametrize(("action", "said"), [(revoke, "révoquée"), (correct, "remplacée")])
def test_what_is_revoked_or_corrected_is_not_shown_any_more(action, said, client, mentor, people, engagement, link, change):
    change(action, engagement, "Heures fausses", people.coordinator.user_id)

    assert client.get(link).status_code == 404
    mentor.send(f"{MINE}/{engagement.id}/partage")
    assert client.get(link).status_code == 404
    text = mentor.page(MINE).text
    assert f"{said} Depuis le" in text
    assert "Heures fausses" in text


@pytest.mark.parametrize("key", ["x", "-", "{key}x", "{short}", "{upper}", "None", "null", "0"])
def test_a_forged_link_is_not_found(key, client, link):
    above, _slash, right = link.rpartition("/")
    forged = key.format(key=right, short=right[:-1], upper=right.swapcase())

    assert client.get(f"{above}/{forged}").status_code == 404
    assert client.get(f"{above}/{forged}/fichier").status_code == 404


def test_the_key_of_a_link_opens_no_other_certificate(client, link, participation):
    key = link.rpartition("/")[2]

    assert client.get(f"/attestation/{participation.code}/{key}").status_code == 404
    assert client.get(f"/attestation/ABCDEFGHJKLM/{key}").status_code == 404


def test_what_is_not_shared_has_no_link(client, engagement):
    for key in ("None", "x", "-"):
        assert client.get(f"/attestation/{engagement.code}/{key}").status_code == 404


# How words agree with me.


@pytest.mark.parametrize("whose", ["mentor", "jeune"])
def test_my_choice_is_for_the_next_ones(whose, app, people, in_space, association, worked, file_of):
    person, kind = (people.mentor, "hours") if whose == "mentor" else (people.mentee, "participation")
    client = app.test_client().sign_in(person.user_id)
    with in_space(association):
        wording.keep_wording(kind, "Merci", "a été {accord: une aide / une alliée / un allié} pour nous.", None)
        before = certified(kind, worked)

    page = client.send(f"{MINE}/accord", {"agreement": "feminine"})

    assert page.flashes == ["C'est noté pour vos prochaines attestations."]
    assert page.soup.find("input", checked=True)["value"] == "feminine"
    with in_space(association):
        after = certified(kind, worked)
    assert "a été une aide pour nous." in text_of(file_of(before))
    assert "a été une alliée pour nous." in text_of(file_of(after))


@pytest.mark.parametrize("choice", ["", "autre", "neutral' or 1"])
def test_no_other_choice_is_taken(choice, mentor, people, in_space, association):
    assert mentor.send(f"{MINE}/accord", {"agreement": choice}).status == 422
    with in_space(association):
        assert db.session.get(type(people.mentor), (association.id, people.mentor.id)).agreement == "neutral"


def test_a_link_of_a_certificate_that_is_revoked_meanwhile_shows_nothing(client, link, change, engagement, in_space, association):
    """Shared and revoked at the same instant: the key that was written last opens nothing."""
    assert client.get(link).status_code == 200
    with in_space(association):
        row = db.session.get(Certificate, (association.id, engagement.id))
        key = row.share_key
    change(revoke, engagement, "Erreur", None)
    with in_space(association):
        db.session.get(Certificate, (association.id, engagement.id)).share_key = key

    assert client.get(link).status_code == 404


def test_the_team_stops_the_sharing_of_somebody_who_left(coordinator, client, link, engagement):
    page = coordinator.page(f"/a/passerelle/attestations/{engagement.id}")
    assert "La personne la montre par un lien." in page.text

    page = coordinator.send(f"/a/passerelle/attestations/{engagement.id}/fin-de-partage")

    assert page.flashes == ["Le lien ne montre plus rien."]
    assert "La personne la montre par un lien." not in page.text
    assert client.get(link).status_code == 404
