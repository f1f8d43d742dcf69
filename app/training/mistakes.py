"""What staff noted by mistake and take back: an interview that did not take place, a training followed elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.database import hold_row, now
from app.extensions import db
from app.people.models import Mentor
from app.people.signals import gate_changed, person_held
from app.translation import gettext as _
from app.web import short_day

from .following import NotYet, at_noon, lock, step_for
from .models import Completion, Module, ModuleCompletion, OutsideState, OutsideTraining
from .signals import presence_taken_back


def take_back_interview(mentor: Mentor, module: Module, reason: str, by: UUID) -> None:
    """An interview that was noted did not take place, or not with them: it is to be done. Raises NotYet."""
    person_held.send(mentor)
    lock(mentor.id)
    course, step = step_for(mentor, module)
    row = db.session.scalar(
        select(ModuleCompletion).where(
            ModuleCompletion.enrolment_id == (course.enrolment.id if course.enrolment else None),
            ModuleCompletion.module_id == step.module.id,
        )
    )
    if row is None or not step.is_done:
        raise NotYet(_("Cet entretien n'est pas noté, ou il est déjà repris."))
    for one in done_at(mentor.id, module.root_id, row.completed_at):
        undo(mentor, one, reason, by)


def take_back_outside(row: OutsideTraining, reason: str, by: UUID) -> None:
    """A training followed elsewhere was accepted by mistake: it is refused, what it stood for is to be done. Raises NotYet."""
    person_held.send(row.mentor)
    lock(row.mentor_id)
    hold_row(row)
    if row.state != OutsideState.ACCEPTED:
        raise NotYet(_("Cette formation ne compte pas : il n'y a rien à reprendre."))
    accepted = short_day(row.decided_at)
    row.reason = _("Acceptée par erreur le %(day)s. %(reason)s", day=accepted, reason=reason)
    row.state, row.decided_by, row.decided_at = OutsideState.REFUSED, by, now()
    done = done_at(row.mentor_id, row.module.root_id, at_noon(row.done_on)) if row.module else ()
    for one in done:
        undo(row.mentor, one, reason, by)
    if not done:
        db.session.flush()  # the hours that it brought are counted again
        gate_changed.send(row.mentor)


def done_at(mentor_id: UUID, root_id: UUID, moment: datetime) -> Sequence[ModuleCompletion]:
    """A step that was done at a moment, in the version where it was and in those to which it was carried over; the latest first."""
    line = select(Module.id).where(Module.root_id == root_id)
    of_line = ModuleCompletion.mentor_id == mentor_id, ModuleCompletion.module_id.in_(line), ModuleCompletion.is_done
    rows = select(ModuleCompletion).where(*of_line, ModuleCompletion.completed_at == moment)
    return db.session.scalars(rows.order_by(ModuleCompletion.created_at.desc())).all()


def undo(mentor: Mentor, row: ModuleCompletion, reason: str, by: UUID) -> None:
    """A module is to be done again; staff's note keeps why. The course that it completed goes on, and the gate asks again.

    Raises NotYet while a valid certificate says that the course is complete: a sealed paper and the database would differ.
    """
    said = _("Repris le %(day)s : %(reason)s", day=short_day(now()), reason=reason)
    row.note = f"{row.note}\n{said}".strip()
    row.is_done, row.minutes, row.recorded_by = False, 0, by
    db.session.flush()  # the course is looked at anew
    of_course = select(Completion).where(Completion.enrolment_id == row.enrolment_id)
    completion = db.session.scalar(of_course)
    if completion is None:
        gate_changed.send(mentor)  # its minutes counted
        return
    presence_taken_back.send(completion)
    if db.session.scalar(of_course) is not None:
        raise NotYet(_("Une attestation dit ce parcours terminé : révoquez-la d'abord, puis reprenez ici."))
