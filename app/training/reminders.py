"""What training reminds of, by itself or in one click: sessions to come, courses left half way, completions about to end.

Everything sent is noted in the row that it is about, in the same transaction: nothing is said twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.database import now
from app.extensions import db
from app.jobs import WAKING, every_hour, job
from app.people.letters import space_link
from app.people.models import FileState, Mentor
from app.translation import gettext as _
from app.translation import ngettext
from app.web import iso_day, local, today

from .letters import about_session, write, write_staff
from .models import AttemptState, Completion, Course, Enrolment, Module, ModuleKind, OutsideState, OutsideTraining, QuizAttempt
from .progress import progress_in
from .session_models import CourseSession, Registration
from .sessions import upcoming, waited_for
from .status import SOON, held

STEPS = (7, 21, 28)  # days without a step: the mentor is reminded, and again, then staff are told
STAFF = STEPS[-1]
NAMED = 20  # in one letter
SHARE = 500  # rows in one run: the next hour goes on


@every_hour
@job
def remind_all() -> None:
    """Send what is due now, by day only."""
    moment = now()
    if local(moment).hour not in WAKING:
        return
    remind_of_sessions(moment)
    remind_of_courses(moment)
    tell_staff_of_ends()


def remind_of_sessions(moment: datetime) -> None:
    """In the week before, and the day before, by the space's own dates; not to whoever heard of the seat within a day."""
    midnight = local(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow, after, week = (midnight + timedelta(days=days) for days in (1, 2, 8))
    eve = and_(CourseSession.starts_at >= tomorrow, CourseSession.starts_at < after)
    early = and_(CourseSession.starts_at >= after, CourseSession.starts_at < week, Registration.reminded.is_(None))
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.session)
        .join(Registration.mentor)
        .where(Registration.is_seated, CourseSession.cancelled_at.is_(None), Mentor.state != FileState.WITHDRAWN)
        .where(or_(and_(eve, func.coalesce(Registration.reminded, "") != "day"), early))
        .where(or_(Registration.seated_at.is_(None), Registration.seated_at <= moment - timedelta(days=1)))
        .options(joinedload(Registration.mentor), joinedload(Registration.session).joinedload(CourseSession.module))
        .order_by(CourseSession.starts_at, Registration.id)
        .limit(SHARE)
        .with_for_update(of=Registration, skip_locked=True)
    ).all()
    for row in rows:
        is_eve = row.session.starts_at < after
        row.reminded = "day" if is_eve else "week"
        about_session(
            row.mentor,
            row.session,
            _("C'est demain : votre session") if is_eve else _("Votre session, dans quelques jours"),
            _("Nous vous attendons : %(session)s."),
            _("Vous ne pouvez plus venir ? Rendez votre place depuis la page de la session : quelqu'un l'attend peut-être."),
            method=None,
            until=tomorrow if is_eve else row.session.starts_at,
        )


def remind_of_courses(moment: datetime) -> None:
    """Courses left half way: the mentor after 7 and 21 days, staff after 28, one at a time and a week apart at least."""
    rows = db.session.scalars(
        left_half_way(moment)
        .options(joinedload(Enrolment.mentor), joinedload(Enrolment.course))
        .order_by(Enrolment.moved_at, Enrolment.id)
        .limit(SHARE)
        .with_for_update(of=Enrolment, skip_locked=True)
    ).all()
    stopped = 0
    for row in rows:
        row.reminded, row.told_at = next(step for step in STEPS if step > row.reminded), moment
        if row.reminded == STAFF:
            stopped += 1
        elif may_go_on(row):
            remind_one(row)
    if stopped:
        sentence = ngettext(
            "%(num)d mentor n'a pas avancé depuis quatre semaines. Un appel aide souvent.",
            "%(num)d mentors n'ont pas avancé depuis quatre semaines. Un appel aide souvent.",
            stopped,
        )
        subject = _("Des mentors se sont arrêtés en cours de formation")
        write_staff(subject, [sentence], space_link("training.mentors"), _("Voir qui"))


def left_half_way(moment: datetime) -> Select[Any]:
    """The enrolments of active mentors whose silence has reached its next step; not of who has a seat, or waits for staff.

    Whoever was at a session waits for staff to say so.
    """
    seat = (
        select(Registration.id).join(Registration.session).where(Registration.mentor_id == Enrolment.mentor_id, waited_for(moment))
    )
    marks = select(QuizAttempt.id).where(QuizAttempt.enrolment_id == Enrolment.id, QuizAttempt.state == AttemptState.TO_MARK)
    declared = select(OutsideTraining.id).where(
        OutsideTraining.mentor_id == Enrolment.mentor_id, OutsideTraining.state == OutsideState.SENT
    )
    steps = zip((0, *STEPS), STEPS, strict=False)
    due = or_(*(and_(Enrolment.reminded == before, Enrolment.moved_at <= moment - timedelta(days=step)) for before, step in steps))
    apart = or_(Enrolment.told_at.is_(None), Enrolment.told_at <= moment - timedelta(days=STEPS[0]))
    return (
        select(Enrolment)
        .join(Enrolment.mentor)
        .where(Enrolment.ended_at.is_(None), due, apart, Mentor.state == FileState.ACTIVE)
        .where(~seat.exists(), ~marks.exists(), ~declared.exists())
    )


def may_go_on(row: Enrolment) -> bool:
    """Whether the mentor's next step is theirs: not an interview, nor a live session without any date."""
    course = progress_in(row.mentor, row.course_id)
    following = course.next_module if course else None
    if following is None or following.kind == ModuleKind.INTERVIEW:
        return False
    return not following.is_live or bool(upcoming(following))


def remind_one(row: Enrolment) -> None:
    """A friendly word: the course waits where it was left."""
    write(
        row.mentor,
        _("Votre formation vous attend"),
        [
            _("Vous avez commencé « %(title)s ». Elle vous attend là où vous l'avez laissée.", title=row.course.title),
            _("Un empêchement, une question ? Répondez à l'association : elle vous aidera."),
        ],
        space_link("training.my_training"),
        _("Reprendre"),
    )


def remind(mentors: Sequence[Mentor]) -> int:
    """Staff remind mentors of what they have under way, in one click, once a day at most. Gives how many."""
    rows = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.ended_at.is_(None), Enrolment.mentor_id.in_([m.id for m in mentors]))
        .options(joinedload(Enrolment.mentor), joinedload(Enrolment.course))
        .order_by(Enrolment.id)
        .with_for_update(of=Enrolment)
    ).all()
    sent = 0
    for row in rows:
        if row.mentor.email and (row.told_at is None or row.told_at <= now() - timedelta(days=1)):
            row.told_at = now()
            remind_one(row)
            sent += 1
    return sent


def tell_enrolled(made: Sequence[Enrolment]) -> None:
    """Staff enrolled these mentors: each learns it."""
    for row in made:
        write(
            row.mentor,
            _("Une formation vous est proposée"),
            [_("L'association vous inscrit à « %(title)s ».", title=row.course.title)],
            space_link("training.my_training"),
            _("Commencer"),
        )


def tell_staff_of_ends() -> None:
    """What mentors hold of required courses and that ends within sixty days: staff learn each end once, a renewed one's too."""
    has, soon, later = held(today()), today() + timedelta(days=SOON), aliased(Completion)
    newer = select(later.id).where(
        later.mentor_id == Completion.mentor_id, later.course_id == Completion.course_id, later.id > Completion.id
    )
    rows = db.session.execute(
        select(Completion, has.c.valid_until)
        .join(has, (has.c.mentor_id == Completion.mentor_id) & (has.c.course_id == Completion.course_id))
        .join(Completion.course)
        .join(Completion.mentor)
        .where(has.c.valid_until >= today(), has.c.valid_until <= soon, ~newer.exists())
        .where(Completion.end_told.is_distinct_from(has.c.valid_until))
        .where(func.cardinality(Course.required_for) > 0, Mentor.state == FileState.ACTIVE)
        .options(joinedload(Completion.mentor), joinedload(Completion.course))
        .order_by(has.c.valid_until)
        .limit(SHARE)
    ).all()
    for row, until in rows:
        row.end_told = until
    if rows:
        lines = [ends_on(row, until) for row, until in rows[:NAMED]]
        more = len(rows) - NAMED
        lines += [ngettext("Et %(num)d autre, sur la page.", "Et %(num)d autres, sur la page.", more)] if more > 0 else []
        subject = _("Des formations sont à renouveler")
        write_staff(
            subject, [_("Elles ne compteront bientôt plus :"), *lines], space_link("training.index"), _("Voir la formation")
        )


def ends_on(row: Completion, until: date) -> str:
    """Whose completion ends, and when."""
    day = iso_day(until.isoformat())
    return _("« %(title)s », %(name)s : jusqu'au %(day)s.", title=row.course.title, name=row.mentor.full_name, day=day)


def tell_marked(attempt: QuizAttempt) -> None:
    """A free answer was read: the mentor learns the result."""
    passed = attempt.state == AttemptState.PASSED
    write(
        attempt.enrolment.mentor,
        _("Votre questionnaire est corrigé"),
        [
            _("« %(title)s » : c'est réussi.", title=attempt.module.title)
            if passed
            else _("« %(title)s » : ce n'est pas encore réussi. Relisez, puis essayez de nouveau.", title=attempt.module.title)
        ],
        space_link("training.attempt", attempt_id=attempt.id),
        _("Voir le résultat"),
    )


def tell_taken_back(mentor: Mentor, module: Module) -> None:
    """An interview was noted by mistake: the mentor learns that the step is to be done."""
    write(
        mentor,
        _("Une étape de votre formation reste à faire"),
        [
            _("« %(title)s » avait été noté par erreur : cette étape est de nouveau à faire.", title=module.title),
            _("L'association vous contacte pour fixer ce moment. Vous n'avez rien à faire."),
        ],
        space_link("training.my_training"),
        _("Voir ma formation"),
    )


def tell_decided(row: OutsideTraining) -> None:
    """A training followed elsewhere was read: the mentor learns whether it counts."""
    accepted = row.state == OutsideState.ACCEPTED
    lines = [
        _("« %(title)s » compte dans vos heures.", title=row.title)
        if accepted
        else _("« %(title)s » ne compte pas.", title=row.title)
    ]
    write(
        row.mentor,
        _("Votre formation suivie ailleurs"),
        lines + ([row.reason] if row.reason else []),
        space_link("training.my_training"),
        _("Voir ma formation"),
    )
