"""What is sent: JSON that cannot be read, values of every wrong kind, and the rules about people."""

import json

import pytest
import time_machine

from app.leads.models import Lead
from app.mail import Mail
from tests import factories

from .conftest import ENGLISH, GOOD, said

TODAY = "2026-11-02T10:00:00Z"
GUARDIAN = {"guardian_name": "Nadège Martin", "guardian_email": "nadege@example.org"}


@pytest.fixture
def raw(call, key):
    """Post bytes as they are."""

    def send(content, content_type="application/json"):
        return call("POST", "/leads", key, "one", data=content, content_type=content_type, headers=ENGLISH)

    return send


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"[{}]", b"null", b"true", b"1", b'"text"', b"NaN", b"{'kind': 'mentee'}", b"\xff\xfe", b"\x00", b"{}{}",
    b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"1" * 5000 + b"}", b'{"a": "\xff"}', b'{"a": "\x00"}',
])  # fmt: skip
def test_what_is_no_json_object_is_refused(raw, content):
    response = raw(content)

    assert response.status_code == 400
    assert response.get_json()["title"] == "Unreadable JSON"


def test_nothing_nested_however_deep_breaks_it(raw):
    depths = [*range(10, 900, 89), *range(930, 1010)]

    codes = {raw(b'{"needs": ' + b"[" * depth + b"]" * depth + b"}").status_code for depth in depths}

    assert codes <= {400, 422}


def test_more_than_four_megabytes_is_too_much(raw):
    response = raw(json.dumps({**GOOD, "message": "x" * 5_000_000}).encode())

    assert (response.status_code, response.get_json()["title"]) == (413, "Body too large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/xml"])
def test_only_json_is_read(raw, kind):
    response = raw(json.dumps(GOOD).encode(), kind)

    assert (response.status_code, response.get_json()["title"]) == (415, "Unsupported media type")


def test_the_charset_may_be_said(raw, association):
    assert raw(json.dumps(GOOD).encode(), "application/json; charset=utf-8").status_code == 201


@pytest.mark.parametrize("name", sorted({*GOOD, "phone", "message", "places", "may_relay", "guardian_name"}))
def test_a_value_of_another_kind_is_said_at_its_field(raw, name):
    for value in (None, 12, 1.5, {}, {"a": 1}, [None], [[]], [{}]):
        response = raw(json.dumps({**GOOD, name: value}).encode())

        assert response.status_code == 422, value
        assert {pointer.split("/")[1] for pointer, _detail in said(response)} == {name}, value


@pytest.mark.parametrize("age", [7, 13, 101])
def test_a_mentor_has_the_age_of_one(post, key, age):
    born = factories.birth_date(age).isoformat()
    asked = {"kind": "mentor", "birth_date": born, "guardian_name": "Awa Sow", "guardian_email": "awa@example.org"}

    assert ("/birth_date", "Mentors are 14 to 100.") in said(post(key, **asked))


@pytest.mark.parametrize("name", ["agreed", "may_relay"])
def test_true_is_true_and_nothing_else(post, key, name):
    for value in ("true", "false", "True", "1", 1, 0, "yes", "on"):
        assert said(post(key, **{name: value})) == {(f"/{name}", "This is not the right type of value.")}, value


def test_who_has_not_agreed_is_not_sent(post, key, programme, stored):
    assert said(post(key, agreed=False)) == {("/agreed", "The person must have agreed.")}
    assert stored(programme, Lead) == []


def test_every_field_that_is_needed_is_named(raw):
    assert said(raw(b"{}")) == {
        (f"/{name}", "This field is required.")
        for name in ("kind", "first_name", "last_name", "birth_date", "commune_code", "agreed")
    }


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused_where_it_stands(raw, value):
    response = raw(json.dumps(GOOD).replace("true", value).encode())

    assert said(response) == {("/agreed", "This is not the right type of value.")}


@pytest.mark.parametrize(
    ("name", "pointer"), [("colour", "/colour"), ("a/b", "/a~1b"), ("a~b", "/a~0b"), ("", "/"), ("é", "/é"), ("id", "/id")]
)
def test_a_field_that_does_not_exist_is_pointed_at(raw, name, pointer):
    response = raw(json.dumps({**GOOD, name: 1}).encode())

    assert (pointer, "This field does not exist.") in said(response)


@pytest.mark.parametrize("name", ["\ud800", "\x00", "\udfff\ud800", "\u202e"])
def test_a_field_whose_name_cannot_be_written_is_refused(raw, name):
    assert raw(json.dumps({**GOOD, name: 1}).encode()).status_code == 422


@pytest.mark.parametrize("unseen", ["\x00", "\ud800", "\x07", "\u202e", "\u200b"], ids=ascii)
def test_what_nobody_sees_is_left_out(post, key, programme, stored, unseen):
    response = post(key, first_name=f"No{unseen}é", message=f"Un{unseen} mot")

    assert response.status_code == 201
    assert [(lead.first_name, lead.message) for lead in stored(programme, Lead)] == [("Noé", "Un mot")]


@pytest.mark.parametrize("name", ["first_name", "last_name", "email", "phone", "message", "hopes", "sector", "skills", "field_wish",
                                  "commune_code", "kind", "situation", "birth_date", "guardian_name"])  # fmt: skip
def test_a_huge_text_is_refused(post, key, name):
    response = post(key, **{name: "é" * 100_000})

    assert response.status_code == 422
    assert {pointer for pointer, _detail in said(response)} == {f"/{name}"}


@pytest.mark.parametrize("name", ["first_name", "last_name", "email", "phone", "commune_code", "kind", "birth_date", "situation"])
def test_an_empty_text_is_not_an_answer(post, key, name):
    for value in ("", " ", "\x00"):
        assert f"/{name}" in {pointer for pointer, _detail in said(post(key, **{name: value}))}, ascii(value)


@pytest.mark.parametrize("value", ["=1+1", "<script>", "Noé\nBcc: x@example.org", "Noé1", "@noe"])
def test_a_name_is_made_of_letters(post, key, value):
    assert said(post(key, first_name=value)) == {("/first_name", "This is not a name.")}


@pytest.mark.parametrize("name", ["skills", "sector", "field_wish"])
def test_a_text_of_one_line_stays_on_one_line(post, key, programme, stored, name):
    post(key, kind="mentee" if name == "field_wish" else "mentor", **{name: "un\n\n  mot\tici"})

    assert getattr(stored(programme, Lead)[0], name) == "un mot ici"


@pytest.mark.parametrize("name", ["hopes", "message"])
def test_a_text_of_several_lines_keeps_them(post, key, programme, stored, name):
    post(key, **{name: "Un mot\r\n\nici\x00 "})

    assert getattr(stored(programme, Lead)[0], name) == "Un mot\n\nici"


@pytest.mark.parametrize("code", ["00000", "69999", "99999", "2A999", "6912", "691234", "6912É", "69-23"])
def test_a_commune_that_does_not_exist_is_refused(post, key, code):
    assert said(post(key, commune_code=code)) == {
        ("/commune_code", "This is no commune's INSEE code (which is not its postal code).")
    }


def test_one_way_to_reach_the_person_is_enough(post, key):
    assert said(post(key, email=None)) == {("/email", "Give an e-mail address or a telephone number.")}
    assert post(key, email=None, phone="0612345678").status_code == 201


@pytest.mark.parametrize(
    ("code", "name", "wrong"),
    [
        ("69123", "Lyon", set()),
        ("69385", "lyon", set()),  # an arrondissement
        ("38317", "LE PONT DE CLAIX", set()),
        ("69003", "Lyon", {"/commune_name"}),  # the postal code of Lyon is the code of L'Arbresle
    ],
)
def test_the_name_of_a_commune_tells_a_postal_code_from_its_code(post, key, code, name, wrong):
    response = post(key, commune_code=code, commune_name=name)

    assert {error["pointer"] for error in response.get_json().get("errors", ())} == wrong


def test_all_that_is_wrong_is_said_at_once(post, key):
    response = post(key, first_name="", commune_code="00000", birth_date="2016-05-04", agreed=False, colour="blue")

    pointers = {pointer for pointer, _detail in said(response)}
    assert pointers == {"/first_name", "/commune_code", "/guardian_name", "/agreed", "/colour"}


def test_of_what_is_wrong_without_end_fifty_are_said(raw):
    response = raw(json.dumps({**GOOD, "first_name": "", **{f"colour{rank}": 1 for rank in range(1000)}}).encode())

    pointers = [error["pointer"] for error in response.get_json()["errors"]]
    assert (len(pointers), pointers[0]) == (50, "/first_name")
    assert response.get_json()["detail"].endswith("More is wrong.")


def test_what_was_sent_and_is_wrong_is_not_said_to_be_missing(post, key):
    response = post(key, email=None, phone="06 12", birth_date="2016-05-04", guardian_name="Nadège", guardian_email="nadege@")

    assert {pointer for pointer, _detail in said(response)} == {"/phone", "/guardian_email"}


@pytest.mark.parametrize(
    ("kind", "born", "status"), [("mentee", "2016-05-04", 201), ("mentee", "2006-05-04", 422), ("mentor", "2009-05-04", 422)]
)
def test_a_child_may_be_reached_by_who_represents_them(post, key, kind, born, status):
    response = post(key, kind=kind, birth_date=born, email=None, **GUARDIAN)

    assert response.status_code == status
    assert status == 201 or {pointer for pointer, _detail in said(response)} == {"/email"}


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize(("kind", "born", "taken"), [
    ("mentee", "2020-11-03", False), ("mentee", "2020-11-02", True), ("mentee", "1996-11-02", False),
    ("mentee", "1996-11-03", True), ("mentor", "1930-01-01", True), ("mentor", "1900-01-01", False),
    ("mentor", "2021-01-01", False), ("mentor", "2009-01-01", True),
])  # fmt: skip
def test_the_programme_accompanies_from_6_to_29_and_mentors_are_14_to_100(post, key, kind, born, taken):
    response = post(key, kind=kind, birth_date=born, **GUARDIAN)

    assert response.status_code == (201 if taken else 422)
    if not taken:
        of_age = "The programme accompanies people from 6 to 29." if kind == "mentee" else "Mentors are 14 to 100."
        assert said(response) == {("/birth_date", of_age)}


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize("born", ["2026-11-03", "1899-12-31", "9999-12-31", "0001-01-01", "2006-02-30", "04/05/2006", "2006",
                                  "20060504", "2006-W18-4", "2006-05-04T00:00:00", " 2006-05-04", "2006-5-4"])  # fmt: skip
def test_a_date_that_is_none_is_refused(post, key, born):
    assert said(post(key, birth_date=born)) == {("/birth_date", "This date is not possible: YYYY-MM-DD.")}


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize("changes", [
    {}, {"guardian_name": "Nadège Martin"}, {"guardian_email": "nadege@example.org"}, {"guardian_phone": "0612345678"},
])  # fmt: skip
def test_before_18_somebody_answers_for_the_person(post, key, changes):
    response = post(key, birth_date="2008-11-03", **changes)

    assert {pointer for pointer, _detail in said(response)} == {"/guardian_name"}
    assert post(key, birth_date="2008-11-02", **changes).status_code == 201


@time_machine.travel(TODAY, tick=False)
def test_before_18_nobody_answers_for_themself(post, key):
    named = {"email": "lea@example.org", "guardian_name": "Nadège Martin"}

    response = post(key, birth_date="2008-11-03", **named, guardian_email="Lea@example.org")

    assert {pointer for pointer, _detail in said(response)} == {"/guardian_email"}
    assert post(key, birth_date="2008-11-03", **named, guardian_email="nadege@example.org").status_code == 201


@time_machine.travel(TODAY, tick=False)
def test_the_guardian_is_asked_before_the_request_goes_anywhere(post, key, programme, association, stored):
    response = post(key, birth_date="2012-01-01", **GUARDIAN)

    assert response.get_json()["status"] == "waiting"
    assert stored(programme, Lead)[0].waiting_reason == "guardian"
    assert "nadege@example.org" in {mail.to_address for mail in stored(programme, Mail)}


def test_a_slip_of_the_fingers_is_said_at_its_field(post, key, programme, stored):
    """The link that authorises would leave for whoever holds that domain."""
    response = post(key, birth_date="2016-05-04", email="noe@gmail.con", guardian_name="Nadège", guardian_email="f@gmial.com")

    slip = "No such domain exists: read again what follows the @."
    assert said(response) == {("/email", slip), ("/guardian_email", slip)}
    assert stored(programme, Mail) == []


def test_a_guardian_may_be_reached_by_telephone(post, key, programme, stored):
    post(key, birth_date="2012-01-01", guardian_name="Nadège Martin", guardian_phone="06 12 34 56 78")

    assert stored(programme, Lead)[0].guardian_phone == "+33612345678"


def test_what_is_not_asked_of_this_person_is_not_kept(post, key, programme, stored):
    mentor = {"kind": "mentor", "needs": ["school"], "situation": "college", "axes": ["education", "education"], "sector": "Droit",
              "gender_wish": "woman"}  # fmt: skip
    mentee = {"needs": ["school", "school"], "sector": "Droit", "email": "ondine@example.org", "gender_wish": "woman"}
    assert post(key, birth_date="1990-01-01", **mentor, **GUARDIAN).status_code == 201
    assert post(key, birth_date="2005-01-01", **mentee).status_code == 201

    kept = {
        row.kind: (row.needs, row.situation, row.axes, row.sector, row.gender_wish, row.guardian_name, row.guardian_email)
        for row in stored(programme, Lead)
    }
    assert kept == {
        "mentor": ([], None, ["education"], "Droit", None, None, None),
        "mentee": (["school"], None, [], None, "woman", None, None),
    }


@pytest.mark.parametrize("name", ["hopes", "sector", "skills"])
@pytest.mark.parametrize("way", ["06 12 34 56 78", "karim@example.org", "https://t.me/karim"])
def test_what_the_other_reads_before_both_said_yes_reaches_nobody(post, key, name, way):
    response = post(key, kind="mentee" if name == "hopes" else "mentor", **{name: f"Les maths, {way}"})

    assert said(response) == {(f"/{name}", "No number, e-mail address or link here.")}


@pytest.mark.parametrize("code", ["13200", "13260", "69380", "75100", "75121", "13217"])
def test_a_postal_code_is_no_commune_s(post, key, programme, stored, code):
    assert post(key, commune_code=code).status_code == 422
    assert stored(programme, Lead) == []


@pytest.mark.parametrize(("code", "city"), [("75111", "75056"), ("69383", "69123"), ("13201", "13055")])
def test_an_arrondissement_is_its_city(post, key, programme, stored, code, city):
    assert post(key, commune_code=code).status_code == 201

    assert [row.commune_code for row in stored(programme, Lead)] == [city]
