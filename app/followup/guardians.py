"""What whoever represents a minor reads of a pair: their own page, behind a link, and the letters that lead to it."""

from collections.abc import Sequence
from datetime import datetime

from app.accounts.links import is_marked, mark_of, record_of_token, record_token
from app.database import now, one_at_a_time
from app.mail import Letter, absolute, has_just_left
from app.meetings.letters import at, former, series_of, take_letters_back, when, where
from app.meetings.models import Meeting
from app.pairs.models import Pair, PairState
from app.pairs.queries import closure_of, with_people
from app.pairs.words import DEATH
from app.people.letters import clock_for, how_to_reach, write_to
from app.people.models import FileState
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import clock, iso_day, today

LINK, KIND = "parent", "message"
MEETINGS = {  # of one, of several
    "meeting_planned": (_l("Un rendez-vous de %(name)s est prévu"), _l("Des rendez-vous de %(name)s sont prévus")),
    "meeting_moved": (_l("Le rendez-vous de %(name)s change"), _l("Des rendez-vous de %(name)s changent")),
    "meeting_cancelled": (_l("Annulé : le rendez-vous de %(name)s"), _l("Annulés : des rendez-vous de %(name)s")),
}


def is_told(pair: Pair) -> bool:
    """Whether a guardian is written to: there is an address, and the jeune is a minor whose file is open, as their page is."""
    mentee = pair.mentee
    return bool(mentee.guardian_email) and mentee.is_minor_on(today()) and mentee.state != FileState.WITHDRAWN


def link_of(pair: Pair, about: str | None = None) -> str:
    """The guardian's own page: it is their address that opens it."""
    token = record_token(LINK, pair.tenant_id, pair.id, mark_of(pair.mentee.guardian_email))
    return absolute("followup.guardian_thread", token=token, _anchor=about)


def pair_of_link(token: str) -> Pair | None:
    """Enter the space that a guardian's link names, and find the pair; None when the link leads nowhere any more.

    It opens while the jeune is a minor whose file is open, and while the address is the guardian's.
    """
    pair = record_of_token(Pair, LINK, token, options=with_people())
    if pair is None or not is_told(pair):
        return None
    return pair if is_marked(token, LINK, pair.mentee.guardian_email) else None


def invite(pair: Pair, is_new: bool = False) -> bool:
    """Send a guardian the link to their own page, where they can write first; or tell them of a pair that begins, with it.

    Of several clicks in a minute, one is a letter. Whether there was anybody to send it to.
    """
    said = {"name": pair.mentee.first_name, "mentor": pair.mentor.first_name, "association": current_tenant.name}
    lines = [
        _("%(name)s forme un binôme avec %(mentor)s, que %(association)s connaît et accompagne.", **said),
        _("Votre page dit quand les deux se rencontrent, et vous permet d'écrire à l'association."),
        _("Ce lien est à vous : ne le transmettez pas."),
    ]  # fmt: skip
    subject = _("%(name)s commence avec son mentor") if is_new else _("Votre page pour suivre %(name)s")
    subject = _(subject, name=pair.mentee.first_name)
    one_at_a_time("guardian letter", pair.id)
    if is_told(pair) and has_just_left(Letter(KIND, subject), pair.mentee.guardian_email):
        return True
    return tell(KIND, pair, subject, lines)


def tell_end(pair: Pair) -> bool:
    """The pair that a guardian was told of is over, or never was. Whether there was anybody to tell."""
    name = pair.mentee.first_name
    if pair.closure_reason == DEATH:
        return False  # the team calls
    if pair.state == PairState.CLOSED and pair.closed_on is not None:
        day = iso_day(pair.closed_on.isoformat())
        lines = [_("L'accompagnement de %(name)s par son mentor s'est terminé le %(day)s.", name=name, day=day)]
        if (closure := closure_of(pair)) is not None and closure.rematch_mentee:
            lines.append(_("%(association)s cherche un autre mentor pour %(name)s.", association=current_tenant.name, name=name))
    elif pair.closure_reason == "mistake":
        lines = [_("L'accompagnement de %(name)s, que nous vous avions annoncé, n'a pas lieu.", name=name)]
    else:
        return False  # it had not begun
    subject = _("L'accompagnement de %(name)s s'arrête", name=name)
    return tell(KIND, pair, subject, [*lines, _("Une question ? L'association vous répond."), *how_to_reach()])


def tell_stop(pair: Pair) -> bool:
    """The pair stops, as a precaution: they read that it does, and not why. Whether there was anybody to tell."""
    name = pair.mentee.first_name
    lines = [
        _("L'accompagnement de %(name)s par son mentor s'arrête : plus aucun rendez-vous n'est prévu.", name=name),
        _("L'association vous en parle. Une question ? Elle vous répond."),
    ]
    return tell(KIND, pair, _("L'accompagnement de %(name)s s'arrête", name=name), [*lines, *how_to_reach()])


def tell_again(pair: Pair) -> bool:
    """The pair whose end they were told goes on after all. Whether there was anybody to tell."""
    name = pair.mentee.first_name
    line = _("L'accompagnement de %(name)s par son mentor continue.", name=name)
    return tell(KIND, pair, _("L'accompagnement de %(name)s continue", name=name), [line])


def tell_meetings(meetings: Sequence[Meeting], kind: str, was: str = "") -> None:
    """Write to a guardian that the two are to meet in person, or that it changes: at a distance nobody goes out.

    `was` is the place of a meeting before it was moved. The hour is that of where the jeune lives. Nothing is said of what the two
    tell each other.
    """
    coming = [m for m in meetings if m.starts_at > now() and {m.place, was} - {"remote", ""}]
    if not coming or not is_told(coming[0].pair):
        return
    pair, is_one = coming[0].pair, len(coming) == 1
    if kind != "meeting_planned":
        for meeting in coming:
            take_letters_back(meeting, pair.mentee.guardian_email)
    subject = _(str(MEETINGS[kind][not is_one]), name=pair.mentee.first_name)
    lines = [*said_of(coming, kind), _("Tous les rendez-vous se lisent sur votre page.")]
    about = str(coming[0].id) if is_one else series_of(coming[0]) if kind == "meeting_planned" else None
    write(kind, pair, subject, lines, _("Voir les rendez-vous"), coming[-1].starts_at, about)


def said_of(coming: Sequence[Meeting], kind: str) -> list[str]:
    """What is planned, moved or called off, on the clock of the jeune."""
    pair, first = coming[0].pair, coming[0]
    name = pair.mentee.first_name
    with clock_for(pair.mentee):
        said = {"name": name, "when": when(first)}
        if len(coming) > 1:
            heading = (
                _("Ces rendez-vous de %(name)s avec son mentor n'auront pas lieu :", name=name)
                if kind == "meeting_cancelled"
                else _("Des rendez-vous de %(name)s avec son mentor sont prévus :", name=name)
            )
            lines = [heading, *(at(meeting.starts_at) for meeting in coming)]
            lines += [] if kind == "meeting_cancelled" else [where(first)]
        elif kind == "meeting_planned":
            lines = [_("Un rendez-vous de %(name)s avec son mentor est prévu %(when)s.", **said), where(first)]
        elif kind == "meeting_moved" and first.place == "remote":
            lines = [_("Le rendez-vous de %(name)s avec son mentor se fera à distance, %(when)s.", **said)]
        elif kind == "meeting_moved":
            lines = [_("Le rendez-vous de %(name)s avec son mentor est maintenant prévu %(when)s.", **said), where(first)]
        else:
            lines = [_("Le rendez-vous de %(name)s avec son mentor, prévu %(when)s, n'aura pas lieu.", **said), *former(first)]
    return lines


def tell_late(meeting: Meeting, minutes: int) -> None:
    """Write to a guardian that the mentor will be late where the two are to meet."""
    if meeting.place != "remote":
        name = meeting.pair.mentee.first_name
        line = _("Le mentor de %(name)s pense avoir environ %(count)d minutes de retard au rendez-vous de %(time)s.")
        with clock_for(meeting.pair.mentee):
            said = _(line, name=name, count=minutes, time=clock(meeting.starts_at))
        if is_told(meeting.pair):
            subject = _("Le mentor de %(name)s sera en retard", name=name)
            write("meeting_late", meeting.pair, subject, [said], _("Ouvrir ma page"), meeting.ends_at, str(meeting.id))


def tell(kind: str, pair: Pair, subject: str, lines: Sequence[str]) -> bool:
    """Write about the pair itself. Whether there was anybody to write to."""
    if not is_told(pair):
        return False
    write(kind, pair, subject, lines, _("Ouvrir ma page"))
    return True


def write(
    kind: str,
    pair: Pair,
    subject: str,
    lines: Sequence[str],
    label: str,
    until: datetime | None = None,
    about: str | None = None,
) -> None:
    """A letter to whoever represents the jeune, with the link to their own page; what it is about, a meeting or several, in it."""
    mentee = pair.mentee
    write_to(kind, mentee.guardian_email, mentee.guardian_name or "", subject, lines, link_of(pair, about), label, until=until)
