"""Pools for matching, as arrays that name people in words, runs, and agreements at each of their states."""

from types import SimpleNamespace

import numpy as np

from app.accounts.links import mark_of, record_token
from app.extensions import db
from app.pairs import agreement as papers
from app.pairs import proposals
from app.pairs.actions import Plan
from app.pairs.agreement_models import Agreement, Signature
from app.pairs.matching_models import MatchRun, Proposal
from app.pairs.pool import Numbers, Pool, axes_of_mentee, axis_bits, side, wish_words
from app.web import today
from tests import factories

from .situations import make_mentee, make_mentor

MAP = {  # commune, intercommunality, arrondissement, département, region
    "Lyon": ("69123", "200046977", "691", "69", "84"),
    "Villeurbanne": ("69266", "200046977", "691", "69", "84"),
    "Tarare": ("69243", "200040566", "692", "69", "84"),
    "Villefranche": ("69264", "200040590", "692", "69", "84"),
    "Grenoble": ("38185", "200040715", "381", "38", "84"),
    "Lille": ("59350", "200093201", "595", "59", "32"),
}
ANYWHERE = {
    "places": [], "slots": [], "languages": [], "interests": [], "commune_code": "Lyon", "reach": "region", "first_in_line": False,
}  # fmt: skip


def a_jeune(name="Inès", **changes):
    """A jeune of a pool, who asks for nothing in particular."""
    own = {"needs": ["school"], "situation": "superieur", "field_wish": None, "gender_wish": None, "agreement": "neutral"}
    return SimpleNamespace(**{"id": name, **ANYWHERE, **own, **changes})


def a_mentor(name="Karim", **changes):
    """A mentor of a pool, whom everything suits."""
    own = {"axes": ["education"], "sector": None, "skills": None, "preferred_public": None, "agreement": "neutral"}
    return SimpleNamespace(**{"id": name, **ANYWHERE, **own, **changes})


def pool_of(jeunes, mentors, room=None, waited=None, **said):
    """A pool of these people; `said` names couples (jeune, mentor) by rank: unwanted, pinned, unready."""
    codes, shape = Numbers(), (len(jeunes), len(mentors))
    wishes = [wish_words(row.field_wish) for row in jeunes]
    trades = [wish_words(f"{row.sector or ''} {row.skills or ''}") for row in mentors]
    masks = {name: np.zeros(shape, dtype=np.bool_) for name in ("unwanted", "pinned", "unready")}
    for name, couples in said.items():
        for jeune, mentor in couples:
            masks[name][jeune, mentor] = True
    return Pool(
        mentees=side(jeunes, [axes_of_mentee(row) for row in jeunes], wishes, MAP, codes),
        mentors=side(mentors, [axis_bits(row.axes) or 3 for row in mentors], trades, MAP, codes),
        room=np.array([1] * shape[1] if room is None else room, dtype=np.int64),
        fits=~masks["unready"],
        unwanted=masks["unwanted"],
        pinned=masks["pinned"],
        waited=np.array([0] * shape[0] if waited is None else waited, dtype=np.int64),
    )


def most(worth, room):
    """The greatest total of all assignments, tried one after the other: what `assign` must reach."""
    if not len(worth):
        return 0
    here = [worth[0][mentor] + most(worth[1:], [*room[:mentor], left - 1, *room[mentor + 1 :]])
            for mentor, left in enumerate(room) if left and worth[0][mentor] > 0]  # fmt: skip
    return max([most(worth[1:], room), *here])


def chosen_of(outcome):
    """Who was proposed to whom, by name of rank: {jeune: mentor}."""
    return {match.mentee: match.mentor for match in outcome.matches if match.rank == 0}


def plan(**changes):
    """Six months from today."""
    return Plan(**{"starts_on": today(), "planned_months": 6, "rhythm": "monthly", "objectives": [], **changes})


def waiting(tenant, count=1, **changes):
    """So many jeunes of 20 who wait, without accounts."""
    return [factories.mentee(tenant, account=False, **changes) for _each in range(count)]


def available(tenant, count=1, trained=True, **changes):
    """So many mentors with room, without accounts."""
    return [factories.mentor(tenant, trained=trained, account=False, **changes) for _each in range(count)]


def a_run(by, state="done", **changes):
    """A run that is over, without proposals."""
    figures = {"mentees": 0, "mentors": 0, "places": 0, "proposed": 0, "left": {}, "nobody": {}}
    row = MatchRun(state=state, started_by=by, weights={}, step=state, share=100, figures=figures, **changes)
    db.session.add(row)
    db.session.flush()
    return row


def a_proposal(run, mentee, mentor, rank=0, score=500, reasons=(), **changes):
    """These two, proposed in a run."""
    row = Proposal(run_id=run.id, mentee_id=mentee.id, mentor_id=mentor.id, mentee=mentee, mentor=mentor, rank=rank, score=score,
                   reasons=list(reasons), **changes)  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def computed(tenant, by, run_jobs, in_space):
    """A run over everybody, done by the queue; its proposals, the strongest first."""
    with in_space(tenant):
        run_id = proposals.start_run(by).id
    run_jobs()
    with in_space(tenant):
        return db.session.scalars(proposals.proposals_of(db.session.get(MatchRun, (tenant.id, run_id)))).all()


def flashes(page):
    """What a page says was done, with plain spaces."""
    return [" ".join(said.split()) for said in page.flashes]


def confirmed(tenant, age=20, mentor=None, **changes):
    """A pair of which both said yes; the jeune's parent allowed it before 18."""
    mentee = make_mentee(tenant, age, participation=age < 18, own_agreement=age < 15)
    mentor = mentor or make_mentor(tenant)
    return factories.pair(mentor, mentee, **{"state": "confirmed", "starts_on": today(), **changes})


def to_sign(tenant, by, **changes):
    """An agreement that everybody is asked to sign, and its pair."""
    pair = confirmed(tenant, **changes)
    return papers.prepare(pair, by)


def again(tenant, row):
    """The same row, as it is now."""
    return db.session.get(type(row), (tenant.id, row.id), populate_existing=True)


def signature(agreement, role):
    """One of its signatures, as it is now."""
    return db.session.query(Signature).filter_by(agreement_id=agreement.id, role=role).populate_existing().one()


def sign_all(agreement, *but):
    """Everybody signs the document that they saw, one after the other."""
    for row in papers.signatures_of(agreement):
        if row.role not in but:
            papers.sign(row, agreement.digest)


def link_to(row):
    """The personal page of one who signs."""
    return f"/convention/{record_token(papers.LINK, row.tenant_id, row.id, mark_of(row.email))}"


def agreements():
    """Every agreement of the space, the oldest first."""
    return db.session.query(Agreement).order_by(Agreement.created_at).populate_existing().all()
