"""How an association follows its pairs: its choices in versions, on sensible defaults and within limits; who may choose."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.followup.models import FollowUpSettings
from app.followup.settings import CANNED, GRIDS, Choices, choose, settings
from tests import factories

from .situations import SPACE, flashes

PAGE = f"{SPACE}/reglages/suivi"
TYPED = {
    "contact_days": "30", "meeting_days": "30", "answer_days": "2", "waiting_days": "30", "digest": "y",
    **{f"{side}_grid": "\n".join(lines) for side, lines in GRIDS.items()},
    "canned": "\n\n".join(CANNED),
}  # fmt: skip


@pytest.fixture
def chosen(in_space, association):
    """The choices in force, and how many versions there are."""

    def read():
        with in_space(association):
            return settings(), db.session.query(FollowUpSettings).count()

    return read


def test_nobody_chose_and_the_defaults_hold(admin, chosen):
    page = admin.page(PAGE)

    assert [page.value(name) for name in ("contact_days", "meeting_days", "answer_days", "waiting_days")] == ["30", "30", "2", "30"]
    assert page.value("mentor_grid").strip() == "\n".join(GRIDS["mentor"])
    assert [box["name"] for box in page.soup.select("input[type=checkbox][checked]")] == ["digest"]
    assert chosen() == (Choices(contact_days=30, meeting_days=30, answer_days=2, both_write=False, digest=True), 0)


def test_what_is_shown_sent_as_it_is_makes_no_version(admin, chosen):
    page = admin.page(PAGE)
    shown = {name: page.value(name).strip().replace("\n", "\r\n") for name in TYPED if name != "digest"}  # as browsers send it

    page = admin.send(PAGE, {**shown, "digest": "y"})

    assert flashes(page) == ["C'est noté. Les appels suivent ces règles à la prochaine heure."]
    assert chosen() == (Choices(), 0)


def test_another_choice_is_a_version_and_the_same_again_is_none(admin, chosen, in_space, association, people):
    for _time in range(2):
        admin.send(PAGE, {**TYPED, "contact_days": "45"})
    assert chosen() == (Choices(contact_days=45), 1)

    admin.send(PAGE, {**TYPED, "meeting_days": "20", "both_write": "y", "digest": ""})

    assert chosen() == (Choices(meeting_days=20, both_write=True, digest=False), 2)
    with in_space(association):
        rows = db.session.scalars(select(FollowUpSettings).order_by(FollowUpSettings.number)).all()
        assert [(row.number, row.values["contact_days"], row.made_by) for row in rows] == [
            (1, 45, people.admin.user_id), (2, 30, people.admin.user_id),
        ]  # fmt: skip


def test_a_late_page_opens_nothing_that_a_colleague_closed(admin, chosen, people, in_space, association):
    with in_space(association):
        choose(people.admin.user_id, both_write=True)
    late = {**TYPED, "both_write": "y", "shown": admin.page(PAGE).value("shown")}
    with in_space(association):
        choose(people.admin.user_id, both_write=False, grids={**GRIDS, "mentee": ["Ça va ?"]}, canned=["Seul"])

    page = admin.send(PAGE, {**late, "contact_days": "45", "mentor_grid": "Et vous ?"})

    assert page.flashes == ["C'est noté. Les appels suivent ces règles à la prochaine heure."]
    assert chosen()[0] == Choices(contact_days=45, grids={**GRIDS, "mentor": ["Et vous ?"], "mentee": ["Ça va ?"]}, canned=["Seul"])


@pytest.mark.parametrize(
    ("name", "mine", "change", "theirs"),
    [("contact_days", "45", {"contact_days": 60}, "60"), ("canned", "À moi", {"canned": ["À eux"]}, "À eux"),
     ("mentor_grid", "À moi", {"grids": {**GRIDS, "mentor": ["À eux"]}}, "À eux")],
)  # fmt: skip
def test_what_two_changed_is_read_before_it_is_written(name, mine, change, theirs, admin, chosen, people, in_space, association):
    shown = admin.page(PAGE).value("shown")
    with in_space(association):
        choose(people.admin.user_id, **change)

    page = admin.send(PAGE, {**TYPED, name: mine, "shown": shown})

    assert (page.status, chosen()) == (422, (Choices(**change), 1))
    assert page.errors == [f"Quelqu'un vient d'écrire « {theirs} » ici. Relisez, puis enregistrez de nouveau."]
    admin.send(PAGE, {**TYPED, name: mine, "shown": page.value("shown")})
    assert chosen()[1] == 2


LIMITS = [("contact_days", 7, 92), ("meeting_days", 14, 90), ("answer_days", 1, 15), ("waiting_days", 7, 92)]


@pytest.mark.parametrize(("field", "least", "most"), LIMITS)
def test_the_limits_are_allowed_and_nothing_beyond(field, least, most, admin, chosen):
    for value in (least, most):
        assert admin.send(PAGE, {**TYPED, field: str(value)}).status == 200
        assert getattr(chosen()[0], field) == value

    for value in (least - 1, most + 1, "", "x", "7.5", "-1"):
        page = admin.send(PAGE, {**TYPED, field: str(value)})
        assert (page.status, len(page.errors)) == (422, 1)
        assert page.soup.find(id=f"{field}-erreur")
    assert getattr(chosen()[0], field) == most


@pytest.mark.parametrize("side", ["mentor", "mentee", "guardian"])
@pytest.mark.parametrize(("count", "is_refused"), [(0, False), (1, False), (12, False), (13, True)])
def test_a_grid_has_few_questions(side, count, is_refused, admin, chosen):
    lines = [f"Question {rank}" for rank in range(count)]

    page = admin.send(PAGE, {**TYPED, f"{side}_grid": "\r\n".join(f"- {line}" for line in lines)})

    assert (page.status == 422) is is_refused
    assert chosen()[0].grids[side] == (GRIDS[side] if is_refused else lines)
    if is_refused:
        assert page.errors == ["12 questions au plus."]


def test_the_same_question_twice_is_one(admin, chosen):
    admin.send(PAGE, {**TYPED, "mentor_grid": "Ça va ?\nEt vous ?\nÇa va ?"})

    assert chosen()[0].grids["mentor"] == ["Ça va ?", "Et vous ?"]


@pytest.mark.parametrize(("count", "is_refused"), [(0, False), (1, False), (20, False), (21, True)])
def test_ready_answers_are_separated_by_an_empty_line(count, is_refused, admin, chosen):
    answers = [f"Titre {rank}\nPremière ligne\nDeuxième ligne" for rank in range(count)]

    page = admin.send(PAGE, {**TYPED, "canned": "\n\n\n".join(answers).replace("\n", "\r\n")})

    assert (page.status == 422) is is_refused
    assert chosen()[0].canned == (CANNED if is_refused else answers)
    if is_refused:
        assert page.errors == ["20 réponses au plus."]


@pytest.mark.parametrize(
    ("field", "longest"), [("mentor_grid", 2000), ("mentee_grid", 2000), ("guardian_grid", 2000), ("canned", 8000)]
)
def test_a_text_has_a_longest_length(field, longest, admin, chosen):
    assert admin.send(PAGE, {**TYPED, field: "x" * (longest + 1)}).status == 422
    assert chosen()[1] == 0

    assert admin.send(PAGE, {**TYPED, field: "x" * longest}).status == 200


def test_the_page_leads_from_the_settings(admin):
    assert admin.page(f"{SPACE}/reglages").soup.find("a", href=PAGE)


@pytest.mark.parametrize("who", ["coordinator", "mentor", "mentee"])
def test_only_those_who_set_the_space_up_choose(who, signed, chosen):
    client = signed(who)

    assert client.page(PAGE).status == 403
    assert client.send(PAGE, {**TYPED, "contact_days": "45"}).status == 403
    assert chosen() == (Choices(), 0)


def test_another_association_chooses_for_itself(people, chosen, app, in_space, association, elsewhere):
    with in_space(association):
        choose(people.admin.user_id, contact_days=45)
    with in_space(elsewhere):
        staff = factories.staff(elsewhere, "admin")
        assert settings() == Choices()

    client = app.test_client().sign_in(staff.user_id)
    assert client.send(PAGE, {**TYPED, "contact_days": "60"}).status == 404
    assert client.send("/a/ailleurs/reglages/suivi", {**TYPED, "contact_days": "60"}).status == 200

    assert chosen()[0].contact_days == 45


def test_defaults_are_not_changed_by_who_reads_them(in_space, association):
    with in_space(association):
        settings().grids["mentor"].append("Une de plus")
        settings().canned.clear()

    assert Choices() == Choices(grids=GRIDS, canned=CANNED)
    assert "Une de plus" not in GRIDS["mentor"]
