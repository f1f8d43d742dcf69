"""A space's first page, which depends on who looks."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission, Role
from app.accounts.queries import current_member
from app.database import now
from app.gate import requires
from app.leads.words import PLACES
from app.meetings.queries import meetings_for, silent_pairs
from app.pairs.queries import pairs_of_mentee, pairs_of_mentor, waiting_mentees
from app.people.queries import mentee_of, mentor_of
from app.tenants.models import Staff
from app.training.queries import training_status
from app.web import today

from .queries import figures

bp = Blueprint("followup", __name__, url_prefix="/a/<slug:slug>")


@bp.route("/")
@requires(Permission.SEE_SPACE)
def home() -> ResponseReturnValue:
    """The first page: the operator's desk, the team's day, the mentor's next step, the jeune's next meeting."""
    roles = current_member.roles
    if Role.OPERATOR in roles:
        return redirect(url_for("programme.queue"))
    if current_member.is_staff:
        return team_home()
    return mentor_home() if Role.MENTOR in roles else jeune_home()


def team_home() -> ResponseReturnValue:
    """What waits for the team, counted and linked."""
    return render_template(
        "followup/team.html",
        figures=figures(today().replace(day=1)),
        waiting=waiting_mentees(),
        silent=silent_pairs(),
    )


def mentor_home() -> ResponseReturnValue:
    """The mentor's one next thing: a meeting to log, a module to follow, a meeting to plan."""
    mentor = mentor_of(current_member.user_id) or abort(404)
    moment, meetings = now(), meetings_for(current_member.user_id)
    return render_template(
        "followup/mentor.html",
        mentor=mentor,
        pairs=[pair for pair in pairs_of_mentor(mentor.id) if pair.is_open],
        to_log=[m for m in meetings if m.is_to_log_at(moment) and m.pair.mentor_id == mentor.id],
        next_meeting=next((m for m in reversed(meetings) if m.is_planned and m.ends_at > moment), None),
        training=training_status(mentor),
        places=PLACES,
    )


def jeune_home() -> ResponseReturnValue:
    """The jeune's next meeting first; then their objectives, and how to reach the association."""
    mentee = mentee_of(current_member.user_id) or abort(404)
    moment, meetings = now(), meetings_for(current_member.user_id)
    pairs = pairs_of_mentee(mentee.id)
    pair = next((pair for pair in pairs if pair.is_open), None)
    coming = [m for m in reversed(meetings) if m.is_planned and m.ends_at > moment]
    coordinator: Staff | None = pair.coordinator if pair else None
    return render_template(
        "followup/jeune.html", mentee=mentee, pair=pair, coming=coming, past=[m for m in meetings if m.ends_at <= moment][:5],
        coordinator=coordinator, places=PLACES,
    )  # fmt: skip
