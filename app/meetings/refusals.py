"""What keeps a meeting from being planned, or from having taken place, in a sentence."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta

from sqlalchemy.exc import DBAPIError

from app.database import attempt, now
from app.errors import DomainError
from app.pairs.conditions import barred, barred_today, missing_at_home
from app.pairs.models import Pair
from app.pairs.queries import ends_as_a_precaution
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.web import local

from .models import LATE, Meeting
from .queries import coming_of

FIRST_HOUR, LAST_HOUR, LAST_OF_MINORS = time(7), time(22), time(21)  # of the jeune's own clock: nobody meets in the night
MOST_COMING = 120  # planned meetings of a pair: twice a week for a year, holidays left out


class CannotPlan(DomainError):
    """This meeting cannot be planned; the sentence says why."""


class Barred(CannotPlan):
    """A piece that is asked before they meet is missing on that day."""

    def __init__(self) -> None:
        super().__init__(_("Il manque un document ou une autorisation pour cette rencontre : l'association doit d'abord le noter."))


class NotAtHome(CannotPlan):
    """A minor is not met at home without a guardian's authorisation."""

    field = "place"


class AtNight(CannotPlan):
    """Nobody meets before the morning, or late in the evening."""

    field = "time"


def refuse_night(pair: Pair, starts: Iterable[datetime], minutes: int) -> None:
    """Raise AtNight when one of these moments to come is not in the day where the jeune lives; a minor's day ends sooner."""
    zone = clock_of(pair.mentee.departement_code)
    for begins in (moment.astimezone(zone) for moment in starts if moment > now()):
        ends, last = begins + timedelta(minutes=minutes), LAST_OF_MINORS if pair.mentee.is_minor_on(begins.date()) else LAST_HOUR
        if begins.time() < FIRST_HOUR or (ends.date(), ends.time()) > (begins.date(), last):
            hours = {"first": FIRST_HOUR.hour, "last": last.hour, "name": pair.mentee.first_name}
            raise AtNight(_("Un rendez-vous se tient entre %(first)s h et %(last)s h, à l'heure de %(name)s.", **hours))


def refuse_another(known: Iterable[Meeting], minutes: int, place: str, where: str) -> None:
    """Raise CannotPlan when something else is planned at that very moment: it is moved, or called off, not planned again."""
    if any((m.minutes, m.place, m.where) != (minutes, place, where or m.where) for m in known):
        raise CannotPlan(
            _("Un rendez-vous est déjà prévu à cette heure, avec une autre adresse, un autre lieu ou une autre durée : changez-le.")
        )


def refuse_too_many(pair: Pair, more: int) -> None:
    """Raise CannotPlan beyond what two people can look after."""
    if len(coming_of(pair.id)) + more > MOST_COMING:
        raise CannotPlan(
            _("Ce binôme aurait plus de %(most)s rendez-vous à venir. Annulez-en quelques-uns d'abord.", most=MOST_COMING)
        )


def gated() -> AbstractContextManager[None]:
    """Store what this block plans. The database asks the gate by itself (meeting_gate, migration 0023). Raises Barred."""
    return attempt(as_barred)


def as_barred(error: DBAPIError) -> Barred:
    """The gate's refusal; an error that is none is raised again."""
    if getattr(error.orig, "sqlstate", None) != "BN007":
        raise error
    return Barred()


def refuse_impossible(pair: Pair, starts: Sequence[datetime], place: str, as_staff: bool = False) -> None:
    """Raise CannotPlan, or NotAtHome, when one of these moments, or this kind of place, is not for this pair."""
    if not (pair.may_meet or (as_staff and pair.is_open)):
        raise CannotPlan(_("Ce binôme est en pause.") if pair.is_open else _("Ce binôme n'est pas en cours."))
    coming = [local(starts_at).date() for starts_at in starts if starts_at > now()]
    if coming and ends_as_a_precaution(pair):
        raise CannotPlan(_("Ce binôme se termine : plus rien ne se prévoit."))
    if coming and barred(pair, coming):
        raise Barred
    if not as_staff and len(coming) < len(starts):
        refuse_unplanned(pair)
    at_home = missing_at_home(pair, [local(starts_at).date() for starts_at in starts]) if place == "home" else {}
    for starts_at in starts:
        day = local(starts_at).date()
        if day < pair.starts_on:
            raise CannotPlan(_("Cette date est avant le début du binôme."))
        if starts_at < now() - LATE and not as_staff:
            raise CannotPlan(_("Cette date est trop ancienne : 60 jours au plus. Écrivez à l'association."))
        lacking = at_home.get(day, ())
        if ("home", "space") in lacking:
            raise NotAtHome(_("L'association ne propose pas de rencontres à domicile."))
        waits = [pair.mentee if side == "mentee" else pair.mentor for piece, side in lacking if piece == "home"]
        if any(person.is_minor_on(day) for person in waits):
            raise NotAtHome(_("À domicile, il faut d'abord l'autorisation d'un parent, notée par l'association."))
        if waits and starts_at > now():  # what took place is logged all the same, and the team is told
            raise NotAtHome(_("À domicile, il faut d'abord l'accord des deux, noté par l'association."))


def refuse_unplanned(pair: Pair) -> None:
    """Raise CannotPlan when a pair that may not meet today is said to have met without a meeting that had been planned.

    The first meeting that is held ends what is asked before it (gate_bars): a mentor's word alone does not, the team's does. What
    was planned while they might meet is logged all the same.
    """
    if barred_today(pair):
        raise CannotPlan(
            _("Il manquait un document ou une autorisation pour cette rencontre : dites à l'association qu'elle a eu lieu.")
        )
