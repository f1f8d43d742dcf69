"""What the team does with a pair's meetings to come, when somebody calls: see them, move one, call one off."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select

from app.accounts.journal import take_list
from app.accounts.permissions import Permission
from app.accounts.queries import current_member, staff_of_space
from app.errors import DomainError
from app.gate import requires
from app.paging import paginate
from app.pairs.models import Pair
from app.pairs.own import is_own_pair
from app.pairs.queries import with_people
from app.people.letters import read_as
from app.periods import period
from app.tenants.resolve import current_tenant
from app.territory.zones import clock_of, school_zone
from app.translation import gettext as _
from app.translation import ngettext
from app.web import get_or_404, render_form, see_other, today

from . import calling_off, lists
from .blueprint import SPACE, bp, moved, planned_as_typed
from .forms import CancelForm, MoveForm, PlanForm, show_spot
from .models import Meeting
from .queries import usual


@bp.route(f"{SPACE}/rendez-vous/a-venir")
@requires(Permission.FOLLOW_PAIRS)
def upcoming() -> ResponseReturnValue:
    """The association's meetings to come."""
    return team_list(lists.upcoming, "a-venir")


@bp.route(f"{SPACE}/rendez-vous/a-noter")
@requires(Permission.FOLLOW_PAIRS)
def to_log() -> ResponseReturnValue:
    """Those that are past and that nobody has logged: to ask the mentor, or to log in their place."""
    return team_list(lists.to_log, "a-noter")


def team_list(chosen: Callable[[lists.Filters], Select[Meeting]], which: str) -> str:
    """One of the two, as the filters narrow it."""
    filters = lists.Filters.of(request.args)
    return render_template(
        "meetings/team.html",
        page=paginate(chosen(filters)),
        filters=filters,
        spans=lists.SPANS,
        staff=staff_of_space(),
        is_own=is_own_pair,
        which=which,
    )


@bp.route(f"{SPACE}/rendez-vous/<any('a-venir', 'a-noter'):meetings>/export/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def team_file(meetings: str, form: str) -> ResponseReturnValue:
    """The list, as its filters narrow it, for a spreadsheet."""
    chosen = lists.to_log if meetings == "a-noter" else lists.upcoming
    return take_list(form, f"rendez-vous-{meetings}-{today()}", lists.file_rows(chosen(lists.Filters.of(request.args))))


@bp.route(f"{SPACE}/seances/export/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def sessions_file(form: str) -> ResponseReturnValue:
    """Every meeting of a period, one line each, for whoever funds it or adds it up otherwise: nothing that was said, and names
    only where they are wanted.
    """
    asked = period()
    if not asked.validate():
        return see_other("followup.figures_of_period")
    since, until = asked.du.data, asked.au.data
    named = request.args.get("noms") != "sans"
    name = f"seances-{since}-{until}" if named else f"seances-sans-noms-{since}-{until}"
    return take_list(form, name, lists.session_rows(since, until, named))


def followed_meeting(pair_id: UUID, meeting_id: UUID) -> Meeting:
    """A meeting of a pair that the team follows, not one's own; hours are the mentor's, as on the mentor's pages."""
    pair, meeting = get_or_404(Pair, pair_id, options=with_people()), get_or_404(Meeting, meeting_id)
    if meeting.pair_id != pair.id or is_own_pair(pair):
        abort(404)
    read_as(pair.mentor)
    return meeting


def hour_note(pair: Pair) -> str:
    """Whose clock the hour is on, where the team types it."""
    return _("L'heure est celle de %(name)s.", name=pair.mentor.first_name)


def hours_note(pair: Pair) -> str:
    """The same where hours are read, when they are not the team's own."""
    is_own = clock_of(pair.mentor.departement_code) == current_tenant.zone
    return "" if is_own else _("Les heures de cette page sont celles de %(name)s.", name=pair.mentor.first_name)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/rendez-vous/prevu-par-l-equipe", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def team_planning(pair_id: UUID) -> ResponseReturnValue:
    """A meeting, or a series, for a mentor who would rather not plan it: both are told."""
    pair, form = get_or_404(Pair, pair_id, options=with_people()), PlanForm()
    if is_own_pair(pair):
        abort(404)
    read_as(pair.mentor)
    form.also.choices = []
    clashes: Sequence[Meeting] = ()
    if form.validate_on_submit():
        clashes, planned = planned_as_typed([pair], form)
        if planned:
            flash(ngettext("Le rendez-vous est noté.", "%(num)d rendez-vous sont notés.", len(planned)))
            return see_other("pairs.show", pair_id=pair.id)
    if request.method == "GET":
        show_spot(form, *usual(pair))
    return render_form(
        "meetings/plan.html", form=form, pair=pair, clashes=clashes, is_team=True,
        clock_note=hour_note(pair),
        has_school=school_zone(pair.mentee.departement_code) is not None,
    )  # fmt: skip


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/rendez-vous/<uuid:meeting_id>/deplacement", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def team_moving(pair_id: UUID, meeting_id: UUID) -> ResponseReturnValue:
    """Another time, another place, with a word that both read."""
    meeting, form = followed_meeting(pair_id, meeting_id), MoveForm()
    zone = clock_of(meeting.pair.mentor.departement_code)
    clashes: Sequence[Meeting] = ()
    if form.validate_on_submit():
        is_moved, clashes = moved(meeting, form, zone)
        if is_moved:
            flash(_("Le rendez-vous a changé. Les deux reçoivent un message."))
            return see_other("pairs.show", pair_id=pair_id)
    if request.method == "GET":
        form.fill(meeting, zone)
    note = hour_note(meeting.pair)
    return render_form("meetings/moving.html", form=form, meeting=meeting, clashes=clashes, clock_note=note, is_team=True)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/rendez-vous/<uuid:meeting_id>/annulation", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def team_cancellation(pair_id: UUID, meeting_id: UUID) -> ResponseReturnValue:
    """Call a meeting off, or it and what follows of its series, with a word that both read."""
    meeting, form = followed_meeting(pair_id, meeting_id), CancelForm()
    if form.validate_on_submit():
        cancel = calling_off.cancel_rest if form.rest.data else calling_off.cancel
        try:
            count = cancel(meeting, form.word.data or "", current_member.user_id)
        except DomainError as error:
            form.word.errors = [str(error)]
        else:
            flash(ngettext("Le rendez-vous est annulé. Les deux reçoivent un message.",
                           "%(num)d rendez-vous sont annulés. Les deux reçoivent un message.", count))  # fmt: skip
            return see_other("pairs.show", pair_id=pair_id)
    return render_form("meetings/cancellation.html", form=form, meeting=meeting, is_team=True)
