"""A session of the database alone says who asks: no cookie of the library's, no token, and tries are counted by place."""

import pytest
from flask_login.utils import encode_cookie

from app.accounts.models import User
from app.extensions import db, place_of_request

from .conftest import PASSWORD

CLAIRE = {"email": "claire@example.org", "password": PASSWORD}
CLOSED = "/a/passerelle/jeunes"


@pytest.mark.parametrize("more", ["", "?remember=y", "?include_auth_token"])
def test_signing_in_gives_one_cookie_and_no_token(app, client, claire, more):
    answer = client.post(f"/connexion{more}", data={**CLAIRE, "remember": "y"}, headers={"Accept": "application/json"})

    assert {cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")} == {app.config["SESSION_COOKIE_NAME"]}
    assert not answer.is_json
    assert "authentication_token" not in answer.text


def test_the_library_s_other_ways_in_open_nothing(app, claire):
    with app.app_context():
        user = db.session.get(User, claire.id)
        cookie, token = encode_cookie(user.fs_uniquifier), user.get_auth_token()
    stranger = app.test_client()
    stranger.set_cookie("remember_token", cookie)

    answers = [
        stranger.get(CLOSED),
        app.test_client().get(CLOSED, headers={"Authentication-Token": token}),
        app.test_client().get(f"{CLOSED}?auth_token={token}"),
        app.test_client().get("/mot-de-passe", headers={"Authentication-Token": token}),
    ]

    assert [(answer.status_code, "/connexion" in (answer.location or "")) for answer in answers] == [(302, True)] * 4


@pytest.mark.parametrize(
    ("address", "place"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:1::3b", "2001:db8:1:1::/64"), ("2001:db8:1:1:ffff::", "2001:db8:1:1::/64"),
     ("::ffff:192.0.2.7", "192.0.2.7"), ("unix:", "unix:")],
)  # fmt: skip
def test_a_network_is_one_place(app, address, place):
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert place_of_request() == place
