"""The application of somebody who wants to mentor: interview, references, decision; each step is a verb, and moves the stage on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from app.accounts.links import record_of_token, record_token
from app.database import hold_row, now, one_at_a_time
from app.errors import DomainError
from app.extensions import db
from app.fields import same_mailbox
from app.leads.words import KEPT_FOR
from app.mail import absolute
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import clock, day, iso_day, local, lower_first, today

from .actions import close_file, reopen_file
from .application_models import Decision, Interview, InterviewGrid, Reference
from .erased import refuse_erased
from .letters import clock_for, how_to_reach, space_link, write, write_staff, write_to
from .models import FileState, Mentor, Stage
from .signals import gate_changed, person_closing, person_held
from .stages import ENDED, ORDER, OVER, last_decision, move_to, noted_stage

KIND = "application"
LINK = "reference"
ANSWER_WITHIN = timedelta(days=21)
LONG = 90  # days after which an application that is not decided shows
AT_ONCE = timedelta(minutes=1)  # within which two who decide did not see each other
QUESTIONS = (
    "Qu'est-ce qui vous donne envie d'accompagner un ou une jeune ?",
    "Avez-vous déjà aidé ou encadré des jeunes ? Racontez.",
    "Combien de temps par mois pouvez-vous donner, et jusqu'à quand ?",
    "Que feriez-vous si le ou la jeune ne venait pas à deux rendez-vous de suite ?",
    "Que feriez-vous si le ou la jeune vous confiait une situation de danger ?",
    "Avec quel public préférez-vous ne pas travailler, et pourquoi ?",
)
CRITERIA = (
    "Disponible une à deux heures par mois pendant six mois au moins",
    "Motivation tournée vers le ou la jeune",
    "Capacité d'écoute, sans jugement",
    "Accepte le cadre, la formation et le suivi de l'association",
    "Rien dans l'entretien ni les références n'inquiète pour la sécurité d'un jeune",
)

CHARTER = """\
## La charte du mentor

- Je donne une à deux heures par mois, pendant six mois au moins, et je préviens quand je ne peux pas.
- J'écoute sans juger. Je n'impose ni mes choix, ni mes opinions, ni mes croyances.
- Ce qui m'est confié reste entre nous, sauf un danger : je le dis aussitôt à l'association.
- Je respecte le cadre : les lieux convenus, pas d'argent ni de cadeau de valeur, pas de contact caché sur les réseaux.
- Je suis la formation, je note nos rendez-vous et je réponds à l'association.
- Si je dois arrêter, je le dis à temps, pour que nous puissions nous dire au revoir.
"""


class CannotDecide(DomainError):
    """This step cannot be taken; the sentence says why."""


def grid(number: int | None = None) -> InterviewGrid:
    """The association's questions and criteria, those in use or of a number; those that come with Binôme have 0."""
    kept = select(InterviewGrid).order_by(InterviewGrid.number.desc()).limit(1)
    last = db.session.scalars(kept if number is None else kept.where(InterviewGrid.number == number)).first()
    return last or InterviewGrid(number=0, questions=list(QUESTIONS), criteria=list(CRITERIA))


def write_grid(questions: list[str], criteria: list[str], by: UUID) -> InterviewGrid:
    """Put other questions and criteria in use; interviews that were held keep theirs. The same as those in use changes nothing."""
    one_at_a_time("interview grid", current_tenant_id())
    last = grid()
    if (last.questions, last.criteria) == (questions, criteria):
        return last
    row = InterviewGrid(number=last.number + 1, questions=questions, criteria=criteria, written_by=by)
    db.session.add(row)
    db.session.flush()
    return row


def plan_interview(mentor: Mentor, planned_at: datetime, place: str, by: UUID) -> Interview:
    """Agree on a day; the one that was to come is replaced. The person is written to, unless it has taken place already."""
    hold_row(mentor)
    refuse_erased(mentor)
    if mentor.stage in OVER:
        raise CannotDecide(_("Cette candidature est terminée."))
    for planned in db.session.scalars(open_interviews(mentor).where(Interview.planned_at > now())):  # the others are to be noted
        planned.cancelled_at = now()
    row = Interview(mentor_id=mentor.id, mentor=mentor, planned_at=planned_at, place=place, with_user=by)
    db.session.add(row)
    db.session.flush()
    move_to(mentor, Stage.INTERVIEW_PLANNED)
    if planned_at <= now():
        return row
    with clock_for(mentor):  # as on their own page
        where = _("%(day)s à %(time)s, %(place)s", day=day(planned_at), time=clock(planned_at), place=lower_first(place))
    write(
        KIND,
        mentor,
        _("Votre entretien"),
        [
            _("Nous vous proposons un entretien : %(where)s.", where=where),
            _("Un empêchement ? Répondez à l'association, elle trouvera un autre moment."),
            *how_to_reach(),
        ],
        space_link("followup.home"),
        _("Mon espace"),
    )
    return row


def open_interviews(mentor: Mentor) -> Any:
    return select(Interview).where(Interview.mentor_id == mentor.id, Interview.held_on.is_(None), Interview.cancelled_at.is_(None))


def planned_interview(mentor: Mentor, moment: datetime) -> Interview | None:
    """The next interview of an application, for the mentor's own page."""
    coming = open_interviews(mentor).where(Interview.planned_at > moment).order_by(Interview.planned_at)
    found: Interview | None = db.session.scalar(coming.limit(1))
    return found


def hold(interview: Interview) -> None:
    """An interview as it is now, until the end of the transaction; its mentor is held before it, as everywhere."""
    hold_row(interview.mentor)
    hold_row(interview)


def hold_interview(interview: Interview, notes: Sequence[dict[str, str]], colour: str, summary: str, held_on: date) -> None:
    """What was said, question by question, and what it leaves; saying it again corrects it. Raises CannotDecide once cancelled."""
    hold(interview)
    if interview.cancelled_at is not None:
        raise CannotDecide(_("Une autre personne vient d'annuler cet entretien. Prévoyez-en un autre à cette date, puis notez-le."))
    interview.notes, interview.colour, interview.summary, interview.held_on = list(notes), colour, summary, held_on
    move_to(interview.mentor, Stage.INTERVIEWED)


def ask_reference(mentor: Mentor, name: str, email: str, relation: str, by: UUID) -> Reference:
    """Ask somebody who knows the person, by a link of their own; asking the same address again sends the link again."""
    hold_row(mentor)
    refuse_erased(mentor)
    if mentor.stage in OVER:
        raise CannotDecide(_("Cette candidature est terminée."))
    if same_mailbox(email, mentor.email):
        raise CannotDecide(_("C'est l'adresse de la personne elle-même."))
    theirs = (Reference.mentor_id == mentor.id, func.lower(Reference.email) == email.lower())
    known = db.session.scalar(select(Reference).where(*theirs, Reference.state == "asked", Reference.set_aside_at.is_(None)))
    row = known or Reference(mentor_id=mentor.id, mentor=mentor, name=name, email=email, relation=relation, asked_by=by)
    row.expires_on = today() + ANSWER_WITHIN
    db.session.add(row)
    db.session.flush()
    move_to(mentor, Stage.REFERENCES)
    invite_reference(row)
    return row


def invite_reference(row: Reference) -> None:
    """The letter with the link."""
    lines = [
        _(
            "%(name)s veut accompagner un ou une jeune avec l'association %(association)s, et vous a cité comme référence.",
            name=row.mentor.full_name,
            association=current_tenant.name,
        ),
        _(
            "Quelques questions, trois minutes. L'équipe de l'association lit vos réponses ; %(name)s pourrait les lire aussi, "
            "dans une copie de son dossier. Le lien vaut jusqu'au %(day)s.",
            name=row.mentor.first_name,
            day=iso_day(row.expires_on.isoformat()),
        ),
    ]
    link = absolute("people.reference", token=record_token(LINK, row.tenant_id, row.id))
    write_to(KIND, row.email, row.name, _("Un avis vous est demandé"), lines, link, _("Répondre"))


def reference_of_token(token: str) -> Reference | None:
    """Enter the space that a link names, and find the reference; None when the link leads nowhere, or nowhere any more."""
    row = record_of_token(Reference, LINK, token, options=[joinedload(Reference.mentor)])
    return row if row is not None and row.set_aside_at is None else None


def answer_reference(row: Reference, known_for: str, advice: str, note: str) -> bool:
    """What somebody thinks of the person. Raises CannotDecide when it comes too late; the first answer stays: whether this is it.

    The team is told of a doubt, without a word of what was said: nobody looks at the application any more once it is accepted.
    """
    hold_row(row)
    if row.state != "asked":
        return (row.known_for, row.advice, row.note) == (known_for, advice, note)
    if row.set_aside_at is not None or row.expires_on < today() or row.mentor.stage in OVER:
        raise CannotDecide(_("Ce lien n'est plus valable. Si vous souhaitez encore répondre, écrivez à l'association."))
    row.state, row.known_for, row.advice, row.note, row.answered_at = "answered", known_for, advice, note, now()
    if advice != "yes":
        lines = [_("Une personne citée comme référence par %(name)s a répondu. Lisez sa réponse avant d'aller plus loin.",
                   name=row.mentor.full_name)]  # fmt: skip
        link, subject = space_link("people.application", mentor_id=row.mentor_id), _("Une référence à lire")
        write_staff(KIND, subject, lines, link, _("Lire la candidature"), about=row.mentor)
    return True


def decline_reference(row: Reference) -> bool:
    """Somebody does not wish to answer; whether that is what is kept."""
    hold_row(row)
    if row.state == "asked":
        row.state, row.answered_at = "declined", now()
    return row.state == "declined"


def set_aside(row: Reference) -> None:
    """It was asked at the wrong address, or of the wrong person: the link leads nowhere, and what was answered opens no gate."""
    hold_row(row)
    if row.set_aside_at is None:
        row.set_aside_at = now()
        gate_changed.send(row.mentor)


def decide(mentor: Mentor, is_accepted: bool, criteria: Sequence[str], reason: str, by: UUID) -> Decision | None:
    """Accept or refuse by the written criteria. Accepted means that every criterion is met; None where it was decided so before.

    A refusal is written with respect, says what is kept and for how long, and closes the file. Of two who decide at once, the
    second finds what the first decided. Raises CannotDecide.
    """
    hold_row(mentor)
    last = last_decision(mentor)
    if last is not None and last.taken_back_at is not None:
        last = None
    if last is not None and last.is_accepted == is_accepted:
        is_same = (last.criteria, last.reason, last.decided_by) == (list(criteria), reason, by)  # the same form, sent twice
        return last if is_same else None
    if last is not None and last.decided_by != by and now() - last.created_at < AT_ONCE:
        raise CannotDecide(_("Une autre personne vient de décider le contraire. Relisez, parlez-en, puis décidez."))
    if mentor.stage in OVER:
        raise CannotDecide(_("Cette candidature est terminée."))
    unmet = [criterion for criterion in grid().criteria if criterion not in criteria]
    if is_accepted and unmet:
        raise CannotDecide(_("Pour accepter, chaque critère doit être rempli. Il manque : %(list)s.", list=" ; ".join(unmet)))
    if is_accepted and not was_met(mentor):
        raise CannotDecide(_("Notez d'abord l'entretien : on n'accepte personne sans l'avoir rencontré."))
    row = Decision(
        mentor_id=mentor.id, mentor=mentor, is_accepted=is_accepted, criteria=list(criteria), reason=reason, decided_by=by
    )
    db.session.add(row)
    db.session.flush()
    if is_accepted:
        mentor.stage = Stage.READY
        write(
            KIND,
            mentor,
            _("Votre candidature est acceptée"),
            [_("Merci de votre confiance. Votre espace dit ce qu'il vous reste à faire.")],
            space_link("followup.home"),
            _("Mon espace"),
        )
    else:
        refuse(mentor)
    return row


def take_back(mentor: Mentor) -> None:
    """A decision was a mistake: the application goes on, to be decided, and the person reads it. A file that it closed opens again.

    Raises CannotDecide, and PairUnderWay while somebody who was accepted has a pair.
    """
    person_held.send(mentor)
    hold_row(mentor)
    last = last_decision(mentor)
    if (
        last is None
        or last.taken_back_at
        or mentor.stage != (Stage.READY if last.is_accepted else Stage.REFUSED)
        or mentor.erased_at
    ):
        raise CannotDecide(_("Il n'y a pas de décision à reprendre."))
    if last.is_accepted:
        person_closing.send(mentor, dead_says=None)
    last.taken_back_at, mentor.stage = now(), Stage.RECEIVED
    reopen_file(mentor)
    mentor.stage = noted_stage(mentor)
    gate_changed.send(mentor)
    link, label = space_link("followup.home"), _("Mon espace")
    if last.is_accepted:
        sorry = _("Un message vous a annoncé par erreur qu'elle était acceptée, et nous vous prions de nous en excuser.")
        write(KIND, mentor, _("Votre candidature est encore à l'étude"), [sorry], link, label)
    else:
        sorry = _(
            "Un message vous a dit le contraire par erreur, et nous vous prions de nous en excuser. Votre candidature continue."
        )
        write(KIND, mentor, _("Votre candidature continue"), [sorry], link, label)


def cancel_interview(row: Interview) -> None:
    """An interview that was planned does not take place; the person is written to. Twice is once; one that was held stays."""
    hold(row)
    if row.held_on is not None:
        raise CannotDecide(_("Cet entretien a eu lieu."))
    if row.cancelled_at is not None:
        return
    row.cancelled_at = now()
    if row.mentor.stage == Stage.INTERVIEW_PLANNED:
        db.session.flush()  # another may be planned
        row.mentor.stage = noted_stage(row.mentor)
    if row.planned_at > now() and row.mentor.stage not in OVER:
        with clock_for(row.mentor):
            said = {"day": day(row.planned_at), "time": clock(row.planned_at)}
        line = _("L'entretien prévu %(day)s à %(time)s n'a pas lieu. Une question ? Écrivez à l'association.", **said)
        link = space_link("followup.home")
        write(KIND, row.mentor, _("Votre entretien est annulé"), [line], link, _("Mon espace"))


def refuse(mentor: Mentor) -> None:
    """Say no kindly, close the file, and note when what is kept is erased."""
    close_file(mentor)
    mentor.stage = Stage.REFUSED
    lines = [
        _("Merci d'avoir proposé votre temps. Nous avons étudié votre candidature avec attention, et nous n'y donnons pas suite. "
          "Vous pouvez nous appeler pour en parler."),
        _("Nous gardons votre dossier (coordonnées, entretien, décision) jusqu'au %(day)s, puis il est effacé. Vous pouvez nous "
          "demander de le lire ou de l'effacer avant.", day=iso_day((today() + KEPT_FOR).isoformat())),
    ]  # fmt: skip
    write(
        KIND,
        mentor,
        _("Notre réponse à votre candidature"),
        lines,
        absolute("house.data", slug=current_tenant.slug),
        _("Comment vos données sont utilisées"),
    )


def was_met(mentor: Mentor) -> bool:
    """Whether an interview was held that nobody cancelled since."""
    held = Interview.mentor_id == mentor.id, Interview.cancelled_at.is_(None), Interview.held_on.is_not(None)
    return db.session.scalar(select(Interview.id).where(*held).limit(1)) is not None


def are_under_way() -> tuple[ColumnElement[bool], ...]:
    """The mentors who applied and are not decided on."""
    return Mentor.state != FileState.WITHDRAWN, Mentor.stage.not_in(ENDED)


def board(limit: int = 12) -> tuple[dict[str, Sequence[Mentor]], dict[str, int]]:
    """The applications under way by stage, who waits longest first, a few of each; and how many there are in all."""
    counts = dict(db.session.execute(select(Mentor.stage, func.count()).where(*are_under_way()).group_by(Mentor.stage)).all())
    rank = func.row_number().over(partition_by=Mentor.stage, order_by=(Mentor.created_at, Mentor.id)).label("rank")
    ranked = select(Mentor.id, rank).where(*are_under_way()).subquery()
    first = db.session.scalars(
        select(Mentor).join(ranked, ranked.c.id == Mentor.id).where(ranked.c.rank <= limit).order_by(Mentor.created_at, Mentor.id)
    ).all()
    return {stage: [mentor for mentor in first if mentor.stage == stage] for stage in ORDER[:-1]}, counts


def watch() -> None:
    """Every hour, by day: a reference that does not answer is reminded once, after a week."""
    rows = db.session.scalars(
        select(Reference)
        .where(
            Reference.state == "asked",
            Reference.set_aside_at.is_(None),
            Reference.reminded_at.is_(None),
            Reference.created_at < now() - timedelta(days=7),
        )
        .join(Reference.mentor)
        .where(Reference.expires_on >= today(), Mentor.stage.not_in(OVER))
        .options(joinedload(Reference.mentor))
        .limit(200)
        .with_for_update(of=Reference, skip_locked=True)
    ).all()
    for row in rows:
        row.reminded_at = now()
        invite_reference(row)


def planned_day(interview: Interview) -> date:
    """The day of an interview on the space's clock."""
    return local(interview.planned_at).date()
