"""Headers on every response, and a token on every form."""

import pytest
from flask import url_for

from .test_routes import rules

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/nulle-part", 404), ("/deconnexion", 405), ("/static/css/app.css", 200), ("/a/passerelle/", 302),
     ("/suivi/faux", 404), ("/?x=%00", 400), ("/healthz", 200)],
)  # fmt: skip
def test_every_response_has_its_headers(client, association, path, status):
    response = client.get(path)
    response.close()

    assert response.status_code == status
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == ("public, max-age=86400" if "static" in path else "no-store")


def test_a_crash_has_its_headers_and_a_number(app, client, association):
    def crash():
        raise ValueError("secret")

    view = app.view_functions["house.front"]
    crash.gate = view.gate
    app.view_functions["house.front"] = crash
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        page = client.page("/")
    finally:
        app.view_functions["house.front"] = view

    assert page.status == 500
    assert page.response.headers["X-Request-Id"] in page.text
    assert "secret" not in page.html


def test_hsts_is_sent_over_https_only(client, programme):
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers


@pytest.fixture
def forms(app, house, values, association):
    """The endpoint and path of everything that takes a form, while tokens are looked at."""
    app.config["WTF_CSRF_ENABLED"] = True
    with app.test_request_context("/"):
        found = [
            (rule.endpoint, url_for(rule.endpoint, **values(rule, house.ours, association)))
            for rule in rules(app)
            if "POST" in rule.methods
        ]
    yield found
    app.config["WTF_CSRF_ENABLED"] = False


def test_no_form_is_taken_without_its_token(client, house, forms):
    client.sign_in(house.ours.roles["admin"])
    for endpoint, path in forms:
        # No cookie opens the API: its key is the proof.
        assert client.post(path).status_code in ({401} if endpoint.startswith("api.") else {400, 404}), path


def test_a_form_without_a_file_is_short_also_where_large_files_are_taken(client, forms):
    """It is read whole, before anything is known of who sends it: names alone would fill the memory."""
    for endpoint, path in forms:
        heavy = client.post(path, data=b"0=&" * 100_000, content_type="application/x-www-form-urlencoded")

        assert heavy.status_code == (401 if endpoint.startswith("api.") else 413), path
