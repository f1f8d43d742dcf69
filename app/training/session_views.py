"""Staff plan live sessions, change them, call them off, note who came."""

from calendar import Calendar
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import Response, flash, render_template, request
from flask.typing import ResponseReturnValue

from app import rendering
from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import hold_row, now
from app.fields import options
from app.gate import requires
from app.leads.calendar import add_months
from app.people.models import Mentor
from app.people.own import own_files
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import ngettext
from app.web import download, form_written, get_or_404, is_uuid, local, render_form, see_other, today

from . import attendance, sessions
from .blueprint import bp
from .forms import ReasonForm, SessionEditForm, SessionForm
from .models import CourseVersion, Module
from .queries import live_modules
from .session_models import CourseSession, Registration


@bp.route("/formation/sessions")
@requires(Permission.RUN_TRAINING)
def session_list() -> ResponseReturnValue:
    """The sessions of a month, as a calendar and as a list."""
    month = asked_month()
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    first, last = (datetime.combine(day, time(), current_tenant.zone) for day in (weeks[0][0], weeks[-1][-1]))
    rows = sessions.listed(CourseSession.starts_at >= first, CourseSession.starts_at < last + timedelta(days=1))
    by_day: dict[date, list[sessions.Listed]] = {}
    for row in rows:
        by_day.setdefault(local(row.session.starts_at).date(), []).append(row)
    before, after = (add_months(month, step) for step in (-1, 1))
    return render_template("training/sessions.html", month=month, weeks=weeks, by_day=by_day, rows=rows, before=before, after=after)


def asked_month() -> date:
    """The month of the address, « 2026-11 »; this one otherwise."""
    try:
        month = date.fromisoformat(f"{request.args.get('mois', '')}-01")
    except ValueError:
        return today().replace(day=1)
    return month if 2000 <= month.year <= 2100 else today().replace(day=1)


@bp.route("/formation/sessions/nouvelle", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def new_session() -> ResponseReturnValue:
    """Plan a live session."""
    form = SessionForm()
    form.oldest = sessions.HELD_WITHIN
    form.module.choices = options((str(module.id), said_of(module, version)) for module, version in live_modules())
    if form.validate_on_submit():
        session = sessions.plan(get_or_404(Module, UUID(form.module.data)), **form.details)
        to_come = _("La session est ouverte aux inscriptions.")
        flash(to_come if session.starts_at > now() else _("La session est notée : dites maintenant qui était là."))
        return see_other("training.session", session_id=session.id)
    return render_form("training/new_session.html", form=form, session=None)


def said_of(module: Module, version: CourseVersion) -> str:
    """A live module and its course; with its version where the course has it no more."""
    if version.is_current:
        return f"{module.title} ({module.course.title})"
    return _(
        "%(title)s (%(course)s, version %(number)s, que des mentors suivent encore)",
        title=module.title,
        course=module.course.title,
        number=version.number,
    )


@bp.route("/formation/sessions/<uuid:session_id>", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def session(session_id: UUID) -> ResponseReturnValue:
    """Who comes to a live session, who waits; and afterwards, who came."""
    session, form = get_or_404(CourseSession, session_id), ConfirmForm()
    present, absent, unsaid = read_sheet(session)
    typed: Mapping[str, str] = request.form
    late: Sequence[Registration] = ()
    if without_own(present, absent, unsaid):
        flash(_("Votre propre présence est à noter par une autre personne de l'équipe."), "warning")
    if form.is_submitted() and not (present or absent or unsaid):
        flash(_("Dites d'abord qui était là."), "warning")
    elif form.validate_on_submit() and not unsaid:
        try:
            came = attendance.record_attendance(session, present, absent, current_member.user_id, read_shown())
        except attendance.SaidMeanwhile as error:
            late, theirs = error.rows, {str(mentor_id) for mentor_id in error.changed}
            typed = {name: value for name, value in request.form.items() if name[:2] in {"p-", "m-"} and name[2:] in theirs}
        else:
            tell_noted(session, came, {*present, *absent})
            return form_written(see_other("training.session", session_id=session.id))
    page = render_template(
        "training/session.html",
        form=form,
        session=session,
        registrations=sessions.registrations_of(session),
        waiting=sessions.registrations_of(session, seated=False),
        begun=session.starts_at <= now(),
        may_change=sessions.may_change(session),
        history=attendance.history_of(session),
        enough=attendance.ENOUGH,
        everybody="presents" in request.args,
        typed=typed,
        unsaid=unsaid,
        late=late,
        others=sessions.not_registered(session),
        month=local(session.starts_at),
    )
    return page, 422 if form.errors or unsaid or late else 200


def tell_noted(session: CourseSession, came: int, named: Collection[UUID]) -> None:
    """Say how many came, and whose certificate says what the sheet does not say any more."""
    said = ngettext("C'est noté : %(num)d personne était là.", "C'est noté : %(num)d personnes étaient là.", came)
    flash(said if came else _("C'est noté : personne n'était là."))
    if still := attendance.certified_without(session, named):
        names = ", ".join(mentor.full_name for mentor in still)
        flash(
            _("Parcours déjà terminé et attesté : %(names)s. Si c'était une erreur, révoquez l'attestation.", names=names),
            "warning",
        )


def without_own(present: dict[UUID, int], absent: set[UUID], unsaid: set[UUID]) -> bool:
    """Take whoever fills the sheet out of it; whether they were on it."""
    own = {*present, *absent, *unsaid}.intersection(own_files(current_member.user_id))
    for mentor_id in own:
        present.pop(mentor_id, None)
    absent -= own
    unsaid -= own
    return bool(own)


def read_shown() -> dict[UUID, str]:
    """What the page showed of each person when it was opened."""
    return {UUID(name[2:]): said for name, said in request.form.items() if name.startswith("s-") and is_uuid(name[2:])}


def read_sheet(session: CourseSession) -> tuple[dict[UUID, int], set[UUID], set[UUID]]:
    """Who came and for how many minutes, who did not, and who came for a part whose minutes are not said.

    Anything that is no id or no answer is nobody.
    """
    present: dict[UUID, int] = {}
    absent, unsaid = set(), set()
    for name, said in request.form.items():
        if not name.startswith("p-") or not is_uuid(name[2:]):
            continue
        mentor_id, typed = UUID(name[2:]), request.form.get(f"m-{name[2:]}", "").strip()
        if said == "absent":
            absent.add(mentor_id)
        elif said == "whole":
            present[mentor_id] = session.module.minutes
        elif said == "part" and typed.isascii() and typed.isdigit() and 0 < int(typed[:4]) <= session.module.minutes:
            present[mentor_id] = int(typed[:4])
        elif said == "part":
            unsaid.add(mentor_id)
    return present, absent, unsaid


@bp.route("/formation/sessions/<uuid:session_id>/modification", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def session_changed(session_id: UUID) -> ResponseReturnValue:
    """Move a session, or change its place or its seats: those who are concerned are told."""
    session = get_or_404(CourseSession, session_id)
    form = SessionEditForm.of(session)
    form.oldest = sessions.HELD_WITHIN if session.is_of_the_past else form.oldest
    if form.validate_on_submit() and (changed := form.changed(hold_row(session))) is not None:
        told = sessions.change(session, changed)
        said = ngettext(
            "La session est modifiée : %(num)d personne est prévenue.",
            "La session est modifiée : %(num)d personnes sont prévenues.",
            told,
        )
        flash(said if told else _("La session est modifiée."))
        return see_other("training.session", session_id=session.id)
    return render_form("training/new_session.html", form=form, session=session)


@bp.route("/formation/sessions/<uuid:session_id>/annulation", methods=["GET", "POST"])
@requires(Permission.RUN_TRAINING)
def session_cancelled(session_id: UUID) -> ResponseReturnValue:
    """Call a session off."""
    session, form = get_or_404(CourseSession, session_id), ReasonForm()
    if form.validate_on_submit():
        sessions.cancel(session, form.reason.data)
        is_past = session.starts_at <= now()
        flash(_("La session est annulée.") if is_past else _("La session est annulée : qui y était inscrit est prévenu."))
        return see_other("training.session", session_id=session.id)
    return render_form("training/session_cancelled.html", form=form, session=session)


@bp.route("/formation/sessions/<uuid:session_id>/inscrits", methods=["POST"])
@requires(Permission.RUN_TRAINING)
def session_registered(session_id: UUID) -> ResponseReturnValue:
    """Staff take a seat for a mentor, or give one back."""
    session, key = get_or_404(CourseSession, session_id), request.form.get("mentor", "")
    mentor = get_or_404(Mentor, UUID(key)) if is_uuid(key) else None
    if mentor is None:
        flash(_("Choisissez un mentor."))
    elif request.form.get("vers") == "retrait" and session.starts_at <= now():
        flash(_("La session a commencé : notez plutôt qui n'était pas là."), "warning")
    elif request.form.get("vers") == "retrait":
        sessions.leave_seat(mentor, session)
        flash(_("La place est rendue."))
    elif session.starts_at <= now() and not session.is_cancelled:
        sessions.add_present(mentor, session)
        flash(_("%(name)s est sur la feuille : notez sa présence.", name=mentor.full_name))
    else:
        row = sessions.take_seat(mentor, session)
        flash(_("Une place est réservée.") if row.is_seated else _("Le mentor est sur la liste d'attente."))
    return see_other("training.session", session_id=session.id)


@bp.route("/formation/sessions/<uuid:session_id>/feuille")
@requires(Permission.RUN_TRAINING)
def attendance_sheet(session_id: UUID) -> Response:
    """The sheet to sign, as PDF: names, and nothing else of anybody."""
    session = get_or_404(CourseSession, session_id)
    html = render_template(
        "documents/attendance.html", session=session, rows=sessions.registrations_of(session), tenant=current_tenant
    )
    return download(rendering.draw(html, [], now(), {}), f"emargement-{local(session.starts_at):%Y-%m-%d}.pdf", "application/pdf")
