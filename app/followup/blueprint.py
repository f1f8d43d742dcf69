"""The blueprint of follow-up: everybody's first page, the team's day, messages, and a guardian's public page."""

from flask import Blueprint

bp = Blueprint("followup", __name__)
SPACE = "/a/<slug:slug>"
