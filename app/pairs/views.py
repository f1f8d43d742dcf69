"""Pairs: the list, forming one, its page, and what a coordinator does of it."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, abort, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.journal import take_list
from app.accounts.permissions import Permission
from app.accounts.queries import current_member, current_staff, staff_of_space
from app.errors import DomainError
from app.fields import lines_of, options
from app.gate import refuse_own, requires
from app.leads.words import NEEDS_SHORT, together
from app.mail import refusals
from app.paging import paginate_by_key
from app.people.models import Mentee, Mentor
from app.people.own import is_own, read_with_own_files
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.web import clock, day, form_written, get_or_404, local, render_form, see_other, today

from . import (
    actions,
    agreement_views,
    closing,
    closing_views,
    counting_views,
    interest,
    interest_views,
    jobs,
    lacking_views,
    life,
    listeners,
    lists,
    matching_views,
    own,
    reviews,
    signals,
)
from .blueprint import SPACE, bp
from .conditions import Missing, barred, missing
from .conditions import said as said_of_gate
from .counting import counts
from .forms import AnswerForm, CoordinatorForm, EditForm, FirstMeetingForm, PairForm, PauseForm, review_form
from .lists import Filters
from .models import Pair, PairState
from .queries import (
    authorised,
    closure_of,
    may_follow,
    mentors_with_room,
    mentors_without_room,
    one_pair,
    story_of,
    waiting_mentees,
    was_closing,
    with_people,
)
from .reasons import in_words, said_reasons
from .settings import settings
from .words import BY_NAME, CLOSURE_REASONS, DEATH, DROPS, EVENTS, PLAN_AGAIN, REVIEWS, RHYTHMS, ROLES, STATE_OF_ONE, STATES, TONES

connected = (
    agreement_views,
    closing_views,
    counting_views,
    interest_views,
    jobs,
    lacking_views,
    listeners,
    matching_views,
    own,
)  # imported for their routes, and what the gate asks


@bp.route(SPACE)
@requires(Permission.FOLLOW_PAIRS)
def index() -> ResponseReturnValue:
    """The pairs of the association that the filters keep."""
    filters = Filters.of(request.args)
    page = paginate_by_key(lists.listed(filters), (Pair.starts_on, Pair.id), latest_first=True)
    return render_template(
        "pairs/index.html",
        page=page,
        filters=filters,
        elsewhere=lists.elsewhere(filters) if filters.is_narrow and not page.rows else {},
        counts={} if filters.is_narrow else lists.counts(),
        states=STATES,
        reasons={**CLOSURE_REASONS, **DROPS},
        staff=staff_of_space(),
        is_own=own.is_own_pair,
        notes=signals.notes(page.rows),
        accompanied=closing.share_accompanied() if filters.state == PairState.CLOSED else None,
    )


@bp.route(f"{SPACE}/export/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def export(form: str) -> Response:
    """The list, as its filters narrow it, for a spreadsheet."""
    return take_list(form, f"binomes-{today()}", lists.file_rows(Filters.of(request.args)))


@bp.route(f"{SPACE}/nouveau", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def new() -> ResponseReturnValue:
    """Form a pair, or ask both first. What is missing is said before, and the database says it again."""
    form = PairForm()
    mentees, mentors, day = waiting_mentees(), mentors_with_room(), today()
    allowed = authorised(day) if any(m.is_minor_on(day) for m in mentees) else set()
    form.mentee.choices = options(
        (str(m.id), said_in_list(m) + (_(" · autorisation à obtenir") if m.is_minor_on(day) and m.id not in allowed else ""))
        for m in mentees
    )
    form.mentor.choices = options(
        (str(m.id), f"{m.full_name}, {m.commune_name}" + wishes(m) + ("" if ready else _(" · formation à terminer")))
        for m, ready in mentors
    )
    if form.validate_on_submit():
        try:
            pair = form_or_propose(form)
        except DomainError as error:
            refuse(form, str(error))
        else:
            flash(said_of(pair))
            return see_other("pairs.show", pair_id=pair.id)
    if request.method == "GET":
        form.starts_on.data, form.planned_months.data = today(), settings().needed
        form.mentee.data, form.mentor.data = request.args.get("jeune"), request.args.get("mentor")
    return render_form("pairs/new.html", form=form, obstacles=chosen_obstacles(form), full=mentors_without_room())


def said_in_list(mentee: Mentee) -> str:
    """« Inès Benali, 17 ans, Lyon (Scolarité, Orientation) · préfère une femme »."""
    age = _("%(age)s ans", age=mentee.age_on(today())) if mentee.birth_date else ""
    needs = ", ".join(str(NEEDS_SHORT[need]) for need in mentee.needs)
    return ", ".join(filter(None, (mentee.full_name, age, mentee.commune_name))) + (f" ({needs})" if needs else "") + wishes(mentee)


def wishes(person: Mentee | Mentor) -> str:
    """What somebody asked for that a pair formed by hand might forget: whom they would rather talk to, and where."""
    said = [
        _(" · préfère une femme") if person.gender_wish == "woman" else "",
        _(" · préfère un homme") if person.gender_wish == "man" else "",
        _(" · à distance seulement") if person.places == ["remote"] else "",
        _(" · pas à distance") if person.places and "remote" not in person.places else "",
    ]
    return "".join(said)


def form_or_propose(form: PairForm) -> Pair:
    """Both agreed already, or both are asked first: the button that was pressed says which."""
    mentee, mentor = get_or_404(Mentee, UUID(form.mentee.data)), get_or_404(Mentor, UUID(form.mentor.data))
    refuse_own(is_own(mentee.id, mentor.id))
    act = actions.propose if request.form.get("how") == "propose" else actions.form_pair
    return act(mentee, mentor, form.plan, current_staff(), why=in_words(form.why.data), by=current_member.user_id)


def refuse(form: PairForm, sentence: str) -> None:
    """Say under each of the two fields what its person lacks; what is neither's to gather stands under the second."""
    is_asked = request.form.get("how") == "propose"
    pieces = [piece for piece in chosen_obstacles(form) if piece.bars_asking or not is_asked]
    of_mentee = " ".join(piece.sentence for piece in pieces if piece.side == "mentee")
    others = " ".join(piece.sentence for piece in pieces if piece.side != "mentee")
    for piece in pieces:
        sentence = sentence.replace(piece.sentence, "")
    others = " ".join(filter(None, (others, sentence.strip())))
    form.mentee.errors = [of_mentee] if of_mentee else []
    form.mentor.errors = [others] if others else []


def said_of(pair: Pair) -> str:
    """What happens next, once the form is sent."""
    if pair.state == PairState.PROPOSED:
        return _("Le binôme est proposé.") + " " + interest.said_of_question(pair)
    if pair.state == PairState.CONFIRMED:
        return _("Le binôme est confirmé : préparez la convention, puis il commence.")
    return _("Le binôme est formé. Les deux personnes reçoivent un message.")


def chosen_obstacles(form: PairForm) -> list[Missing]:
    """What is missing for the two that are chosen in the form."""
    ids = {choice.value for choice in (*form.mentee.choices, *form.mentor.choices)}
    if form.mentee.data not in ids or form.mentor.data not in ids:
        return []
    mentee, mentor = get_or_404(Mentee, UUID(form.mentee.data)), get_or_404(Mentor, UUID(form.mentor.data))
    return missing(mentor, mentee, today())


@bp.route(f"{SPACE}/<uuid:pair_id>")
@requires(Permission.FOLLOW_PAIRS)
def show(pair_id: UUID) -> ResponseReturnValue:
    """A pair: where it stands and what comes next, who, towards what, its count, its meetings, its story."""
    pair = read_with_own_files(*one_pair(pair_id, current_member.user_id)) or abort(404)
    story, earlier = story_of(pair)
    answers = interest.answers_of(pair) if pair.state == PairState.PROPOSED else {}
    return render_template(
        "pairs/pair.html",
        pair=pair,
        obstacles=missing(pair.mentor, pair.mentee, today(), pair=pair) if pair.is_open or pair.is_forming else [],
        answers=answers,
        knowing=together([pair.person(side).first_name for side in interest.knowing(pair, answers)]) if pair.is_forming else "",
        address_of=interest.address_of,
        refusals=refusals(map(interest.address_of, answers.values())) if answers else {},
        count=counts([pair], today())[pair.id] if pair.is_open or pair.state == PairState.CLOSED else None,
        review=reviews.due(pair, story) if pair.is_open else None,
        story=story,
        was_closing=pair.closure_reason == DEATH and was_closing(pair, closure_of(pair)),
        is_own=own.is_own_pair(pair),
        earlier=earlier,
        panels=signals.panels(pair),
        may_undo=pair.state in {PairState.ACTIVE, PairState.PAUSED} and not signals.has_met(pair),
        states=STATE_OF_ONE,
        tones=TONES,
        rhythms=RHYTHMS,
        reasons={**CLOSURE_REASONS, **DROPS},
        why=said_reasons(pair.why),
        events=EVENTS,
        by_name=BY_NAME,
        roles=ROLES,
        form=ConfirmForm(),
    )


def change(pair_id: UUID, verb: Callable[[Pair], bool | None], said: str) -> ResponseReturnValue:
    """Do something to a pair from its page, and say so there; or say why not, or that there was nothing to do."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    try:
        done = verb(pair)
    except DomainError as error:
        flash(str(error), "warning")
    else:
        flash(_("Rien n'a changé : ce binôme n'est plus à cette étape.") if done is False else said)
    return see_other("pairs.show", pair_id=pair.id)


@bp.route(f"{SPACE}/<uuid:pair_id>/debut", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def beginning(pair_id: UUID) -> ResponseReturnValue:
    """The pair begins."""
    return change(pair_id, lambda pair: life.begin(pair, current_member.user_id), _("Le binôme commence. Les deux sont prévenus."))


@bp.route(f"{SPACE}/<uuid:pair_id>/abandon", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def giving_up(pair_id: UUID) -> ResponseReturnValue:
    """The pair does not begin."""
    said = _("C'est noté : ce binôme ne se fait pas. Les personnes qui le savaient sont prévenues, si elles ont une adresse.")
    return change(pair_id, lambda pair: actions.give_up(pair, current_member.user_id), said)


@bp.route(f"{SPACE}/<uuid:pair_id>/modification", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def edit(pair_id: UUID) -> ResponseReturnValue:
    """Another length, rhythm or objectives; another start before it begins."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    if pair.state == PairState.CLOSING or not (pair.is_open or pair.is_forming):
        return see_other("pairs.show", pair_id=pair.id)
    form = EditForm.of(pair)
    if form.validate_on_submit() and (changes := form.changed(life.locked(pair))) is not None:
        was_signing = pair.state == PairState.SIGNING
        try:
            is_changed = life.correct(pair, changes, current_member.user_id)
        except DomainError as error:
            form.planned_months.errors = [str(error)]
        else:
            again = _("Le binôme est modifié. La convention disait autre chose : préparez-la de nouveau.")
            changed = again if was_signing else _("Le binôme est modifié.")
            flash(changed if is_changed else _("Rien n'a changé."))
            return see_other("pairs.show", pair_id=pair.id)
    return render_form("pairs/edit.html", form=form, pair=pair)


@bp.route(f"{SPACE}/<uuid:pair_id>/erreur", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def undoing(pair_id: UUID) -> ResponseReturnValue:
    """It was formed by mistake."""
    said = _("C'est défait : ce binôme n'a pas lieu, et les deux sont prévenus.")
    return change(pair_id, lambda pair: life.undo(pair, current_member.user_id), said)


@bp.route(f"{SPACE}/<uuid:pair_id>/reprise", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def resumption(pair_id: UUID) -> ResponseReturnValue:
    """The pause is over."""
    return change(
        pair_id, lambda pair: life.resume(pair, current_member.user_id), _("La pause est terminée. Les deux sont prévenus.")
    )


@bp.route(f"{SPACE}/<uuid:pair_id>/reouverture", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def reopening(pair_id: UUID) -> ResponseReturnValue:
    """The pair goes on after all."""
    said = _("Le binôme est rouvert.") + f" {PLAN_AGAIN}"
    return change(pair_id, lambda pair: life.reopen(pair, current_member.user_id), said)


@bp.route(f"{SPACE}/<uuid:pair_id>/referent", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def coordinator(pair_id: UUID) -> ResponseReturnValue:
    """Somebody else follows the pair."""
    pair, form = get_or_404(Pair, pair_id, options=with_people()), CoordinatorForm()
    colleagues = may_follow(pair)
    form.staff.choices = options((str(member.id), member.full_name) for member in colleagues)
    if form.validate_on_submit():
        chosen = next(member for member in colleagues if str(member.id) == form.staff.data)
        life.hand_over(pair, chosen, current_member.user_id)
        flash(_("Le suivi est confié."))
        return see_other("pairs.show", pair_id=pair.id)
    return render_form("pairs/coordinator.html", form=form, pair=pair)


@bp.route(f"{SPACE}/<uuid:pair_id>/pause", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def pause(pair_id: UUID) -> ResponseReturnValue:
    """Stop meeting for a while."""
    pair, form = get_or_404(Pair, pair_id, options=with_people()), PauseForm()
    if form.validate_on_submit():
        try:
            life.pause(pair, form.reason.data, form.back_on.data, current_member.user_id)
        except DomainError as error:
            form.reason.errors = [str(error)]
        else:
            flash(_("Le binôme est en pause. Les deux sont prévenus."))
            return see_other("pairs.show", pair_id=pair.id)
    return render_form("pairs/pause.html", form=form, pair=pair)


@bp.route(f"{SPACE}/<uuid:pair_id>/premiere-rencontre", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def first_meeting(pair_id: UUID) -> ResponseReturnValue:
    """Plan the first meeting, with somebody of the team; or say who is to be at the one that is planned."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    colleagues = may_follow(pair)
    form = FirstMeetingForm(clock_of(pair.mentor.departement_code), request.args.get("quand", ""), request.args.get("lieu", ""))
    form.staff.choices = options((str(member.id), member.full_name) for member in colleagues)
    if form.validate_on_submit():
        attending = next(member for member in colleagues if str(member.id) == form.staff.data)
        spot = {"place": form.place.data, "where": form.where}
        try:
            said = signals.first_meeting.send(pair, starts_at=form.moment, **spot, attending=attending)
        except DomainError as error:
            bars = barred(pair, [local(form.moment).date()])
            pieces = [piece for codes in bars.values() for piece in said_of_gate(codes, pair.mentor, pair.mentee, today(), pair)]
            form[error.field if error.field in form else "starts_at"].errors = [piece.sentence for piece in pieces] or [str(error)]
        else:
            if any(is_news for _receiver, is_news in said):
                life.note(pair, "first_meeting", current_member.user_id, attending.full_name)
                when = {"day": day(form.moment), "time": clock(form.moment)}
                line = _("Vous participez à la première rencontre de %(pair)s, %(day)s à %(time)s.", pair=pair.title, **when)
                interest.tell_attending(pair, attending, line)
            flash(_("La première rencontre est prévue."))
            return see_other("pairs.show", pair_id=pair.id)
    if request.method == "GET" and pair.coordinator_id:
        form.staff.data = str(pair.coordinator_id)
    clock_note = _("L'heure est celle de %(name)s.", name=pair.mentor.first_name)
    return render_form("pairs/first_meeting.html", form=form, pair=pair, clock_note=clock_note)


@bp.route(f"{SPACE}/<uuid:pair_id>/objectifs", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def review(pair_id: UUID) -> ResponseReturnValue:
    """Look at the objectives together, at three and six months or when one likes."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    if not pair.is_open:
        return see_other("pairs.show", pair_id=pair.id)
    shown, form = "\n".join(pair.objectives), review_form(pair.objectives)
    if form.is_submitted() and lines_of(form.seen.data) != pair.objectives:
        form.seen.data = shown
        form.objectives.errors = [_("Les objectifs ont changé pendant que vous écriviez : les voici, relisez vos réponses.")]
    elif form.validate_on_submit():
        reviews.review(pair, form.data, current_member.user_id)
        flash(_("Le point sur les objectifs est noté."))
        return form_written(see_other("pairs.show", pair_id=pair.id))
    if request.method == "GET":
        form.objectives.data = shown
    return render_form("pairs/review.html", form=form, pair=pair, past=reviews.reviews_of(pair), reviews=REVIEWS)


@bp.route(f"{SPACE}/<uuid:pair_id>/reponse", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def noted_answer(pair_id: UUID) -> ResponseReturnValue:
    """Somebody answered by telephone: the team notes it."""
    form, side = AnswerForm(), request.form.get("side")

    def note(pair: Pair) -> None:
        if side not in interest.SIDES or not form.validate():
            raise life.NotNow(_("Choisissez oui ou non."))
        row = interest.answer_of(pair, side)
        if row is None:
            raise life.NotNow(_("Cette personne n'a pas encore été sollicitée."))
        interest.answer(row, form.answer.data == "yes", form.word.data or "", current_member.user_id)

    return change(pair_id, note, _("La réponse est notée."))
