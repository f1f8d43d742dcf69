"""Whoever fills the form for somebody else is never asked about themself by mistake."""

import re

import pytest

from app.mail import Mail

from .answers import GUARDIAN, of_mentee, of_mentor, walk

OF_ME = re.compile(r"\b(?:[Vv]otre|[Vv]os|vous êtes|[Ee]n êtes-vous|m'|ma demande)\b")


@pytest.mark.parametrize(("path", "steps"), [("/trouver-un-mentor", of_mentee(16)), ("/devenir-mentor", of_mentor(40))])
def test_each_step_speaks_of_the_other_person(client, programme, association, path, steps):
    steps[0] = steps[0] | {"for_other": "y"}
    asker = {"asker_name": "Anne Martin", "asker_structure": "Sa mère", "asker_contact": "anne@example.org", "asker_agreed": "y"}
    steps.insert(-1, asker)
    for number, answers in enumerate(steps[:-1], start=1):
        client.post(f"{path}?etape={number}", data=answers)
        page = client.page(f"{path}?etape={number + 1}")
        main = " ".join(page.tree.xpath("//main//*[self::h1 or self::h2 or self::label or self::legend]//text()"))
        is_about_me = page.heading == "Vous, qui faites cette demande"
        assert is_about_me or not OF_ME.findall(main), (number + 1, main)
        assert not page.errors
    assert "Envoyer la demande" in page.text


@pytest.mark.parametrize(
    ("structure", "said"),
    [
        ("Lycée Ampère", "Anne Martin (Lycée Ampère) a fait cette demande."),
        ("Gagnez 500 € sur www.example.org", "Anne Martin a fait cette demande."),  # no word of a stranger's leaves in a letter
    ],
)
def test_whoever_asked_is_named_to_the_person_and_to_who_represents_them(client, programme, association, stored, structure, said):
    steps = of_mentee(16, **GUARDIAN)
    steps[0] = steps[0] | {"for_other": "y"}
    asker = {"asker_name": "Anne Martin", "asker_structure": structure, "asker_contact": "anne@example.org", "asker_agreed": "y"}
    page = walk(client, "/trouver-un-mentor", [*steps[:-1], asker, steps[-1]])

    told = {mail.kind: mail.text for mail in stored(programme, Mail)}
    link = told["guardian_asked"].partition("/accord/")[2].split()[0]
    guardian = client.page(f"/accord/{link}")
    for text in (page.text, guardian.text, told["lead_received"], told["guardian_asked"]):
        assert said in " ".join(text.split())
        assert "www.example.org" not in text
    assert "a donné votre nom" not in guardian.text


def test_who_asks_for_themselves_is_named_by_nobody(client, programme, association, stored):
    walk(client, "/trouver-un-mentor", of_mentee(20))

    assert all("cette demande" not in mail.text for mail in stored(programme, Mail))
