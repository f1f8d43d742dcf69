"""Runs and their proposals: computed once, decided once, whoever acts at the same instant."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.mail import Mail
from app.pairs import interest, proposals
from app.pairs.matching_models import MatchRun, MatchWish, Proposal
from app.pairs.models import Pair, PairAnswer, PairEvent
from app.pairs.proposals import AlreadyDecided
from app.pairs.refusals import GateClosed
from app.pairs.settings import WEIGHTS, choose
from app.people.actions import close_file, pause
from app.web import today
from tests import factories
from tests.client import said
from tests.people.fixtures import at_once, day_ago, space_of

from .matched import a_proposal, a_run, again, available, computed, plan, waiting
from .situations import make_mentee, make_mentor

SPACE = "/a/passerelle/binomes"
APPROVE = {"decision": "approve", "starts_on": day_ago(0), "planned_months": "6", "rhythm": "monthly", "objectives": ""}


@pytest.fixture
def drafts(association, in_space, run_jobs, by):
    """Compute a run; its proposals."""
    return lambda: computed(association, by, run_jobs, in_space)


@pytest.fixture
def draft(association, in_space, drafts):
    """The one proposal of a run over one jeune and one mentor, both with an address."""
    with in_space(association):
        factories.mentee(association), factories.mentor(association, trained=True, last_name="Tahar")
    return drafts()[0]


def test_the_file_of_a_jeune_who_waits_says_who_is_proposed(client, association, in_space, draft, by):
    with in_space(association):
        coordinator, path = factories.staff(association).user_id, f"/a/passerelle/jeunes/{draft.mentee_id}"
    page = client.sign_in(coordinator).page(path)

    assert "Mentors possibles D'après le calcul du" in page.text
    assert page.soup.find("a", href=f"/a/passerelle/binomes/propositions/{draft.id}")
    assert f"{draft.score} points" in page.text
    with in_space(association):
        proposals.dismiss(db.session.merge(draft), "trop loin", by)
    assert "Aucune proposition pour l'instant : lancez « Rapprocher »." in client.page(path).text
    with in_space(association):
        mentor, mentee = draft.mentor, draft.mentee
        factories.pair(db.session.merge(mentor), db.session.merge(mentee))
    assert "Mentors possibles" not in client.page(path).text


def test_a_run_that_is_under_way_is_not_started_twice(association, in_space, run_jobs, by):
    with in_space(association):
        first, second = proposals.start_run(by), proposals.start_run(by)

    assert first.id == second.id
    assert run_jobs() == ["pairs.proposals.read", "pairs.proposals.compare"]


def test_once_a_run_is_over_another_can_start(association, in_space, run_jobs, by):
    for _time in range(2):
        with in_space(association):
            proposals.start_run(by)
        run_jobs()

    with in_space(association):
        assert [run.state for run in proposals.last_runs()] == ["done", "done"]


def test_another_associations_run_keeps_nobody_waiting(association, elsewhere, in_space, by):
    with in_space(elsewhere):
        theirs = proposals.start_run(by)
    with in_space(association):
        ours = proposals.start_run(by)

    assert ours.id != theirs.id


def test_a_run_counts_whom_it_compared_and_names_who_is_left(association, in_space, drafts):
    with in_space(association):
        waiting(association, 2)
        (alone,) = waiting(association, languages=["bm"])
        available(association, capacity=2, languages=["fr"]), available(association, 1, trained=False)

    found = drafts()

    assert len(found) == 2
    with in_space(association):
        (run,) = proposals.last_runs()
        assert run.figures == {
            "mentees": 3, "mentors": 2, "places": 3, "proposed": 2, "left": {"language": 1}, "nobody": {str(alone.id): "language"},
        }  # fmt: skip
        assert [(row[0].id, row[1]) for row in proposals.without_one(run)] == [(alone.id, "language")]
        assert (run.share, run.step, run.finished_at is not None) == (100, "done", True)


def test_a_run_without_anybody_ends_all_the_same(association, in_space, drafts):
    assert drafts() == []

    with in_space(association):
        assert proposals.last_runs()[0].figures["proposed"] == 0


def test_a_run_goes_by_the_weights_of_the_moment_it_was_started(association, in_space, run_jobs, by):
    with in_space(association):
        run = proposals.start_run(by)
        choose(by, weights=dict.fromkeys(WEIGHTS, 0))
    run_jobs()

    with in_space(association):
        assert again(association, run).weights == WEIGHTS


def proposed(run):
    """How many proposals a run made."""
    return db.session.scalar(select(func.count()).where(Proposal.run_id == run.id))


def die_after_comparing(run):
    """The worker is killed once everything is written, before anything is stored."""
    proposals.compare.function(run.id)
    assert proposed(run) == 9
    raise KeyboardInterrupt


def test_a_run_that_was_killed_begins_afresh_and_a_run_done_again_adds_nothing(association, in_space, run_jobs, by):
    with in_space(association):
        waiting(association, 3), available(association, 3)
        run = proposals.start_run(by)
    ids = {"tenant_id": str(association.id), "run_id": str(run.id)}
    with pytest.raises(KeyboardInterrupt), in_space(association):
        die_after_comparing(run)
    with in_space(association):
        assert proposed(run) == 0

    run_jobs()
    for job in (proposals.compare, proposals.read):
        job.run(**ids)

    with in_space(association):
        assert proposed(run) == 9


def test_an_approved_proposal_is_a_pair_whose_jeune_is_asked_first(association, in_space, draft, by, stored):
    with in_space(association):
        pair = proposals.approve(again(association, draft), plan(), None, by)

    assert (pair.state, pair.why) == ("proposed", draft.reasons)
    assert [row.side for row in stored(association, PairAnswer)] == ["mentee"]
    assert {row.what for row in stored(association, PairEvent)} == {"proposed", "asked_mentee"}
    (mail,) = stored(association, Mail)
    assert mail.to_address == draft.mentee.email
    assert "Tahar" not in f"{mail.subject} {mail.text} {mail.html}", "a first name is enough until both say yes"


def test_where_the_association_says_so_the_mentor_is_asked_first(association, in_space, draft, by, stored):
    with in_space(association):
        choose(by, first="mentor")
        proposals.approve(again(association, draft), plan(), None, by)

    assert [mail.to_address for mail in stored(association, Mail)] == [draft.mentor.email]


def test_approving_twice_is_one_pair_and_one_letter(association, in_space, draft, by, stored):
    for _time in range(2):
        with in_space(association):
            proposals.approve(again(association, draft), plan(), None, by)

    assert [pair.state for pair in stored(association, Pair)] == ["proposed"]
    assert len(stored(association, Mail)) == 1


def test_what_was_set_aside_is_not_proposed_again(association, in_space, draft, drafts, by):
    with in_space(association):
        for _time in range(2):
            proposals.dismiss(again(association, draft), "Se connaissent déjà", by)

    assert drafts() == []
    with in_space(association):
        assert proposals.last_runs()[0].figures["left"] == {"unwanted": 1}
        assert again(association, draft).reason == "Se connaissent déjà"


def test_a_decision_is_not_turned_round_by_somebody_who_is_late(association, in_space, drafts, by):
    with in_space(association):
        waiting(association, 2), available(association, 2)
    one, two = drafts()

    with in_space(association):
        proposals.dismiss(again(association, one), "Trop loin", by)
        proposals.approve(again(association, two), plan(), None, by)
        with pytest.raises(AlreadyDecided, match="écartée entre-temps"):
            proposals.approve(again(association, one), plan(), None, by)
        with pytest.raises(AlreadyDecided, match="le binôme existe"):
            proposals.dismiss(again(association, two), "Trop loin", by)
        assert proposals.wish_of(two.mentee_id, two.mentor_id) is None


def test_a_pin_brings_two_together_until_it_is_taken_back(association, in_space, drafts, by):
    with in_space(association):
        (mentee,) = waiting(association, interests=["music", "sport"])
        (_alike,) = available(association, interests=["music", "sport"])
        (pinned,) = available(association, commune_code="59350")
    unpinned = drafts()[0].mentor_id
    with in_space(association):
        proposals.wish(mentee, pinned, True, "", by)

    (first,) = drafts()

    assert first.mentor_id == pinned.id != unpinned
    assert {"code": "pinned", "points": 4000, "of": 0, "detail": []} in first.reasons
    with in_space(association):
        proposals.unwish(mentee.id, pinned.id)
    assert drafts()[0].mentor_id == unpinned


def test_taking_a_pin_back_leaves_what_was_set_aside(association, in_space, draft, by, stored):
    with in_space(association):
        proposals.dismiss(again(association, draft), "Se connaissent déjà", by)
        proposals.unwish(draft.mentee_id, draft.mentor_id)

    assert [row.is_pin for row in stored(association, MatchWish)] == [False]


LEFT = {
    "the jeune left": (lambda mentee, _mentor: close_file(mentee), "Inès : le dossier n'est pas ouvert."),
    "the mentor left": (lambda _mentee, mentor: close_file(mentor), "Karim : le dossier n'est pas ouvert."),
    "the jeune rests": (lambda mentee, _mentor: pause(mentee, None), "Inès est en pause."),
    "the mentor rests": (lambda _mentee, mentor: pause(mentor, None), "Karim est en pause."),
    "the jeune met somebody": (
        lambda mentee, _mentor: factories.pair(available(None, trained=True)[0], mentee),
        "Inès a déjà un binôme en cours ou proposé.",
    ),
    "the mentor met somebody": (
        lambda _mentee, mentor: factories.pair(mentor, waiting(None)[0]),
        "Karim accompagne déjà autant de jeunes que possible (1).",
    ),
    "the jeune is thirty": (
        lambda mentee, _mentor: setattr(mentee, "birth_date", factories.birth_date(30, today())),
        "Inès a 30 ans",
    ),
}


@pytest.mark.parametrize("what", LEFT)
def test_what_changed_since_the_run_is_said_when_it_is_approved(association, in_space, draft, by, what):
    change, sentence = LEFT[what]
    with in_space(association):
        row = again(association, draft)
        change(row.mentee, row.mentor)
        db.session.flush()

        with pytest.raises(GateClosed) as refused:
            proposals.approve(row, plan(), None, by)

        assert sentence in " ".join(str(refused.value).split())
        assert (row.state, row.pair_id) == ("draft", None)


def test_what_has_only_to_be_gathered_keeps_no_proposal_from_being_approved(association, in_space, drafts, by):
    with in_space(association):
        (mentee,), _mentors = waiting(association, age=14), available(association)  # their own agreement is still to come
        factories.authorisation(mentee)
    (row,) = drafts()

    with in_space(association):
        assert proposals.approve(again(association, row), plan(), None, by).state == "proposed"


def test_the_database_itself_keeps_one_running_run_and_one_pair_for_a_proposal(association, in_space, draft, by):
    with in_space(association):
        pair = proposals.approve(again(association, draft), plan(), None, by)
        run = again(association, draft).run
        with pytest.raises(Exception, match="uq_proposals_pair"), db.session.begin_nested():
            a_proposal(run, *waiting(association), *available(association), state="approved", pair_id=pair.id)
        a_run(by, "running")
        with pytest.raises(Exception, match="uq_match_runs_one_running"), db.session.begin_nested():
            a_run(by, "running")


def test_a_preview_says_what_other_weights_would_change_and_stores_nothing(association, in_space):
    with in_space(association):
        waiting(association, interests=["music", "sport"])
        available(association, interests=["music", "sport"], commune_code="59350"), available(association)
        only = {name: dict.fromkeys(WEIGHTS, 0) | {name: 100} for name in WEIGHTS}
        choose(factories.user().id, weights=only["near"])

        assert proposals.preview(only["interests"]) == {"before": 1, "after": 1, "different": 1}
        assert proposals.preview(only["near"]) == {"before": 1, "after": 1, "different": 0}
        assert db.session.query(Proposal).count() == db.session.query(MatchRun).count() == 0


@pytest.fixture
def site(crowd):
    """An association with a coordinator, whose commits are real: (application, tenant, account)."""
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        return crowd, tenant, factories.staff(tenant).user_id


def approvals(site, jeunes, mentors):
    """Approve every proposal between these people at the same instant; how many of each answer, and the pairs that exist."""
    app, tenant, account = site
    with space_of(app, tenant):
        run = a_run(account)
        rows = [a_proposal(run, mentee, mentor).id for mentee in jeunes for mentor in mentors]

    pages = at_once(app, [(account, f"{SPACE}/propositions/{row}", APPROVE) for row in rows])

    with space_of(app, tenant):
        approved = db.session.scalar(select(func.count()).where(Proposal.state == "approved"))
        pairs = db.session.query(Pair).all()
    assert len(pairs) == approved
    return [page.status for page in pages], [said(page.tree.find(".//*[@role='alert']//p")) for page in pages if page.status == 422]


@pytest.mark.committed
def test_of_forty_approvals_of_the_same_jeune_at_once_exactly_one_is_a_pair(site):
    app, tenant, _account = site
    with space_of(app, tenant):
        jeunes, mentors = [make_mentee(tenant, 20)], [make_mentor(tenant, trained=False) for _each in range(40)]

    statuses, sentences = approvals(site, jeunes, mentors)

    assert sorted(statuses) == [200] + [422] * 39
    assert all("Inès a déjà un binôme" in one or "Cette personne vient d'entrer" in one for one in sentences), sentences


@pytest.mark.committed
def test_approvals_at_once_give_a_mentor_no_more_than_their_capacity(site):
    app, tenant, _account = site
    with space_of(app, tenant):
        jeunes, mentor = [make_mentee(tenant, 20) for _each in range(12)], make_mentor(tenant, trained=False)
        mentor.capacity = 2

    statuses, sentences = approvals(site, jeunes, [mentor])

    assert sorted(statuses) == [200] * 2 + [422] * 10
    assert all("capacité est atteinte" in one or "autant de jeunes que possible" in one for one in sentences), sentences


@pytest.mark.committed
def test_the_same_proposal_approved_by_ten_at_once_is_one_pair_and_one_question(site):
    app, tenant, account = site
    with space_of(app, tenant):
        row = a_proposal(a_run(account), make_mentee(tenant, 20), make_mentor(tenant))

    pages = at_once(app, [(account, f"{SPACE}/propositions/{row.id}", APPROVE)] * 10)

    assert {page.status for page in pages} == {200}
    with space_of(app, tenant):
        assert (db.session.query(Pair).count(), db.session.query(PairAnswer).count()) == (1, 1)


@pytest.mark.committed
def test_a_run_done_by_two_workers_at_once_is_written_once(site):
    app, tenant, account = site
    with space_of(app, tenant):
        waiting(tenant, 3), available(tenant, 3)
        run = proposals.start_run(account)
    start = Barrier(2)

    def work(_each):
        start.wait(timeout=60)
        with app.app_context():
            proposals.compare.run(tenant_id=str(tenant.id), run_id=str(run.id))

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(2)))

    with space_of(app, tenant):
        assert proposed(run) == 9


def test_who_said_no_is_not_asked_again_from_an_older_run(association, in_space, drafts, by):
    with in_space(association):
        factories.mentee(association), factories.mentor(association, trained=True)
    first, second = drafts()[0], drafts()[0]
    with in_space(association):
        pair = proposals.approve(again(association, first), plan(), None, by)
        interest.answer(interest.answer_of(pair, "mentee"), False, "", by)
    with in_space(association), pytest.raises(AlreadyDecided, match="a dit non"):
        proposals.approve(again(association, second), plan(), None, by)
