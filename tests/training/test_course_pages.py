"""Staff write a course: its modules of every kind, their order, the questions of its quizzes."""

import threading

import pytest

from app.extensions import db
from app.training import courses
from app.training.models import Course, CourseFile, CourseVersion, Module, Step
from app.training.progress import steps_of
from tests import factories
from tests.people.fixtures import space_of
from tests.privacy.test_same_instant import waited_for

from . import situations
from .test_road import SPACE

COURSES = f"{SPACE}/formation/parcours"
MODULE = {"title": "Écouter", "minutes": "30", "body": "## Écouter", "order": "all"}
QUIZ = {**MODULE, "pass_mark": "70", "attempts": "3", "draw": "2"}
CHOICES = {"choice-0": "Oui", "choice-1": "Non", "right": "0", "said-1": "Relisez."}
QUESTION = {"kind": "single", "text": "Faut-il promettre le secret\u00a0?", "feedback": "Jamais.", **CHOICES}
NOT_A_CHOICE = "Choisissez parmi les réponses proposées : elles ont peut-être changé."


@pytest.fixture
def draft(office, association, stored):
    """A course that was just begun."""
    office.send(f"{COURSES}/nouveau", {"title": "Accueillir", "summary": "Deux phrases."})
    return stored(association, Course)[-1]


@pytest.fixture
def steps(association, in_space):
    """The titles of the latest version of a course, in order; or its modules."""

    def read(course, whole=False):
        with in_space(association):
            version = db.session.query(CourseVersion).filter_by(course_id=course.id).order_by(CourseVersion.number.desc()).first()
            modules = [step.module for step in steps_of([version.id]).get(version.id, [])]
            return modules if whole else [module.title for module in modules]

    return read


def add(office, course, kind="text", **typed):
    """Add a module of a kind."""
    return office.send(f"{COURSES}/{course.id}/modules/nouveau?genre={kind}", {**(QUIZ if kind == "quiz" else MODULE), **typed})


def put(office, course, module, where):
    """Press one of the buttons beside a module."""
    return office.send(f"{COURSES}/{course.id}/modules/{module.id}/place", {"vers": where})


def ask(office, course, module, question="nouvelle", **typed):
    """Send the form of a question."""
    return office.send(f"{COURSES}/{course.id}/modules/{module.id}/questions/{question}", {**QUESTION, **typed})


def test_a_page_that_was_open_too_long_leads_back_to_the_form_of_this_kind(office, draft, app):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        late = add(office, draft, "quiz")
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    back = late.soup.find("a", string="Revenir au formulaire")["href"]

    assert office.page(back).status == 200
    assert back.endswith("?genre=quiz")


def test_a_course_is_written_and_not_required_yet(office, association, stored):
    page = office.send(f"{COURSES}/nouveau", {"title": "  Accueillir  ", "summary": "Deux phrases."})

    row = stored(association, Course)[-1]
    assert page.heading == "Accueillir"
    assert "Ajoutez le premier module" in page.text
    assert (row.title, row.summary, row.is_required) == ("Accueillir", "Deux phrases.", False)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "À remplir."),
        ({"title": "a" * 121}, "C'est trop long : 120 caractères au plus."),
        ({"title": "Bien", "summary": "a" * 601}, "C'est trop long : 600 caractères au plus."),
    ],
)
def test_a_course_that_cannot_be_right_is_refused(office, association, stored, typed, sentence):
    page = office.send(f"{COURSES}/nouveau", typed)

    assert (page.status, page.errors) == (422, [sentence])
    assert len(stored(association, Course)) == 1


@pytest.mark.parametrize("kind", ["text", "live", "interview", "elsewhere", "media", "quiz"])
def test_a_module_of_every_kind_is_added_at_the_end(office, draft, steps, kind):
    add(office, draft, title="Premier")

    page = add(office, draft, kind, **({"link": "https://video.example.org/x?y=1#z"} if kind == "media" else {}))

    module = steps(draft, whole=True)[1]
    assert page.flashes == ["Le module est ajouté au brouillon."]
    assert (module.kind, module.minutes, module.body) == (kind, 30, "## Écouter")
    assert module.link == ("https://video.example.org/x?y=1#z" if kind == "media" else None)
    assert (module.pass_mark, module.attempts, module.draw) == ((70, 3, 2) if kind == "quiz" else (80, 0, 0))


def test_after_a_quiz_come_its_questions(office, draft):
    page = add(office, draft, "quiz")

    assert "Aucune question pour l'instant." in page.text
    assert "Ajouter une question" in page.text


@pytest.mark.parametrize("kind", ["", "video", "TEXT", "text'", "live,quiz", "../x"])
def test_a_kind_that_is_none_is_not_found(office, draft, steps, kind):
    assert office.page(f"{COURSES}/{draft.id}/modules/nouveau?genre={kind}").status == 404
    assert add(office, draft, kind).status == 404
    assert steps(draft) == []


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("text", {"title": " "}, "À remplir."),
        ("text", {"minutes": ""}, "Indiquez un nombre de minutes."),
        ("text", {"minutes": "0"}, "De 1 à 600 minutes."),
        ("text", {"minutes": "601"}, "De 1 à 600 minutes."),
        ("text", {"minutes": "une heure"}, "Écrivez un nombre entier, en chiffres."),
        ("text", {"body": "a" * 40_001}, "C'est trop long : 40000 caractères au plus."),
        ("text", {"order": "later"}, NOT_A_CHOICE),
        ("quiz", {"pass_mark": "101"}, "De 0 à 100."),
        ("quiz", {"attempts": "21"}, "De 0 à 20 ; 0 : autant que l'on veut."),
        ("quiz", {"draw": "-1"}, "De 0 à 200 ; 0 : toutes."),
        ("quiz", {"pass_mark": ""}, "Indiquez un nombre entier."),
        ("media", {"link": "", "file": ""}, "Donnez un lien, ou choisissez un fichier."),
    ],
)
def test_a_module_that_cannot_be_right_is_refused_at_its_field(office, draft, steps, kind, typed, sentence):
    page = add(office, draft, kind, **typed)

    assert (page.status, page.errors) == (422, [sentence])
    assert steps(draft) == []


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)//https://x.org", "http://video.example.org", "data:text/html,<script>",
        "//video.example.org", "video.example.org/x", "ftp://video.example.org", "https://", "https://localhost/x",
        "https://a:b@video.example.org", "https://video.example.org/a b", "vbscript:x", "https:video.example.org", "https://[x",
    ],
)  # fmt: skip
def test_a_link_that_is_not_a_page_of_the_web_is_refused_at_its_field(office, draft, steps, link):
    page = add(office, draft, "media", link=link)

    assert (page.status, page.errors) == (422, ["Un lien commence par https:// et mène à une page."])
    assert page.value("link") == link
    assert steps(draft) == []


def test_what_was_typed_is_still_there_after_a_refusal(office, draft):
    page = add(office, draft, title="Mon titre", minutes="0", body="Mon texte")

    assert (page.value("title"), page.value("minutes"), page.value("body").strip()) == ("Mon titre", "0", "Mon texte")


def a_file(tenant):
    row = CourseFile(name="Film", media_type="video/mp4", key=f"{tenant.id}/x.mp4", size=1, added_by=factories.user().id)
    db.session.add(row)
    db.session.flush()
    return row


def test_a_file_that_was_added_is_chosen_and_that_of_others_is_not(office, association, elsewhere, in_space, draft, steps):
    with in_space(association):
        ours = a_file(association)
    with in_space(elsewhere):
        theirs = a_file(elsewhere)

    refused, taken = (add(office, draft, "media", file=str(row.id), link="") for row in (theirs, ours))

    assert refused.errors == [NOT_A_CHOICE]
    assert taken.status == 200
    assert [module.file_id for module in steps(draft, whole=True)] == [ours.id]


def test_a_module_of_the_draft_is_changed_in_place(office, draft, steps):
    add(office, draft)
    [before] = steps(draft, whole=True)

    page = office.send(f"{COURSES}/{draft.id}/modules/{before.id}", {**MODULE, "title": "Entendre", "minutes": "45"})

    [after] = steps(draft, whole=True)
    assert page.flashes == ["Le module est enregistré dans le brouillon."]
    assert (after.id, after.title, after.minutes) == (before.id, "Entendre", 45)


def test_a_published_module_is_changed_in_a_draft_and_stays_as_it_was(office, desk, association, stored, course, steps):
    office.send(f"{COURSES}/{course.id}/modules/{course.text.id}", {**MODULE, "title": "Entendre"})

    assert steps(course) == ["Entendre", "Module 2"]
    assert [row.title for row in stored(association, Module)] == ["Module 1", "Module 2", "Entendre"]
    assert desk.page(f"{SPACE}/ma-formation/{course.text.id}").heading == "Module 1"


def test_a_page_shows_the_text_as_mentors_will_read_it(office, draft, steps):
    add(office, draft, body="## Dire\n\n<script>alert(1)</script> [ici](javascript:x)")

    page = office.page(f"{COURSES}/{draft.id}/modules/{steps(draft, whole=True)[0].id}")

    prose = page.soup.select_one(".prose")
    assert prose.h2.get_text() == "Dire"
    assert (prose.find("script"), prose.find("a", href=True)) == (None, None)


@pytest.mark.parametrize(
    ("rank", "where", "expected"),
    [
        (2, "haut", "A C B"),
        (0, "bas", "B A C"),
        (0, "haut", "A B C"),
        (2, "bas", "A B C"),
        (1, "retrait", "A C"),
        (1, "ici", "A B C"),
    ],
)
def test_modules_are_put_in_order_and_taken_out(office, draft, steps, rank, where, expected):
    for title in "ABC":
        add(office, draft, title=title)

    page = put(office, draft, steps(draft, whole=True)[rank], where)

    assert page.status == 200
    assert " ".join(steps(draft)) == expected


def test_what_comes_before_is_chosen_and_follows_the_order(office, association, stored, draft, steps):
    for title in "AB":
        add(office, draft, title=title)
    first = steps(draft, whole=True)[0]
    add(office, draft, title="C", order="some", after=[str(first.root_id)])
    chosen = stored(association, Step)[-1].after

    put(office, draft, first, "bas")
    put(office, draft, first, "bas")

    assert chosen == [str(first.root_id)]
    assert steps(draft) == ["B", "C", "A"]
    assert [step.after for step in stored(association, Step) if step.after is not None] == [[]]


def test_a_question_is_written_changed_and_taken_out(office, draft, steps):
    add(office, draft, "quiz")
    [quiz] = steps(draft, whole=True)

    written = ask(office, draft, quiz)
    [known] = steps(draft, whole=True)[0].questions
    ask(office, draft, quiz, known["id"], text="Et maintenant ?", right="1")
    [changed] = steps(draft, whole=True)[0].questions
    taken_out = office.send(f"{COURSES}/{draft.id}/modules/{quiz.id}/questions/{known['id']}", {"vers": "retrait"})

    assert written.flashes == ["La question est enregistrée."]
    assert [(choice["text"], choice["right"], choice["feedback"]) for choice in known["choices"]] == [
        ("Oui", True, ""), ("Non", False, "Relisez."),
    ]  # fmt: skip
    assert (changed["id"], changed["text"], changed["choices"][1]["right"]) == (known["id"], "Et maintenant ?", True)
    assert taken_out.flashes == ["La question est retirée."]
    assert steps(draft, whole=True)[0].questions == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"choice-1": ""}, "Donnez de 2 à 8 réponses possibles."),
        ({"choice-1": "OUI"}, "Deux réponses sont les mêmes."),
        ({"right": []}, "Cochez la bonne réponse, une seule."),
        ({"right": ["0", "1"]}, "Cochez la bonne réponse, une seule."),
        ({"kind": "multiple", "right": ["0", "1"]}, "Cochez les bonnes réponses, une au moins, et laissez-en une fausse."),
        ({"kind": "ordering", "choice-1": ""}, "Donnez de 2 à 8 réponses possibles."),
    ],
)
def test_a_question_nobody_could_answer_is_refused_and_what_was_typed_kept(office, draft, steps, typed, sentence):
    add(office, draft, "quiz")
    [quiz] = steps(draft, whole=True)

    page = ask(office, draft, quiz, **typed)

    assert page.status == 422
    assert sentence in page.text
    assert (page.value("choice-0"), page.value("said-1")) == ("Oui", "Relisez.")
    assert page.value("text").strip() == "Faut-il promettre le secret\u00a0?"
    assert steps(draft, whole=True)[0].questions == []


@pytest.mark.parametrize("typed", [{"text": ""}, {"kind": "essay"}, {"kind": ""}])
def test_a_question_without_words_or_of_no_kind_is_refused(office, draft, steps, typed):
    add(office, draft, "quiz")
    [quiz] = steps(draft, whole=True)

    page = ask(office, draft, quiz, **typed)

    assert page.status == 422
    assert page.errors
    assert page.value("choice-0") == "Oui"


def test_only_a_quiz_has_questions_and_only_those_it_has(office, draft, steps):
    add(office, draft, title="Texte")
    add(office, draft, "quiz")
    text, quiz = steps(draft, whole=True)

    assert ask(office, draft, text).status == 404
    assert office.page(f"{COURSES}/{draft.id}/modules/{quiz.id}/questions/inconnue").status == 404


def test_a_question_taken_out_meanwhile_is_said_and_may_be_added_again(office, draft, steps):
    add(office, draft, "quiz")
    [quiz] = steps(draft, whole=True)

    page = ask(office, draft, quiz, "retiree", text="Et alors ?")

    assert (page.status, page.value("text").strip(), page.value("choice-0")) == (422, "Et alors ?", "Oui")
    assert "Quelqu'un vient de retirer cette question. Enregistrez-la pour l'ajouter de nouveau." in page.text
    assert page.tree.find(".//form[@class='sheet']").get("action").endswith("/questions/nouvelle")
    assert steps(draft, whole=True)[0].questions == []


@pytest.mark.committed
def test_of_two_questions_written_at_once_both_are_kept(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        by, course = factories.staff(tenant).user_id, courses.write_course("Accueillir", "")
        quiz = courses.add_module(course, {"kind": "quiz", "title": "Vrai ou faux", "minutes": 10})
    browser, pages = crowd.test_client().sign_in(by), []
    second = threading.Thread(target=lambda: pages.append(ask(browser, course, quiz, text="La seconde")))
    with space_of(crowd, tenant):
        first = {**QUESTION, "id": "a", "choices": [], "text": "La première"}
        rows = (db.session.get_one(kind, (tenant.id, row.id)) for kind, row in ((Course, course), (Module, quiz)))
        courses.change_module(*rows, {"questions": [first]})
        db.session.flush()
        second.start()
        waited_for(second)
    second.join(20)

    assert [page.flashes for page in pages] == [["La question est enregistrée."]]
    with space_of(crowd, tenant):
        kept = db.session.get_one(Module, (tenant.id, quiz.id)).questions
        assert [one["text"] for one in kept] == ["La première", "La seconde"]


@pytest.mark.parametrize("path", ["", "/regles", "/publication", "/abandon", "/modules/nouveau?genre=text", "/modules/{module}"])
def test_a_course_of_another_association_is_not_found(office, elsewhere, in_space, stored, path):
    with in_space(elsewhere):
        module = situations.modules()[0]
    address = f"{COURSES}/{module.course_id}{path.format(module=module.id)}"

    assert office.page(address).status == 404
    assert office.send(address, MODULE).status in {404, 405}
    assert len(stored(elsewhere, Module)) == 2


def test_a_module_of_another_course_or_association_is_not_in_this_one(office, elsewhere, in_space, course, draft):
    with in_space(elsewhere):
        theirs = situations.modules()[0]

    for module in (theirs, course.text):
        assert office.page(f"{COURSES}/{draft.id}/modules/{module.id}").status == 404
    assert put(office, draft, theirs, "retrait").status == 404
    assert put(office, draft, course.text, "retrait").status == 409


@pytest.mark.parametrize("role", ["mentor", "jeune"])
def test_only_staff_write_courses(app, association, in_space, stored, course, role):
    with in_space(association):
        browser = app.test_client().sign_in(factories.member(association, role))

    assert browser.page(f"{COURSES}/{course.id}").status == 403
    assert put(browser, course, course.text, "retrait").status == 403
    assert add(browser, course).status == 403
    assert len(stored(association, Step)) == 2
