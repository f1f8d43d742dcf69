"""Messages: the team's list and threads, mine with the team or with the other one, a guardian's page, a call for help."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import db, limit_link
from app.gate import public, requires
from app.guard import flash_danger
from app.meetings.blueprint import reader_of
from app.meetings.queries import coming_of, past_of, words_of
from app.paging import paginate
from app.pairs.conditions import barred_among
from app.pairs.interest import followers
from app.pairs.models import Pair
from app.pairs.own import is_own_pair, referents
from app.pairs.queries import with_people
from app.pairs.waiting import knows_of
from app.pairs.words import RHYTHMS
from app.people.consent import page_of
from app.people.letters import UNREAD, clock_for, read_as
from app.storage import forget, load
from app.tenants.models import Staff
from app.tenants.resolve import carries_tenant
from app.training.uploads import BadFile
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import download, form_written, get_or_404, is_uuid, leads_nowhere, render_form, see_other, today

from . import guardians, threads
from .blueprint import SPACE, bp, followed
from .forms import HelpForm, MessageForm
from .settings import settings
from .thread_models import Message, Thread
from .words import PATHS, SIDES, WHOSE

log = structlog.get_logger()
BEGINNINGS = {  # of a message to the team, by what it is for
    "attestation": {
        "mentor": _l("Bonjour, je souhaite une attestation de mon engagement. Merci."),
        "mentee": _l("Bonjour, je souhaite une attestation de ma participation. Merci."),
    },
    "pause": {
        "mentor": _l("Bonjour, je souhaite faire une pause, ou arrêter. Pouvons-nous en parler ?"),
        "mentee": _l("Bonjour, je voudrais faire une pause, ou arrêter mon binôme. Est-ce qu'on peut en parler ?"),
    },
}


def sent(pair: Pair, side: str, author: str, form: MessageForm) -> bool:
    """Whether a message left; else a field says why not. A number to call back is no indiscretion when the team is written to."""
    to_team = side != "both" and author != "team"
    if not form.validate_on_submit() or form.warn(form.body, but=["others"] if to_team else ()):
        return False
    try:
        threads.write(pair, side, author, form.written(), current_member.user_id if current_member else None)
    except BadFile as error:
        form.file.errors = [str(error)]
    except DomainError as error:
        form.body.errors = [str(error)]
    return not form.errors


def called(pair: Pair, side: str, form: HelpForm) -> bool:
    """Whether a call for help left: no warning holds it back, nor an empty text, nor a file, whatever is wrong with it."""
    if not form.validate_on_submit():
        return False
    written, by, why = form.written(urgent=True), current_member.user_id, ""
    written = replace(written, body=written.body or _("(sans message)"))
    try:
        written = replace(written, kept=threads.keep(written))
    except BadFile as error:
        why = str(error)
    except Exception:  # whatever a file does to the libraries that read it, the words leave
        log.exception("help.file_failed")
        why = _("Ce fichier ne se lit pas.")
    message = threads.write(pair, side, side, replace(written, content=None), by)
    if written.kept is not None and message.file_key != written.kept.key:  # the same click again
        forget(written.kept.key)
    if why:
        flash(_("Votre message est parti, sans le fichier. %(why)s", why=why), "warning")
    return True


def fresh(form: MessageForm) -> MessageForm:
    """A form that can be sent once."""
    if request.method == "GET" or not form.once.data:
        form.once.data = secrets.token_urlsafe(16)
    return form


@bp.route(f"{SPACE}/messages")
@requires(Permission.FOLLOW_PAIRS)
def inbox() -> ResponseReturnValue:
    """The team's threads: those that wait for an answer, or all."""
    waiting, typed = "tous" not in request.args, request.args.get("q", "")[:80]
    page = paginate(threads.threads(current_member.user_id, waiting, typed))
    return render_template("followup/inbox.html", page=page, waiting=waiting, typed=typed, sides=SIDES, paths=PATHS)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/messages/<slug:whose>", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def thread(pair_id: UUID, whose: str) -> ResponseReturnValue:
    """What somebody of a pair and the team wrote to each other; answer, with a ready answer if one likes."""
    pair, side = followed(pair_id), WHOSE.get(whose) or abort(404)
    form, canned = fresh(MessageForm()), settings().canned
    if "canned" in request.form:  # a ready answer is added to what was typed, and not sent
        if any(upload.filename for upload in request.files.values()):
            flash(_("Choisissez de nouveau votre pièce jointe : le navigateur ne la garde pas."), "warning")
        ready = {str(rank): text for rank, text in enumerate(canned)}.get(request.form["canned"], "")
        form.body.data = "\n\n".join(filter(None, (form.body.data, ready.partition("\n")[2].strip())))
    elif side != "both" and sent(pair, side, "team", form):
        flash(_("C'est envoyé."))
        return form_written(see_other("followup.thread", pair_id=pair.id, whose=whose))
    row = threads.thread_of(pair, side)
    messages = threads.messages_of(row)
    form.seen.data = str(messages[-1].id) if messages else ""
    return render_form(
        "followup/thread.html", form=form, pair=pair, side=side, whose=whose, thread=row, messages=messages, sides=SIDES,
        canned=[text.partition("\n")[0] for text in canned], is_told=threads.is_told(pair, side), who=team_names(row, messages),
        words=words_of(pair) if side == "both" else (),
    )  # fmt: skip


def team_names(thread: Thread | None, messages: Sequence[Message]) -> dict[UUID, str]:
    """Those of the team who wrote in a thread, read it or settled it, by account."""
    wrote = {message.user_id for message in messages if message.author == "team"}
    ids = (wrote | {thread.read_by, thread.settled_by} if thread else wrote) - {None}
    return {card.user_id: card.full_name for card in db.session.scalars(select(Staff).where(Staff.user_id.in_(ids)))} if ids else {}


def change(pair_id: UUID, whose: str, verb: Callable[[Thread, UUID | None, UUID], bool], said: str) -> ResponseReturnValue:
    """Do something to a thread, and say so; nothing when somebody wrote since the page was read."""
    pair, side = followed(pair_id), WHOSE.get(whose) or abort(404)
    seen = request.args.get("vu", "")
    done = verb(threads.thread_of(pair, side) or abort(404), UUID(seen) if is_uuid(seen) else None, current_member.user_id)
    flash(*((said,) if done else (_("Un autre message est arrivé entre-temps : lisez-le d'abord."), "warning")))
    return see_other("followup.thread", pair_id=pair.id, whose=whose)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/messages/<slug:whose>/vu", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def acknowledgement(pair_id: UUID, whose: str) -> ResponseReturnValue:
    """Read, and taken in hand."""
    return change(pair_id, whose, threads.acknowledge, _("C'est noté : la personne voit que son message est lu."))


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/messages/<slug:whose>/regle", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def settlement(pair_id: UUID, whose: str) -> ResponseReturnValue:
    """No written answer is needed."""
    return change(pair_id, whose, threads.settle, _("C'est noté : ce message n'attend plus de réponse."))


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/messages/parent/lien", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def guardian_invitation(pair_id: UUID) -> ResponseReturnValue:
    """Send a guardian the link to write by."""
    pair = followed(pair_id)
    if not pair.is_open:
        flash(_("Ce binôme n'est pas en cours : appelez cette personne."), "warning")
    elif guardians.invite(pair):
        flash(_("C'est envoyé : cette personne peut vous écrire par son lien."))
    else:
        flash(_("Il n'y a pas d'adresse où envoyer ce lien."), "warning")
    return see_other("followup.thread", pair_id=pair_id, whose="parent")


def mine(pair_id: UUID) -> tuple[Pair, str]:
    """One of my pairs that I know of, and which of the two I am; else not found."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    if not pair.belongs_to(current_member.user_id):
        abort(404)
    side = pair.side_of(current_member.user_id)
    if not knows_of(pair, side):
        abort(404)
    read_as(reader_of(pair))
    return pair, side


def say_sent(pair: Pair, said: str) -> None:
    """What becomes of a message that was sent to the team; nothing is promised where nobody can read it."""
    if followers(pair):
        flash(said)
    else:
        flash(str(UNREAD), "warning")


@bp.route(f"{SPACE}/mes-messages/<uuid:pair_id>", methods=["GET", "POST"])
@requires(Permission.WRITE_TO_TEAM)
def my_thread(pair_id: UUID) -> ResponseReturnValue:
    """What the team and I write to each other."""
    pair, side = mine(pair_id)
    form = fresh(MessageForm())
    if sent(pair, side, side, form):
        say_sent(pair, _("C'est envoyé. L'association vous répond ici."))
        flash_danger(form.body.data)
        return form_written(see_other("followup.my_thread", pair_id=pair.id))
    if request.method == "GET":
        form.body.data = BEGINNINGS.get(request.args.get("pour", ""), {}).get(side)
    row = threads.thread_of(pair, side)
    return render_form(
        "followup/my_thread.html", form=form, pair=pair, side=side, thread=row, messages=threads.messages_of(row),
        both=threads.may_talk(pair), is_heard=bool(followers(pair)),
    )  # fmt: skip


@bp.route(f"{SPACE}/aide/<uuid:pair_id>", methods=["GET", "POST"])
@requires(Permission.WRITE_TO_TEAM)
def help_me(pair_id: UUID) -> ResponseReturnValue:
    """A call for help: the emergency numbers first, then a message that goes before all others."""
    pair, side = mine(pair_id)
    form = fresh(HelpForm())
    if called(pair, side, form):
        say_sent(pair, _("Votre message est parti. Il passe avant tous les autres."))
        return form_written(see_other("followup.my_thread", pair_id=pair.id))
    referent = referents([pair]).get(pair.id)
    return render_form("followup/help.html", form=form, pair=pair, referent=referent, is_heard=bool(followers(pair)))


@bp.route(f"{SPACE}/conversation/<uuid:pair_id>", methods=["GET", "POST"])
@requires(Permission.WRITE_TO_TEAM)
def conversation(pair_id: UUID) -> ResponseReturnValue:
    """The two write to each other, where the association opened it; its team can read, and everybody is told so."""
    pair, side = mine(pair_id)
    if not threads.may_talk(pair):
        abort(404)
    form = fresh(MessageForm())
    if sent(pair, "both", side, form):
        flash_danger(form.body.data)
        return form_written(see_other("followup.conversation", pair_id=pair.id))
    row = threads.thread_of(pair, "both")
    other = pair.mentee if side == "mentor" else pair.mentor
    return render_form(
        "followup/conversation.html", form=form, pair=pair, side=side, other=other, thread=row, messages=threads.messages_of(row)
    )


@bp.route(f"{SPACE}/messages/<uuid:message_id>/piece-jointe")
@requires(Permission.SEE_SPACE)
def attachment(message_id: UUID) -> ResponseReturnValue:
    """A file of a message, for the team and for whoever may read the thread."""
    message = get_or_404(Message, message_id)
    pair = get_or_404(Pair, message.thread.pair_id, options=with_people())
    sides = {
        side for side, person in (("mentor", pair.mentor), ("mentee", pair.mentee)) if person.user_id == current_member.user_id
    }
    side = message.thread.side
    may_read = (
        side in sides
        or (side == "both" and bool(sides) and threads.may_talk(pair))
        or (not sides and current_member.can(Permission.FOLLOW_PAIRS) and not is_own_pair(pair))
    )
    return served(message) if may_read else abort(404)


@bp.route("/parent/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def guardian_thread(token: str) -> ResponseReturnValue:
    """A guardian's page, behind their own link: when the two meet, and what the team and the guardian write to each other."""
    pair = guardians.pair_of_link(token) or leads_nowhere()
    form = fresh(MessageForm())
    if sent(pair, "guardian", "guardian", form):
        say_sent(pair, _("C'est envoyé. L'association vous répond ici."))
        flash_danger(form.body.data)
        return form_written(see_other("followup.guardian_thread", token=token))
    coming = coming_of(pair.id)
    is_stopped = bool(barred_among([] if coming else [pair], today()))
    with clock_for(pair.mentee):
        return render_form(
            "followup/guardian_thread.html", form=form, pair=pair, is_stopped=is_stopped, token=token,
            messages=threads.guardian_messages(pair), coming=coming, past=past_of([pair], 5), rhythms=RHYTHMS,
            referent=referents([pair]).get(pair.id), allowed=page_of(pair.mentee, pair.mentee.guardian_email),
        )  # fmt: skip


@bp.route("/parent/<token:token>/pieces-jointes/<uuid:message_id>")
@public
@carries_tenant
def guardian_file(token: str, message_id: UUID) -> ResponseReturnValue:
    """A file of a guardian's own thread."""
    pair = guardians.pair_of_link(token) or abort(404)
    return served(next((message for message in threads.guardian_messages(pair) if message.id == message_id), None) or abort(404))


def served(message: Message) -> ResponseReturnValue:
    """The file of a message; not found when it has none."""
    if message.file_key is None:
        abort(404)
    return download(load(message.file_key), message.file_name or "piece-jointe", message.media_type or "application/octet-stream")
