"""Where every page about certificates is registered."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)
