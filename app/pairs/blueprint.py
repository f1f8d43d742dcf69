"""The blueprint of pairs: pages of the team, and the public pages behind personal links."""

from flask import Blueprint

bp = Blueprint("pairs", __name__)
SPACE = "/a/<slug:slug>/binomes"
