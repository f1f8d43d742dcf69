"""What a field says of what it cannot read: a sentence of ours, and nothing of what was sent."""

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Form, RadioField, TimeField

from app.fields import DATE, PROPOSED, Choices, options


@pytest.mark.parametrize("base", [Form, FlaskForm])
@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (RadioField(choices=options({"a": "Un"})), PROPOSED),
        (Choices(choices=options({"a": "Un"})), PROPOSED),
        (DateField(), DATE),
        (TimeField(), "Indiquez une heure, comme 18:30."),
    ],
)
def test_what_cannot_be_read_is_said_in_our_words(app, base, field, sentence):
    class Kept(base):
        said = field

    with app.test_request_context():
        form = Kept(MultiDict([("said", "01a22dfb"), ("said", "01a22dfc")]), meta={"csrf": False})

        assert not form.validate()
        assert form.said.errors == [str(sentence)]
