"""The blueprint of privacy: erasing a file."""

from flask import Blueprint

bp = Blueprint("privacy", __name__)
