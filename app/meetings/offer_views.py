"""Proposing times and choosing one."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.fields import options
from app.gate import requires
from app.guard import flash_danger
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import flash_done, get_or_404, is_uuid, render_form, see_other, upper_first

from . import offers
from .blueprint import SPACE, bp, my_meeting, my_pair, reader_of, stopped_page
from .forms import OfferForm, TurnDownForm, show_spot
from .letters import at
from .models import Meeting, Offer
from .queries import usual


class ChoiceForm(FlaskForm):
    """One of the times."""

    start = RadioField(_l("Quel moment vous convient ?"), validators=[InputRequired(_l("Choisissez un moment."))])


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/propositions/nouvelle", methods=["GET", "POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def new_offer(pair_id: UUID) -> ResponseReturnValue:
    """Propose several times to the other one; of a meeting that does not suit, ask for another time."""
    pair, form = my_pair(pair_id), OfferForm()
    me, side, instead = reader_of(pair), pair.side_of(current_member.user_id), meeting_asked()
    if instead is not None and instead.pair_id != pair.id:
        abort(404)
    place, where, minutes = (instead.place, instead.where, instead.minutes) if instead else usual(pair)
    if side == "mentee":
        form.leave_wheres_out()
    if form.validate_on_submit():
        spot = form.spot
        if side == "mentee" and spot.place == place:
            spot = replace(spot, where=where)
        try:
            offers.propose(pair, side, form.starts(clock_of(me.departement_code)), spot, form.word.data or "", instead)
        except DomainError as error:
            form.day0.errors = [str(error)]
        else:
            other = pair.mentee if side == "mentor" else pair.mentor
            chooses = _("C'est envoyé. %(name)s choisit, et vous recevez la réponse.", name=other.first_name)
            answers = _("C'est envoyé. %(name)s vous répond, ou vous propose un autre moment.", name=other.first_name)
            flash(chooses if form.has_times else answers)
            flash_danger(form.word.data)
            return see_other("meetings.index")
    if request.method == "GET":
        if stopped := stopped_page(pair):
            return stopped
        show_spot(form, place, where, minutes)
    return render_form("meetings/new_offer.html", form=form, pair=pair, side=side, instead=instead)


def meeting_asked() -> Meeting | None:
    """The meeting that another time is asked for, when the page was opened from one."""
    asked = request.args.get("pour", "")
    return my_meeting(UUID(asked)) if is_uuid(asked) else None


@bp.route(f"{SPACE}/propositions/<uuid:offer_id>", methods=["GET", "POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def offer(offer_id: UUID) -> ResponseReturnValue:
    """Choose one of the times that the other proposes."""
    row, form = my_offer(offer_id), ChoiceForm()
    form.start.choices = options((moment.isoformat(), said(moment)) for moment in row.starts if moment > now())
    if form.validate_on_submit():
        try:
            offers.choose(row, datetime.fromisoformat(form.start.data), current_member.user_id)
        except DomainError as error:
            form.start.errors = [str(error)]
        else:
            flash(_("Le rendez-vous est fixé."))
            return see_other("meetings.index")
    return offer_page(row, form, TurnDownForm())


def offer_page(row: Offer, form: ChoiceForm, refusal: TurnDownForm) -> ResponseReturnValue:
    """The times, and the way to say that none suits."""
    form.start.choices = options((moment.isoformat(), said(moment)) for moment in row.starts if moment > now())
    other = row.pair.mentee if row.side == "mentee" else row.pair.mentor
    page = render_template("meetings/offer.html", form=form, offer=row, other=other, refusal=refusal)
    return page, 422 if form.errors or refusal.errors else 200


def said(moment: datetime) -> str:
    """« Mercredi 2 décembre, à 17 h 30 », on the reader's clock."""
    return upper_first(at(moment))


def my_offer(offer_id: UUID, made_by_me: bool = False) -> Offer:
    """Times that were proposed to me, or by me; not found when they were not."""
    row = get_or_404(Offer, offer_id)
    my_pair(row.pair_id)
    return row if (row.pair.side_of(current_member.user_id) == row.side) == made_by_me else abort(404)


@bp.route(f"{SPACE}/propositions/<uuid:offer_id>/refus", methods=["POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def offer_refusal(offer_id: UUID) -> ResponseReturnValue:
    """None of them suits."""
    row, form = my_offer(offer_id), TurnDownForm()
    if not form.validate_on_submit():
        return offer_page(row, ChoiceForm(None), form)
    flash_done(lambda: offers.turn_down(row, form.word.data or ""), _("C'est noté, et votre mot est transmis."))
    flash_danger(form.word.data)
    return see_other("meetings.index")


@bp.route(f"{SPACE}/propositions/<uuid:offer_id>/retrait", methods=["POST"])
@requires(Permission.ANSWER_OWN_MEETINGS)
def offer_withdrawal(offer_id: UUID) -> ResponseReturnValue:
    """Take back what I proposed, or asked for."""
    row = my_offer(offer_id, made_by_me=True)
    flash_done(lambda: offers.withdraw(row), _("C'est retiré. Ce qui était prévu ne change pas."))
    return see_other("meetings.index")
