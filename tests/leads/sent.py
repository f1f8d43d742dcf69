"""Files sent by the web: the operator's browser, sending one, taking its rows, and what is given back."""

import csv
import io

import pytest
from werkzeug.datastructures import FileStorage

from tests import factories

HEADER = "Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal"
ANNE, BRUNO, CHLOE = (
    "Voisin;Anne;18;0612345678;a@example.org;Lyon;69001\n", "Martin;Bruno;dix-sept;;b@example.org;Lyon;69002\n",
    "Petit;Chloé;20;06;c@example.org;Bron;69500\n",
)  # fmt: skip
THREE = f"{HEADER}\n{ANNE}{BRUNO}{CHLOE}"


@pytest.fixture
def operator(client, programme, in_space):
    """The operator, signed in."""
    with in_space(programme):
        return client.sign_in(factories.staff(programme, "operator").user_id)


@pytest.fixture
def send(client):
    """Send a file; returns the page that follows: `send(THREE).path`."""

    def post(content, name="demandes.csv", kind="mentee", space="programme"):
        file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
        page = client.send(f"/a/{space}/imports", {"file": FileStorage(file, name), "kind": kind})
        page.path = page.response.request.path
        return page

    return post


@pytest.fixture
def take(client, send, run_jobs):
    """Send a file, take its rows as they are understood, and read the page at the end."""

    def through(content, **given):
        path = send(content, **given).path
        client.send(path)
        run_jobs()
        page = client.page(path)
        page.path = path
        return page

    return through


def counts(page):
    """Added, known, refused."""
    return [int(word.strip(",.")) for word in page.text.partition("Ajoutées")[2].split() if word.strip(",.").isdigit()][:3]


def given_back(client, page):
    """The rows of the file of what was refused."""
    answer = client.get(f"{page.path}/lignes-refusees")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
