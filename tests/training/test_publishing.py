"""A course is published in versions, with its rules; models are copied, renewed and offered."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.training import courses, library
from app.training.models import Course, CourseVersion, Enrolment, ModelCourse, Module
from tests import factories
from tests.people.fixtures import at_once, space_of

from . import situations
from .test_course_pages import COURSES, MODULE, NOT_A_CHOICE, a_file, add, put
from .test_road import MINE, SPACE

RULES = {
    "title": "Sécurité",
    "summary": "",
    "required_for": ["minors", "ase"],
    "valid_months": "24",
    "renews": "",
    "certifies": "y",
}
MODELS = f"{SPACE}/formation/modeles"


@pytest.fixture
def draft(office, association, stored):
    """A course that was just begun."""
    office.send(f"{COURSES}/nouveau", {"title": "Accueillir", "summary": "Deux phrases."})
    return stored(association, Course)[-1]


def publish(office, course, **typed):
    """Publish the draft of a course."""
    return office.send(f"{COURSES}/{course.id}/publication", {"notes": "Plus clair", "earlier": "yes", **typed})


def rules(office, course, **typed):
    """Send the rules of a course."""
    return office.send(f"{COURSES}/{course.id}/regles", {**RULES, **typed})


def versions(stored, tenant, course):
    """The versions of a course: number, published, current, counts."""
    rows = [row for row in stored(tenant, CourseVersion) if row.course_id == course.id]
    return [(row.number, row.published_at is not None, row.is_current, row.counts) for row in sorted(rows, key=lambda r: r.number)]


def test_a_course_is_published_and_mentors_may_follow_it(office, desk, association, stored, draft):
    add(office, draft, title="Premiers pas")

    page = publish(office, draft)

    assert page.flashes == ["Le parcours est publié."]
    assert versions(stored, association, draft) == [(1, True, True, True)]
    assert "Premiers pas" in desk.page(MINE).text


def test_a_video_that_is_saved_as_it_was_is_the_same_module(office, association, in_space, stored, draft):
    with in_space(association):
        film = a_file(association)
    add(office, draft, "media", file=str(film.id), link="")
    publish(office, draft)
    [module] = [row for row in stored(association, Module) if row.file_id == film.id]

    office.send(f"{COURSES}/{draft.id}/modules/{module.id}", {**MODULE, "file": str(film.id), "link": ""})

    assert [row.id for row in stored(association, Module) if row.file_id == film.id] == [module.id]


def test_what_nobody_read_is_not_published(office, association, stored, draft):
    """A colleague writes on while the page that publishes is open: it says so, and keeps what was typed for the next time."""
    add(office, draft, title="Premiers pas")
    read = office.page(f"{COURSES}/{draft.id}/publication").value("read")
    add(office, draft, title="Un module de plus")

    page = publish(office, draft, read=read)

    assert page.status == 422
    assert page.errors == ["Ce parcours a changé depuis l'ouverture de cette page : relisez-le, puis publiez-le."]
    assert page.value("notes").strip() == "Plus clair"
    assert versions(stored, association, draft) == [(1, False, False, True)]
    assert publish(office, draft, read=page.value("read")).flashes[-1] == "Le parcours est publié."


def test_an_empty_course_is_not_published(office, association, stored, draft):
    page = publish(office, draft)

    assert (page.status, page.value("notes").strip()) == (422, "Plus clair")
    assert page.errors == ["Ce parcours n'a pas encore de module : personne ne pourrait le terminer."]
    assert "Ceux qui ont déjà commencé" not in page.text
    assert versions(stored, association, draft) == [(1, False, False, True)]


def test_a_quiz_without_a_question_is_not_published(office, association, stored, draft):
    add(office, draft, "quiz", title="Vrai ou faux")

    page = publish(office, draft)

    assert (page.status, page.errors) == (422, ["Le questionnaire « Vrai ou faux » n'a pas de question."])


def test_a_change_makes_a_second_version_and_whoever_began_ends_the_first(office, desk, association, stored, course):
    desk.send(f"{MINE}/{course.text.id}/lecture")
    add(office, course, title="De plus")

    publish(office, course)

    assert versions(stored, association, course) == [(1, True, False, True), (2, True, True, True)]
    assert "De plus" not in desk.page(MINE).text


@pytest.mark.parametrize("reason", ["", "  "])
def test_what_was_completed_stops_counting_only_for_a_reason(office, association, stored, course, reason):
    add(office, course, title="De plus")

    page = publish(office, course, earlier="no", reason=reason)

    assert (page.status, page.errors) == (422, ["Dites pourquoi : les mentors et l'équipe le liront."])
    assert versions(stored, association, course) == [(1, True, True, True), (2, False, False, True)]


def test_what_was_completed_stops_counting_and_the_reason_is_kept(office, association, stored, course):
    add(office, course, title="De plus")

    page = publish(office, course, earlier="no", reason="La loi a changé.")

    first = stored(association, CourseVersion)[0]
    assert (first.counts, first.counts_reason) == (False, "La loi a changé.")
    assert "ne compte plus" in page.text


@pytest.fixture
def between(crowd):
    """A block where a course with a draft was read, and another administrator has published it since: (course, versions, who)."""

    @contextmanager
    def published_meanwhile():
        with space_of(crowd, tenant):
            course = db.session.get_one(Course, (tenant.id, written.id))
            read = courses.versions_of(course)
            at_once(crowd, [(other.user_id, f"{COURSES}/{course.id}/publication", {"notes": "", "earlier": "yes"})])
            yield course, read, other.user_id

    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        other, written = factories.staff(tenant, "admin"), situations.texts("Lire", 1)
        courses.add_module(written, {"kind": "text", "title": "De plus", "minutes": 30, "body": "Lire"})
    return published_meanwhile


@pytest.mark.committed
def test_of_two_who_publish_at_once_the_second_changes_nothing(between):
    with between() as (course, read, by):
        with pytest.raises(courses.NotWritten, match="Rien n'a changé"):
            courses.publish(course, by, "", earlier_count=False, reason="La loi a changé.")

        assert [(row.number, row.is_current, row.counts) for row in read] == [(2, True, True), (1, False, True)]


@pytest.mark.committed
def test_a_draft_that_another_has_just_published_is_not_dropped(between):
    with between() as (course, read, _by):
        with pytest.raises(courses.NotWritten, match="pas de brouillon"):
            courses.drop_draft(course)

        assert [(row.number, row.is_current) for row in read] == [(2, True), (1, False)]


@pytest.mark.parametrize("earlier", ["", "maybe"])
def test_what_becomes_of_earlier_completions_is_always_said(office, association, stored, course, earlier):
    add(office, course, title="De plus")

    assert publish(office, course, earlier=earlier).status == 422
    assert versions(stored, association, course)[1][1] is False


def test_the_versions_page_decides_with_a_reason(office, association, in_space, stored, course, mentor):
    with in_space(association):
        factories.train(mentor)
    [first] = stored(association, CourseVersion)
    address = f"{COURSES}/versions/{first.id}"

    read = office.page(address)
    without = office.send(address, {"counts": "no", "reason": ""})
    page = office.send(address, {"counts": "no", "reason": "Refonte"})
    again = office.send(address, {"counts": "yes", "reason": "Finalement, tout y était."})

    assert "1 mentor l'a terminée." in read.text
    assert (without.status, without.errors) == (422, ["Dites pourquoi : l'équipe le lira."])
    assert page.flashes == again.flashes == ["La décision est enregistrée."]
    assert "ne compte plus" in page.text
    assert (stored(association, CourseVersion)[0].counts_reason) == "Finalement, tout y était."


def test_a_decision_on_a_version_changes_who_is_ready(office, association, in_space, stored, course, mentor):
    with in_space(association):
        factories.train(mentor)
    [first] = stored(association, CourseVersion)

    before = office.page(f"{SPACE}/formation/mentors?pour=prets").text
    office.send(f"{COURSES}/versions/{first.id}", {"counts": "no", "reason": "Refonte"})

    assert "Karim Tahar" in before
    assert "Karim Tahar" in office.page(f"{SPACE}/formation/mentors?pour=bloques").text


def test_a_version_of_another_association_is_not_found(office, elsewhere, stored):
    [theirs] = stored(elsewhere, CourseVersion)

    assert office.page(f"{COURSES}/versions/{theirs.id}").status == 404
    assert office.send(f"{COURSES}/versions/{theirs.id}", {"counts": "no", "reason": "Refonte"}).status == 404
    assert stored(elsewhere, CourseVersion)[0].counts


def test_a_draft_is_dropped_and_what_is_published_stays(office, association, stored, course):
    add(office, course, title="De plus")
    put(office, course, course.text, "retrait")

    page = office.send(f"{COURSES}/{course.id}/abandon")

    assert page.flashes == ["Le brouillon est abandonné."]
    assert versions(stored, association, course) == [(1, True, True, True)]
    assert [row.title for row in stored(association, Module)] == ["Module 1", "Module 2"]


def test_a_course_that_was_never_published_is_dropped(office, association, stored, draft):
    before = office.page(f"{COURSES}/{draft.id}/abandon")
    page = office.send(f"{COURSES}/{draft.id}/abandon")

    assert before.heading.startswith("Abandonner ce parcours")
    assert (page.status, page.flashes) == (200, ["Le parcours est abandonné."])
    assert draft.id not in [course.id for course in stored(association, Course)]
    assert office.send(f"{COURSES}/{draft.id}/abandon").status == 404


def test_what_has_a_session_is_not_dropped(office, association, in_space, stored, draft):
    with in_space(association):
        module = courses.add_module(
            db.session.get(Course, (association.id, draft.id)), {"kind": "live", "title": "En direct", "minutes": 60}
        )
        situations.live_session(module)

    page = office.send(f"{COURSES}/{draft.id}/abandon")

    assert (page.status, "il ne s'abandonne plus" in page.text) == (409, True)
    assert versions(stored, association, draft) == [(1, False, False, True)]


def test_rules_are_kept(office, association, in_space, stored, course):
    with in_space(association):
        situations.texts("Rappel", 1, required=False)
    refresher = stored(association, Course)[-1]

    page = rules(office, course)
    rules(office, refresher, title="Rappel", required_for=[], renews=str(course.id))

    row, renewing = stored(association, Course)
    assert page.flashes == ["Les règles sont enregistrées."]
    assert (row.title, row.required_for, row.valid_months, row.certifies) == ("Sécurité", ["minors", "ase"], 24, True)
    assert (renewing.renews_id, renewing.is_required) == (course.id, False)
    assert "Valable 24 mois." in page.text
    assert "Renouvelle « Sécurité »." in office.page(f"{COURSES}/{refresher.id}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "À remplir."),
        ({"required_for": ["everybody"]}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"valid_months": "121"}, "De 0 à 120 mois ; 0 : sans limite."),
        ({"valid_months": "-1"}, "De 0 à 120 mois ; 0 : sans limite."),
        ({"valid_months": ""}, "Indiquez un nombre entier."),
        ({"renews": "itself"}, NOT_A_CHOICE),
        ({"renews": "x"}, NOT_A_CHOICE),
    ],
)
def test_rules_that_cannot_be_right_are_refused_at_their_field(office, association, stored, course, typed, sentence):
    typed = {name: str(course.id) if value == "itself" else value for name, value in typed.items()}

    page = rules(office, course, **typed)

    assert page.status == 422
    assert page.errors == [sentence]
    assert stored(association, Course)[0].title == "Devenir mentor"


def test_a_course_of_another_association_is_not_renewed(office, association, elsewhere, in_space, stored, course):
    with in_space(elsewhere):
        theirs = situations.modules()[0].course_id

    assert rules(office, course, renews=str(theirs)).errors == [NOT_A_CHOICE]
    assert stored(association, Course)[0].renews_id is None


def test_a_course_that_is_not_published_cannot_be_required(office, association, stored, draft):
    page = rules(office, draft)

    assert page.status == 409
    assert "Publiez d'abord ce parcours : personne ne pourrait le terminer." in page.text
    assert not stored(association, Course)[-1].is_required


def test_a_course_is_no_longer_required_then_required_again(office, association, stored, course):
    optional = rules(office, course, required_for=[])
    was = stored(association, Course)[0].is_required
    required = rules(office, course, required_for=["all"])

    assert "Facultatif." in optional.text
    assert (was, stored(association, Course)[0].required_for) == (False, ["all"])
    assert "de tous les jeunes" in required.text


def test_models_are_copied_as_a_draft_that_knows_where_it_comes_from(office, association, in_space, stored):
    with in_space(association):
        model = library.models()[0]

    page = office.send(f"{SPACE}/formation/modeles/{model.key}/copie")

    course = stored(association, Course)[-1]
    assert page.flashes == ["Le modèle est copié\u00a0: adaptez-le, puis publiez-le."]
    assert (course.title, course.model_key, course.model_number) == (model.title, model.key, model.number)
    assert f"Copie du modèle n° {model.number} du programme." in page.text
    assert "déjà copié" in office.page(f"{SPACE}/formation/modeles").text
    assert office.send(f"{SPACE}/formation/modeles/inconnu/copie").status == 404
    assert stored(association, Enrolment) == []


@pytest.fixture
def operator(app, programme, in_space):
    """A browser where an operator of the programme is signed in."""
    with in_space(programme):
        return app.test_client().sign_in(factories.staff(programme, "operator").user_id)


@pytest.fixture
def offered(operator, programme, stored):
    """A course that the programme wrote, published and offers."""
    base = "/a/programme/formation/parcours"
    operator.send(f"{base}/nouveau", {"title": "Bien finir", "summary": "Se dire au revoir."})
    [course] = stored(programme, Course)
    operator.send(f"{base}/{course.id}/modules/nouveau?genre=text", MODULE)
    operator.send(f"{base}/{course.id}/publication", {"notes": "", "earlier": "yes"})
    operator.send(f"{base}/{course.id}/offre")
    return stored(programme, Course)[0]


def offer_again(operator, course):
    """The programme adds a module, publishes and offers a later number."""
    base = f"/a/programme/formation/parcours/{course.id}"
    operator.send(f"{base}/modules/nouveau?genre=text", {**MODULE, "title": "Après"})
    operator.send(f"{base}/publication", {"notes": "", "earlier": "yes"})
    return operator.send(f"{base}/offre")


def test_the_programme_offers_a_model_and_an_association_sees_it(office, operator, offered):
    assert (offered.model_number, bool(offered.model_key)) == (1, True)
    assert "proposé, n° 1" in operator.page("/a/programme/formation/modeles").text

    page = office.page(MODELS)

    assert "Bien finir" in page.text
    assert "Se dire au revoir. 1 module · 30 min · n° 1" in page.text


def test_a_course_sent_twice_at_one_instant_is_one_and_later_another(operator, programme, stored):
    with time_machine.travel(now(), tick=False) as clock:
        for minutes in (0, 0, 2):
            clock.shift(timedelta(minutes=minutes))
            operator.send("/a/programme/formation/parcours/nouveau", {"title": "Bien finir"})

    assert len(stored(programme, Course)) == 2


def test_what_is_not_published_is_not_offered(operator, programme, stored):
    operator.send("/a/programme/formation/parcours/nouveau", {"title": "Bien finir"})
    [course] = stored(programme, Course)

    page = operator.send(f"/a/programme/formation/parcours/{course.id}/offre")

    assert page.status == 409
    assert "Publiez d'abord ce parcours." in page.text


def test_an_association_offers_nothing(office, association, in_space, course):
    assert office.send(f"{COURSES}/{course.id}/offre").status == 403
    with in_space(association):
        assert {model.title for model in db.session.query(ModelCourse)}.isdisjoint({"Devenir mentor"})


def test_a_newer_model_is_said_and_taken_into_the_draft(office, association, in_space, stored, operator, offered):
    office.send(f"{MODELS}/{offered.model_key}/copie")
    copy = stored(association, Course)[-1]
    publish(office, copy)
    offer_again(operator, offered)

    said = office.page(f"{COURSES}/{copy.id}")
    page = office.send(f"{COURSES}/{copy.id}/modele")

    assert "Vous suivez le n° 1, le programme propose le n° 2." in said.text
    assert page.flashes == ["La nouvelle version du modèle est dans le brouillon\u00a0: relisez-la, puis publiez-la."]
    assert versions(stored, association, copy) == [(1, True, True, True), (2, False, False, True)]
    assert "1. Écouter" in page.text
    assert "2. Après" in page.text
    assert stored(association, Course)[-1].model_number == 2


def test_a_model_that_is_not_newer_changes_nothing(office, association, stored, offered):
    office.send(f"{MODELS}/{offered.model_key}/copie")
    copy = stored(association, Course)[-1]

    page = office.send(f"{COURSES}/{copy.id}/modele")

    assert page.flashes == []
    assert "Le modèle a une nouvelle version" not in page.text
    assert len(stored(association, Module)) == 3


def test_what_an_association_changes_in_its_copy_stays_its_own(office, association, in_space, stored, operator, offered):
    office.send(f"{MODELS}/{offered.model_key}/copie")
    copy = stored(association, Course)[-1]
    rules(office, copy, title="Au revoir chez nous", required_for=[])

    assert "Au revoir chez nous" not in operator.page("/a/programme/formation/modeles").text
    with in_space(association):
        assert db.session.get(ModelCourse, (offered.model_key, 1)).title == "Bien finir"


@pytest.mark.parametrize("path", ["/formation/modeles", "/formation/fichiers", "/formation/parcours/nouveau"])
def test_the_programme_writes_courses_in_its_own_space(operator, path):
    assert operator.page(f"/a/programme{path}").status == 200
    assert operator.page(f"{SPACE}{path}").status in {403, 404}
