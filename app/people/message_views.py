"""Who waits for a pair, or is in training, writes to the association: the team reads it on their file, and is told by mail."""

from flask import abort, flash, request
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import limiter
from app.gate import requires
from app.guard import flash_danger
from app.translation import gettext as _
from app.web import form_written, render_form, see_other

from . import notes
from .blueprint import SPACE, bp
from .forms import MyMessageForm
from .letters import UNREAD, readers
from .queries import mentee_of, mentor_of


@bp.route(f"{SPACE}/ecrire", methods=["GET", "POST"])
@requires(Permission.WRITE_TO_TEAM)
@limiter.limit("20 per hour", key_func=lambda: str(current_member.user_id), methods=["POST"])
@limiter.limit("200 per hour", methods=["POST"])  # a whole class may write from behind one address
def my_message() -> ResponseReturnValue:
    """A few words for the team. Once there is a pair, its own thread takes over."""
    person = mentor_of(current_member.user_id) or mentee_of(current_member.user_id) or abort(404)
    form, is_heard = MyMessageForm(), bool(readers(person))
    if form.validate_on_submit():
        try:
            notes.write_to_team(person, form.body.data)
        except DomainError as error:
            form.body.errors = [str(error)]
        else:
            if is_heard:
                flash(_("Votre message est parti. L'association vous répond par e-mail ou par téléphone."))
            else:
                flash(str(UNREAD), "warning")
            flash_danger(form.body.data)
            return form_written(see_other("followup.home"))
    if request.method == "GET" and request.args.get("pour") == "attestation":
        form.body.data = _("Bonjour, je souhaite une attestation. Merci.")
    return render_form("people/my_message.html", form=form, is_heard=is_heard)
