"""Whatever colour an association chooses, what is written in it stays legible."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
from app.colour import DEFAULT, GROUND, contrast, legible

colours = st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)


@given(colours)
@settings(max_examples=300, deadline=None)
def test_any_colour_becomes_legible_on_white_and_on_our_grounds(colour):
    shown = legible(colour)

    assert re.fullmatch("#[0-9a-fA-F]{6}", shown)
    assert contrast(shown, "#ffffff") >= 4.5
    assert contrast(shown, GROUND) >= 4.5


@given(colours)
@settings(max_examples=100, deadline=None)
def test_a_legible_colour_is_left_as_it_is(colour):
    shown = legible(colour)

    assert legible(shown) == shown


@pytest.mark.parametrize("colour", ["#000000", "#0b5e63", "#7a1f1f", "#0000FF"])
def test_a_dark_colour_is_not_changed(colour):
    assert legible(colour) == colour


@pytest.mark.parametrize("colour", [None, "", "red", "#fff", "#12345g", "#1234567", "#123456\n", "url(x)"])
def test_what_is_no_colour_is_ours(colour):
    assert legible(colour) == DEFAULT


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(contrast(other, one)) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("part", [".square input", ".segment span", ".input"])
def test_what_is_to_be_ticked_or_filled_in_is_seen(part):
    css = (Path(app.__file__).parent / "static/css/app.css").read_text()
    [field] = re.findall(r"--field: (#\w+);", css)
    [border] = re.findall(rf"(?:^|\}} ){re.escape(part)} \{{[^}}]*?border: ([^;]*);", css, re.M)

    assert contrast(field, "#ffffff") >= 3
    assert border == "1px solid var(--field)"
    assert re.search(r"fieldset:has\(> \.error\) :is\(\.choice, \.square input, \.segment span\)", css), "and where it is wrong"
