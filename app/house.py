"""The house's own pages: the front door, what becomes of data, help, and whether the service is well."""

from flask import Blueprint, current_app, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from . import guides
from .accounts.queries import current_member
from .checks import REVISION, jobs_given_up, migration_head, privileged, queue_age
from .extensions import db
from .gate import public
from .storage import has_room
from .tenants.resolve import find_programme

bp = Blueprint("house", __name__)
SLOW_QUEUE = 600  # seconds


@bp.route("/")
@public
def front() -> ResponseReturnValue:
    """Two doors: find a mentor, become one."""
    return render_template("house/front.html")


@bp.route("/donnees-personnelles")
@bp.route("/a/<slug:slug>/donnees-personnelles")
@public
def data() -> ResponseReturnValue:
    """Who receives what is typed, why, for how long."""
    return render_template("house/data.html", programme=find_programme())


@bp.route("/aide")
@bp.route("/a/<slug:slug>/aide")
@public
def help_page() -> ResponseReturnValue:
    """Whom to call, and where to read more."""
    names = guides.guides_for(current_member)
    own, programme = guides.read(names[0]), find_programme()
    return render_template("house/help.html", names=names, titles=guides.GUIDES, own=own, programme=programme)


@bp.route(f"/aide/guides/<any({', '.join(guides.GUIDES)}):guide>")
@bp.route(f"/a/<slug:slug>/aide/guides/<any({', '.join(guides.GUIDES)}):guide>")
@public
def guide(guide: str) -> ResponseReturnValue:
    """How things are done, with pictures."""
    return render_template("house/guide.html", guide=guides.read(guide))


@bp.route("/aide/images/<slug:picture>.png")
def guide_picture(picture: str) -> ResponseReturnValue:
    """A picture of a guide."""
    return send_from_directory(guides.PICTURES, f"{picture}.png")


@bp.route("/healthz")
@public
def health() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.route("/readyz")
@public
def ready() -> ResponseReturnValue:
    """The database answers, its schema is this code's, the role is not privileged, the queue moves, and files can be kept."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="not ready", database=False), 503
    waiting = queue_age()
    checks = {
        "database": True,
        "schema": migration_head(current_app.root_path) == db.session.scalar(REVISION),
        "role": privileged() is None,
        "queue": waiting < SLOW_QUEUE,
        "storage": has_room(),
    }
    is_well = all(checks.values())
    figures = {"queue_seconds": round(waiting), "jobs_given_up": jobs_given_up()}
    return jsonify(status="ok" if is_well else "not ready", **checks, **figures), 200 if is_well else 503
