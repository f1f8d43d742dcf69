"""The lines that a form proposes while one types."""

import pytest


def lines(page):
    """The communes proposed."""
    return [" ".join(label.get_text(" ").split()) for label in page.soup.select("label")]


def test_lines_are_proposed_while_one_types(client, programme):
    page = client.page("/communes?q=pont-de-cl")

    assert lines(page) == ["Le Pont-de-Claix Isère (38)"]
    assert page.soup.select_one("input[checked]")["value"] == "38317", "one line only is chosen already"


def test_several_lines_are_for_the_person_to_choose(client, programme):
    page = client.page("/communes?q=38800")

    assert len(lines(page)) > 1
    assert page.soup.select("input[checked]") == []


@pytest.mark.parametrize("query", ["", "q=", "q=x", "q=nulle-part", "q=%F0%9F%99%82", f"q={'a' * 5000}"])
def test_nothing_is_proposed_for_what_means_nothing(client, programme, query):
    page = client.page(f"/communes?{query}")

    assert (page.status, lines(page)) == (200, [])


def test_a_nul_is_refused(client, programme):
    assert client.page("/communes?q=%00").status == 400


@pytest.mark.parametrize(("query", "is_said"), [("zzzqq", True), ("zz", False), ("pont-de-cl", False)])
def test_a_name_that_is_no_commune_s_is_said(client, programme, query, is_said):
    assert ("Aucune commune de la liste officielle ne correspond." in client.page(f"/communes?q={query}").text) is is_said
