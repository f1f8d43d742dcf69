"""The blueprint of people: the team's pages, and the public page behind a reference's link."""

from flask import Blueprint

bp = Blueprint("people", __name__)
SPACE = "/a/<slug:slug>"
