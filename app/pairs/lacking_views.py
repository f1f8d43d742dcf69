"""What keeps people from a first meeting, on one page: read, narrowed to one piece, taken away."""

from flask import Response, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.journal import take_list
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.gate import requires
from app.paging import slice_of
from app.people.lists import MOST_TAKEN
from app.people.words import STAGES
from app.translation import ngettext
from app.web import see_other, today

from . import lacking
from .blueprint import SPACE, bp
from .lacking import CROWDS, Waiting
from .piece_reminders import GIVEN_BY, remind
from .words import LACKING, STATE_OF_ONE


@bp.route(f"{SPACE}/ce-qui-manque")
@requires(Permission.FOLLOW_PAIRS)
def stuck() -> ResponseReturnValue:
    """The pairs that form, the mentors and the jeunes who wait: what each lacks, who must do it and where."""
    found = lacking.everybody_waiting(current_member.user_id)
    crowd, piece, rows = narrowed(found)
    page = slice_of(rows)
    return render_template(
        "pairs/stuck.html", crowd=crowd, piece=piece, sizes={name: len(all_of) for name, all_of in found.items()},
        counted=lacking.counted(found[crowd]), page=page, lines=lacking.lines(page.rows), words=LACKING, states=STATE_OF_ONE,
        stages=STAGES, given_by=GIVEN_BY,
    )  # fmt: skip


@bp.route(f"{SPACE}/ce-qui-manque/rappel", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def stuck_reminder() -> ResponseReturnValue:
    """Remind whoever gives the piece themself, on the list as it is narrowed."""
    crowd, piece, rows = narrowed(lacking.everybody_waiting(current_member.user_id))
    sent, left = remind(rows, piece) if piece in GIVEN_BY else (0, 0)
    if sent:
        flash(ngettext("%(num)d rappel envoyé.", "%(num)d rappels envoyés.", sent))
    if left:
        flash(
            ngettext(
                "%(num)d personne n'en reçoit pas : sans espace, ou déjà prévenue depuis trois jours.",
                "%(num)d personnes n'en reçoivent pas : sans espace, ou déjà prévenues depuis trois jours.",
                left,
            )
        )
    return see_other("pairs.stuck", qui=crowd, piece=piece or None)


@bp.route(f"{SPACE}/ce-qui-manque/export/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def stuck_file(form: str) -> Response:
    """The same list, as it is narrowed, for a spreadsheet."""
    crowd, _piece, rows = narrowed(lacking.everybody_waiting(current_member.user_id))
    return take_list(form, f"ce-qui-manque-{crowd}-{today()}", lacking.file_rows(rows[:MOST_TAKEN]))


def narrowed(found: dict[str, list[Waiting]]) -> tuple[str, str, list[Waiting]]:
    """The crowd and the piece that the query string asks for, and who is left; the first crowd that waits when it asks for none."""
    asked = request.args.get("qui", "")
    crowd = asked if asked in found else next((name for name in CROWDS if found[name]), CROWDS[0])
    piece = request.args.get("piece", "") if request.args.get("piece") in LACKING else ""
    return crowd, piece, [row for row in found[crowd] if not piece or piece in row.kinds]
