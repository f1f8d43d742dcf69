"""Where every page about requests is registered."""

from flask import Blueprint

bp = Blueprint("leads", __name__)
