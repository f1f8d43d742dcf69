"""What is refused at the edge, before anything reads a request."""

from urllib.parse import urlsplit

from flask import Flask, abort, request

LONGEST_FORM = 256 * 1024  # bytes of a form without a file: our longest text takes 72,000, with an accent on each of its letters


def bound_form() -> None:
    """A form without a file is short, also where large files are taken: it is read whole before anybody is asked who sends it, and
    a few megabytes of fields fill the memory.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = LONGEST_FORM


def refuse_nul() -> None:
    """PostgreSQL stores no NUL: refuse it at the edge. Our own fields drop it by themselves; the library's do not."""
    typed = [*request.args.values(), request.path]
    if request.blueprint == "security":
        typed += request.form.values()
    if any("\x00" in value for value in typed):
        abort(400)


def refuse_unreadable() -> None:
    """What the libraries behind our pages read without care: a part of a form without a name, an address that is none."""
    if request.mimetype == "multipart/form-data" and (None in request.form or None in request.files):
        abort(400)
    if request.blueprint == "security":
        for address in request.values.getlist("next"):
            try:
                urlsplit(address)
            except ValueError:
                abort(400)


def refuse_json() -> None:
    """Pages take forms; machines have an API. A form read from JSON may hold numbers and lists where words are expected."""
    if request.is_json and not request.path.startswith("/api/"):
        abort(415)


def init_app(app: Flask) -> None:
    """Refuse it, in this order: the form is read from the second on."""
    app.before_request(bound_form)
    app.before_request(refuse_nul)
    app.before_request(refuse_unreadable)
    app.before_request(refuse_json)
