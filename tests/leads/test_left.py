"""Who leaves the team follows no request any more: those that wait for an answer are the team's again."""

from app.extensions import db
from app.leads.models import Lead, LeadEvent
from tests import factories

SPACE = "/a/passerelle"


def test_the_requests_of_who_leaves_go_back_to_the_team(client, association, in_space, stored):
    with in_space(association):
        boss, leaver, other = (factories.staff(association, role) for role in ("admin", "coordinator", "coordinator"))
        mine, done, theirs = factories.lead(), factories.lead(state="accepted"), factories.lead()
        mine.assigned_to = done.assigned_to = leaver.user_id
        theirs.assigned_to = other.user_id
    client.sign_in(boss.user_id).send(f"{SPACE}/equipe/{leaver.id}/fin")

    with in_space(association):
        held = {lead.id: lead.assigned_to for lead in db.session.query(Lead)}
    assert held == {mine.id: None, done.id: leaver.user_id, theirs.id: other.user_id}
    assert [event.reason for event in stored(association, LeadEvent) if event.what == "assigned"] == ["nobody"]
