"""Whoever fills the form for somebody else is never asked about themself by mistake."""

import re

import pytest

from .answers import of_mentee, of_mentor

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
