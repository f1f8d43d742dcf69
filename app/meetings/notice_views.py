"""What somebody wants to be reminded of, their calendar's secret address, and the association's own rules with what they send."""

from uuid import UUID

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from wtforms import BooleanField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from app.accounts.links import mark_of, record_token
from app.accounts.models import User
from app.accounts.permissions import Permission, Role
from app.accounts.queries import current_member
from app.database import now, uuid7
from app.extensions import db
from app.fields import TO_FILL, Line, WholeNumber
from app.gate import requires
from app.late import RowForm
from app.mail import absolute
from app.tenants.choices import hold
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import render_form, see_other

from .blueprint import SPACE, bp
from .link_views import FEED_LINK
from .notice_models import CalendarFeed, MeetingSettings, NoticeRefusal
from .settings import choose, settings

REFUSABLE = {
    "two_days": _l("Deux jours avant un rendez-vous"),
    "two_hours": _l("Deux heures avant"),
    "evening": _l("Le soir, pour noter ou confirmer la séance"),
    "month_end": _l("À la fin du mois, si rien n'est prévu"),
}


class PreferencesForm(FlaskForm):
    """The reminders that somebody wants."""

    two_days = BooleanField(REFUSABLE["two_days"])
    two_hours = BooleanField(REFUSABLE["two_hours"])
    evening = BooleanField(REFUSABLE["evening"])
    month_end = BooleanField(REFUSABLE["month_end"])


class SettingsForm(RowForm):
    """How the association plans and reminds."""

    video_server = Line(_l("Adresse de votre serveur de visio"), longest=200)
    two_days = BooleanField(_l("Deux jours avant : aux deux"))
    two_hours = BooleanField(_l("Deux heures avant : aux deux"))
    evening = BooleanField(_l("Le soir même : noter, confirmer"))
    month_end = BooleanField(_l("Vers la fin du mois, quand rien n'est noté ni prévu : au mentor"))
    month_day = WholeNumber(_l("À partir du"), validators=[InputRequired(TO_FILL), NumberRange(1, 28, _l("De 1 à 28."))])
    silence = BooleanField(_l("Quand rien n'est noté : à la personne référente"))
    silent_days = WholeNumber(
        _l("Après combien de jours"), validators=[InputRequired(TO_FILL), NumberRange(14, 120, _l("De 14 à 120 jours."))]
    )

    def validate_video_server(self, field: Line) -> None:
        if field.data and (not field.data.startswith("https://") or " " in field.data or len(field.data) < 12):
            raise ValidationError(_("Une adresse qui commence par https://"))


@bp.route(f"{SPACE}/rappels", methods=["GET", "POST"])
@requires(Permission.SEE_OWN_MEETINGS)
def preferences() -> ResponseReturnValue:
    """Which reminders I want, and my calendar's address."""
    form, user_id = PreferencesForm(), current_member.user_id
    kinds = {kind: words for kind, words in REFUSABLE.items() if kind != "month_end" or Role.MENTOR in current_member.roles}
    if form.validate_on_submit():
        for kind in kinds:
            refuse(user_id, kind, not form[kind].data)
        flash(_("C'est noté."))
        return see_other("meetings.preferences")
    refused = set(db.session.scalars(select(NoticeRefusal.kind).where(NoticeRefusal.user_id == user_id)))
    if request.method == "GET":
        for kind in kinds:
            form[kind].data = kind not in refused
    return render_form("meetings/preferences.html", form=form, kinds=kinds, address=feed_address(user_id))


def refuse(user_id: UUID, kind: str, refused: bool) -> None:
    """Somebody wants a kind of reminder no more, or again."""
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "user_id": user_id, "kind": kind}
    if refused:
        db.session.execute(insert(NoticeRefusal).values(**row).on_conflict_do_nothing())
    else:
        db.session.execute(delete(NoticeRefusal).where(NoticeRefusal.user_id == user_id, NoticeRefusal.kind == kind))


def open_feed(user_id: UUID) -> CalendarFeed | None:
    """The address that somebody's calendar reads now."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.user_id == user_id, CalendarFeed.revoked_at.is_(None)))


def feed_address(user_id: UUID) -> str | None:
    """That address; None when there is none. A new password, or ending one's other sessions, makes another of it."""
    row, account = open_feed(user_id), db.session.get_one(User, user_id)
    if row is None:
        return None
    token = record_token(FEED_LINK, row.tenant_id, row.id, mark_of(account.fs_uniquifier))
    return absolute("meetings.calendar_feed", token=f"{token}.ics")


@bp.route(f"{SPACE}/mon-agenda", methods=["POST"])
@requires(Permission.SEE_OWN_MEETINGS)
def new_feed() -> ResponseReturnValue:
    """Open an address for my calendar; the one before reads nothing any more."""
    close_feed(current_member.user_id)
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "user_id": current_member.user_id}
    db.session.execute(insert(CalendarFeed).values(**row).on_conflict_do_nothing())  # two clicks at once open one
    flash(_("Votre adresse d'agenda est prête. Gardez-la pour vous : toute personne qui la connaît voit vos rendez-vous."))
    return see_other("meetings.preferences")


@bp.route(f"{SPACE}/mon-agenda/fin", methods=["POST"])
@requires(Permission.SEE_OWN_MEETINGS)
def end_of_feed() -> ResponseReturnValue:
    """Take the address back."""
    close_feed(current_member.user_id)
    flash(_("L'adresse ne donne plus rien."))
    return see_other("meetings.preferences")


def close_feed(user_id: UUID) -> None:
    """Take an open address back."""
    row = open_feed(user_id)
    if row is not None:
        row.revoked_at = now()
        db.session.flush()  # one address at most is open


@bp.route(f"{SPACE}/reglages/rendez-vous", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def meeting_rules() -> ResponseReturnValue:
    """The association's rules, each with the message that it sends."""
    if request.method == "POST":
        hold(MeetingSettings)
    form = SettingsForm.of(settings())
    if form.validate_on_submit() and (changed := form.changed(settings())) is not None:
        choose(current_member.user_id, **changed)
        flash(_("C'est noté. Les prochains rappels suivent ces règles."))
        return see_other("meetings.meeting_rules")
    return render_form("meetings/settings.html", form=form)
