"""Making the forms known: addresses, a poster, a button."""

import io

import pytest
from pypdf import PdfReader

from app.extensions import db
from app.leads.models import Lead

from .answers import of_mentee

PAGE = "/a/passerelle/faire-connaitre"


def words_of(content):
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


def test_both_forms_have_their_address_their_poster_and_their_button(client, staff):
    page = client.page(PAGE)

    buttons = [area.get_text() for area in page.soup.select("textarea")]
    assert page.soup.find("a", href="http://localhost/a/passerelle/trouver-un-mentor")
    assert page.soup.find("a", href="http://localhost/a/passerelle/devenir-mentor")
    assert 'href="http://localhost/a/passerelle/trouver-un-mentor?source=site"' in buttons[0]
    assert "Devenir mentor</a>" in buttons[1]
    assert not any("script" in button for button in buttons)


@pytest.mark.parametrize(
    ("audience", "said", "path"),
    [
        ("jeunes", "Une personne rien que pour vous", "localhost/a/passerelle/trouver-un-mentor"),
        ("mentors", "Deux heures par mois", "localhost/a/passerelle/devenir-mentor"),
    ],
)
def test_a_poster_is_one_page_that_says_where_to_ask(client, staff, audience, said, path):
    response = client.get(f"{PAGE}/{audience}/affiche")

    reader = PdfReader(io.BytesIO(response.data))
    width, height = (float(side) for side in reader.pages[0].mediabox[2:])
    assert response.mimetype == "application/pdf"
    assert len(reader.pages) == 1
    assert width < height
    for words in (said, path, "Passerelle, Lyon"):
        assert words in words_of(response.data)


@pytest.mark.parametrize("audience", ["parents", "jeunes%00", "..%2Fjeunes"])
def test_a_poster_for_nobody_is_not_found(client, staff, audience):
    assert client.get(f"{PAGE}/{audience}/affiche").status_code in {400, 404}


def test_who_comes_by_the_button_is_said_to(client, association, in_space):
    client.page("/a/passerelle/trouver-un-mentor?source=affiche")
    for number, answers in enumerate(of_mentee(), start=1):
        client.send(f"/a/passerelle/trouver-un-mentor?etape={number}&source=affiche", answers)

    with in_space(association):
        assert [lead.source for lead in db.session.query(Lead)] == ["affiche"]
