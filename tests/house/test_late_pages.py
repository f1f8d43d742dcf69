"""A page that a colleague opened, and wrote on, while it was open elsewhere: neither undoes the other (decision 0046)."""

from types import SimpleNamespace

import pytest

from app.certificates.models import CertificateKind
from app.extensions import db
from app.partners.models import SCOPES, Partner
from app.training import courses
from tests import factories
from tests.people.test_late_and_at_once import typed_on

SPACE = "/a/passerelle"


def key_of_a_partner():
    partner = Partner(name="Lycée Ampère", scopes=list(SCOPES))
    db.session.add(partner)
    db.session.flush()
    return f"partenaires/{partner.id}/modification"


def rules_of_a_course():
    modules = [{"kind": "text", "title": "Lire"}]
    course = factories.published("Sécurité", modules, required_for=["all", "minors"], valid_months=24)
    return f"formation/parcours/{course.id}/regles"


def module_of_a_draft():
    course = courses.write_course("Accueillir", "")
    courses.add_module(course, {"kind": "text", "title": "Avant", "minutes": 30})
    module = courses.add_module(course, {"kind": "text", "title": "Lire", "minutes": 30, "body": "Un texte"})
    return f"formation/parcours/{course.id}/modules/{module.id}"


def text_of_a_certificate():
    return f"attestations/textes/{CertificateKind.TRAINING}"


PAGES = {  # whose page, what a colleague writes on it, what is written on the late one
    "key": (key_of_a_partner, {"scopes": ["leads:read"]}, {"name": ["Cité Ampère"]}),
    "rules": (rules_of_a_course, {"required_for": ["all"], "valid_months": ["12"]}, {"summary": "Plus clair"}),
    "renewal": (rules_of_a_course, {"certifies": []}, {"title": ["Plus sûr"]}),
    "module": (module_of_a_draft, {"body": "Un autre texte"}, {"title": ["Relire"]}),
    "place": (module_of_a_draft, {"order": ["free"]}, {"minutes": ["45"]}),
    "certificate": (text_of_a_certificate, {"body": "a suivi **{durée}** avec nous."}, {"title": ["Merci"]}),
}


@pytest.fixture(params=PAGES.values(), ids=PAGES)
def late(request, association, in_space, boss):
    """A page as it was opened, and what two write on it."""
    make, theirs, mine = request.param
    with in_space(association):
        path = f"{SPACE}/{make()}"
    return SimpleNamespace(path=path, form=shown_on(boss, path), theirs=theirs, mine=mine)


def shown_on(browser, path):
    """What the fields of a page say."""
    return {name: said for name, said in typed_on(browser.page(path)).items() if name != "csrf_token"}


def said_on(browser, path):
    """The same, without what the page remembers of itself, nor boxes that are empty."""
    return {name: said for name, said in shown_on(browser, path).items() if name != "shown" and said}


def test_what_a_colleague_wrote_meanwhile_stays(boss, late):
    boss.send(late.path, {**late.form, **late.theirs})

    page = boss.send(late.path, {**late.form, **late.mine})

    assert (page.status, page.errors) == (200, [])
    expected = {**late.form, **late.theirs, **late.mine}
    assert said_on(boss, late.path) == {name: said for name, said in expected.items() if name != "shown" and said}


def test_what_both_change_is_said_and_not_written(boss, late):
    boss.send(late.path, {**late.form, **late.mine})
    theirs = said_on(boss, late.path)
    [(name, said)] = late.mine.items()

    page = boss.send(late.path, {**late.form, name: ["50"] if name == "minutes" else "Autrement"})

    assert page.status == 422
    assert page.errors == [f"Quelqu'un vient d'écrire « {said if isinstance(said, str) else said[0]} » ici. "
                           "Relisez, puis enregistrez de nouveau."]  # fmt: skip
    assert said_on(boss, late.path) == theirs
