"""A matching run and its proposals: drafts that a coordinator reads side by side, approves, dismisses with a reason, or pins."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app.database import hold_row, now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.jobs import job
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import today

from .actions import Plan, propose
from .matching_models import MatchRun, MatchWish, Proposal, ProposalState, RunState
from .models import Pair
from .settings import settings

LONGEST = timedelta(minutes=15)  # a run that is not done by then is given up: it takes seconds
PREVIEWED = 1_000_000  # couples that are compared while somebody waits: about two seconds
SHARE = 1000  # proposals written by one statement


class AlreadyDecided(DomainError):
    """Somebody was faster; the sentence says what became of it."""


class TooMany(DomainError):
    """This would make somebody wait too long."""


def start_run(by: UUID) -> MatchRun:
    """Compare everybody, in a job; the run that is under way when there is one."""
    late = MatchRun.created_at < now() - LONGEST
    db.session.execute(update(MatchRun).where(MatchRun.state == RunState.RUNNING, late).values(state=RunState.FAILED))
    statement = insert(MatchRun).values(
        tenant_id=current_tenant_id(),
        id=uuid7(),
        started_by=by,
        weights=settings().weights,
        state=RunState.RUNNING,
        step="waiting",
        share=0,
        figures={},
    )
    run_id = db.session.scalar(statement.on_conflict_do_nothing().returning(MatchRun.id))
    if run_id is None:
        return db.session.scalars(select(MatchRun).where(MatchRun.state == RunState.RUNNING)).one()
    read.defer(run_id=run_id)
    return db.session.get_one(MatchRun, (current_tenant_id(), run_id))


@job
def read(run_id: UUID) -> None:
    """Say that it began; the comparing is a job of its own, so that whoever waits sees it move."""
    run = db.session.get_one(MatchRun, (current_tenant_id(), run_id))
    if run.is_running:
        run.step, run.share = "comparing", 20
        compare.defer(run_id=run_id)


@job
def compare(run_id: UUID) -> None:
    """Compare everybody and write the proposals. Done again after a kill, it begins afresh: nothing was stored."""
    from .matching import match  # arrays are loaded where they are used: they take 60 MB
    from .pool import read_pool

    run = db.session.get_one(MatchRun, (current_tenant_id(), run_id), with_for_update=True)
    if not run.is_running:
        return
    pool = read_pool(today())
    outcome = match(pool, run.weights, offers_home())
    rows = [
        {
            "tenant_id": current_tenant_id(),
            "id": uuid7(),
            "run_id": run.id,
            "mentee_id": pool.mentees.ids[found.mentee],
            "mentor_id": pool.mentors.ids[found.mentor],
            "rank": found.rank,
            "score": found.score,
            "reasons": found.reasons,
            "state": ProposalState.DRAFT,
            "reason": "",
        }
        for found in outcome.matches
    ]
    for start in range(0, len(rows), SHARE):
        db.session.execute(insert(Proposal), rows[start : start + SHARE])
    run.figures = {
        "mentees": len(pool.mentees.ids),
        "mentors": len(pool.mentors.ids),
        "places": int(pool.room.sum()),
        "proposed": sum(found.rank == 0 for found in outcome.matches),
        "left": dict(Counter(outcome.left.values())),
        "nobody": {str(mentee): why for mentee, why in outcome.left.items()},
    }
    run.state, run.step, run.share, run.finished_at = RunState.DONE, "done", 100, now()


def offers_home() -> bool:
    """Whether the association proposes meetings at home; none said means every place."""
    return not current_tenant.places or "home" in current_tenant.places


def last_runs(limit: int = 10) -> Sequence[MatchRun]:
    return db.session.scalars(select(MatchRun).order_by(MatchRun.created_at.desc(), MatchRun.id.desc()).limit(limit)).all()


def proposals_of(run: MatchRun) -> Select[Any]:
    """The one chosen for each jeune, the best first."""
    return (
        select(Proposal)
        .where(Proposal.run_id == run.id, Proposal.rank == 0)
        .options(joinedload(Proposal.mentee), joinedload(Proposal.mentor))
        .order_by(Proposal.score.desc(), Proposal.id)
    )


def around(proposal: Proposal) -> Sequence[Proposal]:
    """Everything that the run proposed for the same jeune: the choice, then the next best."""
    return db.session.scalars(
        select(Proposal)
        .where(Proposal.run_id == proposal.run_id, Proposal.mentee_id == proposal.mentee_id)
        .options(joinedload(Proposal.mentee), joinedload(Proposal.mentor))
        .order_by(Proposal.rank)
    ).all()


def best_for(mentee: Mentee) -> Sequence[Proposal]:
    """Whom the last run that ended proposes for a jeune who waits, the best first, without those set aside since."""
    last = select(MatchRun.id).where(MatchRun.state == RunState.DONE).order_by(MatchRun.created_at.desc(), MatchRun.id.desc())
    return db.session.scalars(
        select(Proposal)
        .where(Proposal.run_id == last.limit(1).scalar_subquery(), Proposal.mentee_id == mentee.id)
        .where(Proposal.state == ProposalState.DRAFT)
        .options(joinedload(Proposal.mentor), joinedload(Proposal.run))
        .order_by(Proposal.rank)
    ).all()


def approve(proposal: Proposal, plan: Plan, coordinator: Staff | None, by: UUID) -> Pair:
    """Make the proposal a pair that both are asked about. Approved twice is one pair.

    Raises AlreadyDecided when it was dismissed or one of the two said no, GateClosed when somebody was faster with one of the two:
    the database decides.
    """
    hold_row(proposal)
    if proposal.state == ProposalState.APPROVED:
        return db.session.get_one(Pair, (proposal.tenant_id, proposal.pair_id))
    if proposal.state == ProposalState.DISMISSED:
        raise AlreadyDecided(_("Cette proposition a été écartée entre-temps."))
    wished = wish_of(proposal.mentee_id, proposal.mentor_id)
    if wished is not None and not wished.is_pin:  # by another run, or by one of the two, who said no
        raise AlreadyDecided(
            _("Depuis ce calcul, l'une des deux personnes a dit non, ou l'équipe les a écartées l'une de l'autre.")
        )
    pair = propose(proposal.mentee, proposal.mentor, plan, coordinator, proposal.reasons, by)
    proposal.state, proposal.pair_id, proposal.decided_by = ProposalState.APPROVED, pair.id, by
    return pair


def dismiss(proposal: Proposal, reason: str, by: UUID) -> None:
    """Set it aside: these two are not proposed again. Dismissed twice is once; raises AlreadyDecided when it was approved."""
    hold_row(proposal)
    if proposal.state == ProposalState.APPROVED:
        raise AlreadyDecided(_("Cette proposition a été approuvée entre-temps : le binôme existe."))
    proposal.state, proposal.reason, proposal.decided_by = ProposalState.DISMISSED, reason, by
    wish(proposal.mentee, proposal.mentor, False, reason, by)


def wish(mentee: Mentee, mentor: Mentor, is_pin: bool, reason: str, by: UUID) -> None:
    """Bring these two together in the next run (a pin), or never; the last word counts."""
    said = {"is_pin": is_pin, "reason": reason, "made_by": by}
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "mentor_id": mentor.id, "mentee_id": mentee.id, **said}
    statement = insert(MatchWish).values(**row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "mentee_id", "mentor_id"], set_=said))


def unwish(mentee_id: UUID, mentor_id: UUID) -> None:
    """Take a pin back: points alone decide again. Who was set aside stays so."""
    found = wish_of(mentee_id, mentor_id)
    if found is not None and found.is_pin:
        db.session.delete(found)


def wish_of(mentee_id: UUID, mentor_id: UUID) -> MatchWish | None:
    return db.session.scalar(select(MatchWish).where(MatchWish.mentee_id == mentee_id, MatchWish.mentor_id == mentor_id))


def preview(weights: dict[str, int]) -> dict[str, int]:
    """What other weights would change, stored nowhere: pairs proposed before and after, and how many jeunes would meet another."""
    from .matching import match
    from .pool import read_pool

    pool = read_pool(today())
    if len(pool.mentees.ids) * len(pool.mentors.ids) > PREVIEWED:
        raise TooMany(_("Il y a trop de monde pour un aperçu : enregistrez, puis lancez un calcul."))
    before, after = (
        {found.mentee: found.mentor for found in match(pool, chosen, offers_home()).matches if found.rank == 0}
        for chosen in (settings().weights, weights)
    )
    different = sum(before.get(mentee) != mentor for mentee, mentor in after.items())
    return {"before": len(before), "after": len(after), "different": different}


def without_one(run: MatchRun) -> Sequence[tuple[Mentee, str, UUID | None]]:
    """Who has no proposal, who waits longest first: the condition that leaves nobody, or the best possibility all the same."""
    nobody = run.figures.get("nobody", {})
    ids = [UUID(key) for key in nobody]
    best = select(Proposal.mentee_id, Proposal.id).where(Proposal.run_id == run.id, Proposal.rank == 1, Proposal.mentee_id.in_(ids))
    found = {mentee_id: proposal_id for mentee_id, proposal_id in db.session.execute(best)}
    rows = db.session.scalars(select(Mentee).where(Mentee.id.in_(ids)).order_by(Mentee.waits_since, Mentee.id).limit(500))
    return [(mentee, nobody[str(mentee.id)], found.get(mentee.id)) for mentee in rows]
