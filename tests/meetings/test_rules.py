"""How an association plans and reminds: its choices in versions, each with the message that it sends; who may choose."""

import pytest

from app.extensions import db
from app.meetings.notice_models import MeetingSettings
from app.meetings.settings import Choices, choose, settings

from .situations import SPACE

RULES = f"{SPACE}/reglages/rendez-vous"
ALL = {"two_days": "y", "two_hours": "y", "evening": "y", "month_end": "y", "silence": "y", "month_day": "25", "silent_days": "35"}


@pytest.fixture
def admin(app, people):
    return app.test_client().sign_in(people.admin.user_id)


@pytest.fixture
def chosen(in_space, association):
    """The choices in force, and how many versions there are."""

    def read():
        with in_space(association):
            return settings(), db.session.query(MeetingSettings).count()

    return read


def test_nobody_chose_and_the_defaults_hold(admin, chosen):
    page = admin.page(RULES)

    assert (page.value("month_day"), page.value("silent_days"), page.value("video_server")) == ("25", "35", "")
    assert len(page.soup.select("input[type=checkbox][checked]")) == 5
    assert chosen() == (Choices(), 0)


def test_each_choice_shows_the_message_that_it_sends(admin):
    page = admin.page(RULES)

    assert len(page.soup.select("blockquote")) == 5
    assert "Ce mois-ci, aucun rendez-vous avec Inès n'est noté ni prévu." in page.text


def test_another_choice_is_a_version_and_the_same_again_is_none(admin, chosen):
    for _time in range(2):
        page = admin.send(RULES, {**ALL, "month_day": "20"})
        assert page.flashes == ["C'est noté. Les prochains rappels suivent ces règles."]
    assert chosen() == (Choices(month_day=20), 1)

    admin.send(RULES, {"month_day": "20", "silent_days": "60"})

    off = dict.fromkeys(("two_days", "two_hours", "evening", "month_end", "silence"), False)
    assert chosen() == (Choices(month_day=20, silent_days=60, **off), 2)


@pytest.mark.parametrize(("day", "sentence"), [("", "À remplir."), ("0", "De 1 à 28."), ("29", "De 1 à 28.")])
def test_a_day_out_of_the_limits_is_told_which_they_are(admin, chosen, day, sentence):
    page = admin.send(RULES, {**ALL, "month_day": day})

    assert (page.status, page.errors, chosen()[1]) == (422, [sentence], 0)


def test_a_late_page_undoes_nothing_that_a_colleague_chose(admin, chosen, people, in_space, association):
    shown = admin.page(RULES).value("shown")
    with in_space(association):
        choose(people.admin.user_id, two_hours=False, month_day=12)

    page = admin.send(RULES, {**ALL, "silent_days": "60", "month_day": "20", "shown": shown})

    assert (page.status, chosen()) == (422, (Choices(two_hours=False, month_day=12), 1))
    assert "«\u00a012\u00a0»" in page.soup.find(id="month_day-erreur").text
    admin.send(RULES, {**ALL, "silent_days": "60", "month_day": "12", "shown": page.value("shown")})
    assert chosen()[0] == Choices(two_hours=False, month_day=12, silent_days=60)


BAD = [
    ("month_day", "0"), ("month_day", "29"), ("month_day", ""), ("month_day", "fin"), ("silent_days", "13"), ("silent_days", "121"),
    ("silent_days", ""),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_number_out_of_bounds_is_said_at_its_field(field, value, admin, chosen):
    page = admin.send(RULES, {**ALL, field: value})

    assert (page.status, len(page.errors), chosen()[1]) == (422, 1, 0)
    assert page.soup.find(id=f"{field}-erreur")


@pytest.mark.parametrize(("month_day", "silent_days"), [("1", "14"), ("28", "120")])
def test_the_bounds_are_allowed(month_day, silent_days, admin, chosen):
    admin.send(RULES, {**ALL, "month_day": month_day, "silent_days": silent_days})

    assert chosen()[0] == Choices(month_day=int(month_day), silent_days=int(silent_days))


@pytest.mark.parametrize("who", ["coordinator", "mentor", "mentee"])
def test_only_those_who_set_the_space_up_choose(who, app, people, chosen):
    client = app.test_client().sign_in(getattr(people, who).user_id)

    assert client.page(RULES).status == 403
    assert client.send(RULES, {**ALL, "month_day": "1"}).status == 403
    assert chosen()[1] == 0


def test_another_association_chooses_for_itself(admin, chosen, in_space, elsewhere):
    admin.send(RULES, {**ALL, "month_day": "10"})

    with in_space(elsewhere):
        assert settings() == Choices()
    assert chosen()[0].month_day == 10
