"""Why somebody of a pair is to be called: each rule is one SELECT over all the pairs of the space, and the calls follow.

A rule gives the pair, whom to call, since which day, and the facts that its sentence tells. A call that no rule gives any more
ends; one that was put off stays put off. The rhythm of contacts follows the Elements of Effective Practice for Mentoring (standard
5): mentor and jeune twice in the first month, then monthly; the guardian of a minor as often; quarterly at the least.
"""

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, TextClause, Uuid, bindparam, select, text, true

from app.database import now
from app.extensions import db
from app.guard import ALARMING
from app.mail import OF_ADDRESS
from app.pairs.conditions import is_barred
from app.pairs.interest import tell_team
from app.pairs.life import tell_both
from app.pairs.models import Pair, PairState
from app.pairs.queries import with_people
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import today

from .models import Call
from .settings import settings

# What is most urgent first; and what makes a pair « en difficulté » or « à surveiller ».
RANKS = {
    "help": 0, "after_help": 2, "stopped": 3, "home": 5, "alarming": 8, "disagreement": 10, "said_bad": 15, "low_face": 20,
    "two_missed": 30,
    "long_silence": 40, "question": 50, "no_meeting": 60, "said_watch": 65, "first_alone": 68, "first_month": 70, "piece": 80,
    "next_step": 85, "contact": 90, "review": 100, "bounced": 110,
}  # fmt: skip
HELP = frozenset({"help", "after_help"})  # never put off
WRITTEN = HELP | {"question"}
URGENT = HELP | {"alarming", "said_bad", "low_face"}  # what somebody said is wrong: first on their pair's page
HEARD = URGENT | WRITTEN  # what somebody said: read before their pair is closed
AFTER = WRITTEN | {"alarming", "low_face", "disagreement"}  # what the two say once it is, and who called for help or asks
DANGER = frozenset({"help", "after_help", "stopped", "home", "disagreement", "said_bad", "two_missed", "long_silence"})
WATCH = frozenset({"alarming", "low_face", "said_watch", "no_meeting", "first_month", "piece", "contact", "question", "bounced"})

# The pairs that are looked at, with those closed lately, of which the two may still say something (after a death the team calls by
# itself), what was last said to each side, and when they last met.
GROUND = """
lately AS MATERIALIZED (
  SELECT pr.tenant_id, pr.id, pr.mentor_id, pr.mentee_id, pr.starts_on, pr.state,
    lower(m.email) AS mentor_email, lower(j.email) AS mentee_email, lower(j.guardian_email) AS guardian_email,
    (j.birth_date IS NULL OR j.birth_date > :day - interval '18 years')
      AND (j.guardian_phone IS NOT NULL OR j.guardian_email IS NOT NULL) AS has_guardian
  FROM pairs pr JOIN mentors m ON (m.tenant_id, m.id) = (pr.tenant_id, pr.mentor_id)
    JOIN mentees j ON (j.tenant_id, j.id) = (pr.tenant_id, pr.mentee_id)
  WHERE (pr.state IN ('active', 'closing', 'paused')
    OR pr.state = 'closed' AND pr.closed_on > :day - 60 AND pr.closure_reason IS DISTINCT FROM 'death') @only:pr.id@
),
p AS MATERIALIZED (SELECT * FROM lately WHERE state <> 'closed'),
side AS (SELECT unnest(ARRAY['mentor', 'mentee', 'guardian']) AS side),
spoken AS MATERIALIZED (
  SELECT c.pair_id, c.side, max(c.held_at) AS at, array_agg((c.held_at AT TIME ZONE :zone)::date) AS days
  FROM contacts c WHERE c.reached @only:c.pair_id@ GROUP BY 1, 2
),
heard AS MATERIALIZED (SELECT pair_id, max(at) AS at FROM spoken GROUP BY 1),
rested AS MATERIALIZED (SELECT r.pair_id, max(r.until) AS day FROM pauses r WHERE r.until <= :day @only:r.pair_id@ GROUP BY 1),
met AS MATERIALIZED (
  SELECT m.pair_id, max(m.starts_at) AS at FROM meetings m WHERE m.state = 'held' @only:m.pair_id@ GROUP BY 1
),
told AS MATERIALIZED (
  SELECT m.pair_id, m.state, m.starts_at, row_number() OVER (PARTITION BY m.pair_id ORDER BY m.starts_at DESC) AS last
  FROM meetings m WHERE m.state IN ('held', 'missed') AND m.starts_at > now() - interval '180 days' @only:m.pair_id@
),
felt AS MATERIALIZED (
  SELECT m.pair_id, c.face, c.was_held, m.state, m.first_logged_at, greatest(c.updated_at, m.logged_at) AS at, m.starts_at,
    row_number() OVER (PARTITION BY m.pair_id ORDER BY (c.face IS NULL), m.starts_at DESC) AS last
  FROM confirmations c JOIN meetings m ON (m.tenant_id, m.id) = (c.tenant_id, c.meeting_id)
  WHERE m.starts_at > now() - interval '90 days' @only:m.pair_id@
)"""
RULES = {
    "help": """
SELECT t.tenant_id, t.pair_id, t.side, (q.at AT TIME ZONE :zone)::date, jsonb_build_object('at', q.at)
FROM threads t CROSS JOIN LATERAL (SELECT coalesce(t.urgent_since, t.waiting_since) AS at) q
WHERE t.is_urgent AND t.waiting_since IS NOT NULL AND t.side <> 'both' @only:t.pair_id@""",
    "after_help": """
SELECT t.tenant_id, t.pair_id, t.side, (max(m.created_at) AT TIME ZONE :zone)::date, jsonb_build_object('at', max(m.created_at))
FROM messages m JOIN threads t ON (t.tenant_id, t.id) = (m.tenant_id, m.thread_id)
WHERE m.is_urgent AND m.created_at > :day - interval '60 days' AND NOT t.is_urgent AND t.side <> 'both'
  AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.pair_id = t.pair_id AND c.side = t.side
    AND c.reached AND c.held_at >= m.created_at AND (c.how IN ('phone', 'visit')  -- or as can be, of a parent without a telephone
      OR t.side = 'guardian' AND EXISTS (SELECT 1 FROM pairs pr JOIN mentees j ON (j.tenant_id, j.id) = (pr.tenant_id, pr.mentee_id)
        WHERE pr.id = t.pair_id AND j.guardian_phone IS NULL))) @only:t.pair_id@
GROUP BY t.tenant_id, t.pair_id, t.side""",
    "stopped": """
SELECT DISTINCT ON (p.id, s.side) p.tenant_id, p.id, s.side, coalesce(o.since, :day),
  jsonb_build_object('piece', CASE WHEN b.piece LIKE 'ase!_%' ESCAPE '!' THEN 'protected' ELSE b.piece END)
FROM p JOIN mentors m ON (m.tenant_id, m.id) = (p.tenant_id, p.mentor_id)
  JOIN mentees j ON (j.tenant_id, j.id) = (p.tenant_id, p.mentee_id)
  CROSS JOIN LATERAL gate_bars(p.tenant_id, p.mentor_id, p.mentee_id, :day, p.id) b
  CROSS JOIN LATERAL (SELECT CASE b.side WHEN 'mentee' THEN 'mentee' ELSE 'mentor' END AS side) s
  LEFT JOIN calls o ON o.pair_id = p.id AND o.kind = 'stopped' AND o.side = s.side AND o.ended_at IS NULL
WHERE (m.state = 'withdrawn' OR j.state = 'withdrawn'  -- only then can something bar it
  OR NOT EXISTS (SELECT 1 FROM met WHERE met.pair_id = p.id)
  OR EXISTS (SELECT 1 FROM checks c WHERE c.mentor_id = m.id AND (NOT c.is_clear OR c.cancelled_at IS NOT NULL))
  OR EXISTS (SELECT 1 FROM sensitive_facts f WHERE f.mentee_id = j.id AND f.kind = 'ase')
  OR m.birth_date IS NULL OR j.birth_date IS NULL OR m.user_id = j.user_id OR lower(m.email) = lower(j.email)
  OR lower(j.guardian_email) = lower(m.email) OR j.guardian_phone = m.phone OR EXISTS (SELECT 1 FROM guardianships r
    JOIN guardians g ON (g.tenant_id, g.id) = (r.tenant_id, r.guardian_id)
    WHERE r.mentee_id = j.id AND (lower(g.email) = lower(m.email) OR g.phone = m.phone))
  OR (j.birth_date > :day - interval '18 years' AND NOT EXISTS (SELECT 1 FROM authorisations a
    WHERE a.mentee_id = j.id AND a.kind = 'participation' AND a.withdrawn_on IS NULL))
  OR EXISTS (SELECT 1 FROM authorisations a
    WHERE a.mentee_id = j.id AND a.kind IN ('participation', 'own_agreement') AND a.withdrawn_on IS NOT NULL)
  OR (j.birth_date > :day - interval '15 years' AND NOT EXISTS (SELECT 1 FROM authorisations a
    WHERE a.mentee_id = j.id AND a.kind = 'own_agreement' AND a.withdrawn_on IS NULL))
  OR (m.birth_date > :day - interval '18 years' AND NOT EXISTS (SELECT 1 FROM authorisations a
    WHERE a.mentor_id = m.id AND a.kind = 'participation' AND a.withdrawn_on IS NULL)))
ORDER BY p.id, s.side, b.piece""",
    "home": """
SELECT p.tenant_id, p.id, 'mentor', (h.at AT TIME ZONE :zone)::date, jsonb_build_object('day', (h.at AT TIME ZONE :zone)::date)
FROM (
  SELECT m.pair_id, min(m.starts_at) AS at FROM meetings m LEFT JOIN heard s ON s.pair_id = m.pair_id
  WHERE m.place = 'home' AND m.starts_at > now() - interval '60 days' @only:m.pair_id@
    AND (m.state = 'planned' AND m.starts_at > now()
      OR m.state = 'held' AND coalesce(s.at < greatest(m.starts_at, m.logged_at), true))
  GROUP BY 1
) h JOIN p ON p.id = h.pair_id
WHERE EXISTS (SELECT 1 FROM gate_missing(p.tenant_id, p.mentor_id, p.mentee_id, :day, true, p.id) g WHERE g.piece = 'home')""",
    "question": """
SELECT t.tenant_id, t.pair_id, t.side, (t.waiting_since AT TIME ZONE :zone)::date, jsonb_build_object('at', t.waiting_since)
FROM threads t
WHERE NOT t.is_urgent AND t.waiting_since < now() - :answer_days * interval '1 day' AND t.side <> 'both' @only:t.pair_id@""",
    "alarming": """
SELECT p.tenant_id, p.id, 'mentor', (max(m.logged_at) AT TIME ZONE :zone)::date,
  jsonb_build_object('day', (max(m.starts_at) AT TIME ZONE :zone)::date, 'at', max(m.logged_at))
FROM meetings m JOIN lately p ON p.id = m.pair_id LEFT JOIN spoken s ON s.pair_id = p.id AND s.side = 'mentor'
WHERE m.starts_at > now() - interval '60 days' AND m.note ~* :alarming AND coalesce(s.at < m.logged_at, true) @only:m.pair_id@
GROUP BY p.tenant_id, p.id""",
    "disagreement": """
SELECT DISTINCT ON (p.id) p.tenant_id, p.id, 'mentor', (f.at AT TIME ZONE :zone)::date,
  jsonb_build_object('day', (f.starts_at AT TIME ZONE :zone)::date)
FROM felt f JOIN lately p ON p.id = f.pair_id LEFT JOIN heard c ON c.pair_id = p.id
WHERE f.first_logged_at IS NOT NULL AND (f.state = 'held') <> f.was_held AND coalesce(c.at < f.at, true)
ORDER BY p.id, f.starts_at DESC""",
    "low_face": """
SELECT p.tenant_id, p.id, 'mentee', (max(f.at) AT TIME ZONE :zone)::date,
  jsonb_build_object('day', (max(f.starts_at) AT TIME ZONE :zone)::date)
FROM felt f JOIN lately p ON p.id = f.pair_id LEFT JOIN spoken s ON s.pair_id = p.id AND s.side = 'mentee'
WHERE f.face IS NOT NULL AND f.last <= 2 AND coalesce(s.at < f.at, true)
GROUP BY p.tenant_id, p.id
HAVING bool_or(f.last = 1 AND f.face = 1) OR (count(*) = 2 AND max(f.face) <= 2)""",
    "said_bad": """
@said@ WHERE l.answers @> '"bad"' """,
    "said_watch": """
@said@ WHERE l.answers @> '"watch"' AND NOT l.answers @> '"bad"' """,
    "two_missed": """
SELECT p.tenant_id, p.id, 'mentor', (max(t.starts_at) AT TIME ZONE :zone)::date, '{}'::jsonb
FROM told t JOIN p ON p.id = t.pair_id LEFT JOIN heard c ON c.pair_id = p.id
WHERE t.last <= 2 GROUP BY p.tenant_id, p.id, c.at
HAVING count(*) = 2 AND bool_and(t.state = 'missed') AND coalesce(c.at < max(t.starts_at), true)""",
    "first_alone": """
SELECT DISTINCT ON (p.id) p.tenant_id, p.id, 'mentor', (m.created_at AT TIME ZONE :zone)::date,
  jsonb_build_object('day', (m.starts_at AT TIME ZONE :zone)::date)
FROM meetings m JOIN p ON p.id = m.pair_id LEFT JOIN spoken s ON s.pair_id = p.id AND s.side = 'mentor'
WHERE p.state = 'active' AND m.state = 'planned' AND m.starts_at > now() AND coalesce(s.at < m.created_at, true)
  AND NOT EXISTS (SELECT 1 FROM met WHERE met.pair_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM meeting_events e JOIN meetings o ON (o.tenant_id, o.id) = (e.tenant_id, e.meeting_id)
    WHERE o.pair_id = p.id AND o.state = 'planned' AND e.what = 'attended') @only:m.pair_id@
ORDER BY p.id, m.starts_at""",
    "long_silence": """
@silent@ WHERE p.state <> 'paused' AND q.since <= :day - 2 * :meeting_days""",
    "no_meeting": """
@silent@ WHERE p.state <> 'paused' AND q.since <= :day - :meeting_days AND q.since > :day - 2 * :meeting_days""",
    "first_month": """
SELECT p.tenant_id, p.id, s.side, p.starts_on + CASE n.done WHEN 0 THEN 7 ELSE 21 END, jsonb_build_object('done', n.done)
FROM p CROSS JOIN side s LEFT JOIN spoken c ON c.pair_id = p.id AND c.side = s.side
  CROSS JOIN LATERAL (SELECT count(*) AS done FROM unnest(c.days) d WHERE d >= p.starts_on) n
WHERE p.state = 'active' AND (s.side <> 'guardian' OR p.has_guardian) AND :day < p.starts_on + 30
  AND ((n.done = 0 AND :day >= p.starts_on + 7) OR (n.done = 1 AND :day >= p.starts_on + 21))""",
    "contact": """
SELECT p.tenant_id, p.id, s.side, q.since + :contact_days, jsonb_build_object('last', (c.at AT TIME ZONE :zone)::date)
FROM p CROSS JOIN side s LEFT JOIN spoken c ON c.pair_id = p.id AND c.side = s.side LEFT JOIN rested r ON r.pair_id = p.id
  CROSS JOIN LATERAL (SELECT greatest((c.at AT TIME ZONE :zone)::date, r.day, p.starts_on) AS since) q
WHERE p.state <> 'paused' AND (s.side <> 'guardian' OR p.has_guardian) AND :day >= p.starts_on + 30
  AND q.since + :contact_days <= :day""",
    "next_step": """
SELECT DISTINCT ON (p.id, c.side) p.tenant_id, p.id, c.side, c.next_on, jsonb_build_object('step', left(c.next_step, 120))
FROM contacts c JOIN p ON p.id = c.pair_id
WHERE c.next_on <= :day AND NOT EXISTS (
  SELECT 1 FROM contacts later WHERE later.pair_id = c.pair_id AND later.side = c.side
    AND (later.held_at, later.id) > (c.held_at, c.id)
    AND (later.reached OR later.next_on IS NOT NULL))
ORDER BY p.id, c.side, c.held_at DESC, c.id DESC""",
    "piece": """
SELECT DISTINCT ON (p.id, g.side) p.tenant_id, p.id, CASE n.side WHEN 'mentee' THEN 'mentee' ELSE 'mentor' END,
  least(n.ends_on, :day), jsonb_build_object('piece', n.piece, 'ends_on', n.ends_on)
FROM gate_notices n JOIN p ON p.id = n.pair_id
  CROSS JOIN LATERAL gate_missing(p.tenant_id, p.mentor_id, p.mentee_id, greatest(n.ends_on, :day), false, p.id) g
WHERE n.ends_on <= :day + 30 AND n.ends_on > :day - 90 AND g.side = n.side
  AND (g.piece = n.piece OR (n.piece = 'protected' AND g.piece LIKE 'ase!_%' ESCAPE '!'))
ORDER BY p.id, g.side, n.ends_on""",
    "review": """
SELECT p.tenant_id, p.id, 'mentor', (p.starts_on + n.month * interval '1 month')::date, jsonb_build_object('month', n.month)
FROM p CROSS JOIN LATERAL (
  SELECT max(month) AS month FROM (VALUES (3), (6)) v(month) WHERE p.starts_on + month * interval '1 month' <= :day) n
WHERE p.state = 'active' AND n.month IS NOT NULL AND p.starts_on > :day - 400 AND NOT EXISTS (
  SELECT 1 FROM objective_reviews r WHERE r.pair_id = p.id AND r.held_on >= p.starts_on + (n.month - 1) * interval '1 month')""",
    "bounced": """
SELECT p.tenant_id, p.id, s.side, (max(m.created_at) AT TIME ZONE :zone)::date, '{}'::jsonb
FROM p CROSS JOIN side s JOIN mails m ON m.state = 'refused' AND m.last_error = ANY(:of_address)
  AND lower(m.to_address) = CASE s.side WHEN 'mentor' THEN p.mentor_email WHEN 'mentee' THEN p.mentee_email
    ELSE CASE WHEN p.has_guardian THEN p.guardian_email END END
WHERE m.created_at > now() - interval '90 days'
  AND NOT EXISTS (SELECT 1 FROM mails l WHERE l.to_address = m.to_address AND l.state = 'sent' AND l.created_at > m.created_at)
GROUP BY p.tenant_id, p.id, s.side""",
}
# Since when a pair has not met: its last meeting, its start, or its return from a pause.
SILENT = """
SELECT p.tenant_id, p.id, 'mentor', q.since,
  jsonb_build_object('met', (m.at AT TIME ZONE :zone)::date, 'back', r.day IS NOT NULL AND r.day = q.since)
FROM p LEFT JOIN met m ON m.pair_id = p.id LEFT JOIN rested r ON r.pair_id = p.id
  CROSS JOIN LATERAL (SELECT greatest((m.at AT TIME ZONE :zone)::date, r.day, p.starts_on) AS since) q"""
# What somebody answered the team in the last exchange with them, until the next one.
ANSWERED = """
SELECT p.tenant_id, p.id, l.side, (l.held_at AT TIME ZONE :zone)::date, jsonb_build_object('at', l.held_at)
FROM p JOIN (
  SELECT DISTINCT ON (c.pair_id, c.side) c.pair_id, c.side, c.held_at, jsonb_path_query_array(c.answers, '$.*') AS answers
  FROM contacts c WHERE c.reached @only:c.pair_id@ ORDER BY c.pair_id, c.side, c.held_at DESC, c.id DESC
) l ON l.pair_id = p.id"""
FOLLOWED = """
INSERT INTO calls (tenant_id, id, pair_id, kind, side, since, facts, rank)
SELECT tenant_id, gen_random_uuid(), pair_id, kind, side, since, facts, rank FROM wanted
ON CONFLICT (tenant_id, pair_id, kind, side) WHERE ended_at IS NULL
DO UPDATE SET since = excluded.since, facts = excluded.facts, updated_at = now(),
  snoozed_until = CASE WHEN calls.kind IN ('stopped', 'home', 'alarming', 'disagreement', 'said_bad', 'low_face', 'two_missed')
    THEN NULL ELSE calls.snoozed_until END
WHERE (calls.since, calls.facts) IS DISTINCT FROM (excluded.since, excluded.facts)"""
ENDED = """
UPDATE calls SET ended_at = now(), updated_at = now() WHERE ended_at IS NULL @only:pair_id@ AND NOT EXISTS (
  SELECT 1 FROM wanted w WHERE (w.pair_id, w.kind, w.side) = (calls.pair_id, calls.kind, calls.side))"""


STOPPED = Call.kind == "stopped", Call.ended_at.is_(None)


def refresh(pair_ids: Collection[UUID] | None = None) -> None:
    """Let the calls follow the rules: of these pairs, or of all the pairs of the space."""
    db.session.flush()  # the rules read what was just written
    chosen = settings()
    values: dict[str, Any] = {
        "day": today(), "zone": current_tenant.timezone, "contact_days": chosen.contact_days, "meeting_days": chosen.meeting_days,
        "answer_days": chosen.answer_days, "alarming": ALARMING, "of_address": list(OF_ADDRESS),
    }  # fmt: skip
    if pair_ids is not None:
        values["only"] = list(pair_ids)
    some = Call.pair_id.in_(pair_ids) if pair_ids is not None else true()
    stopped = set(db.session.scalars(select(Call.pair_id).where(*STOPPED, some)))
    db.session.execute(written(pair_ids is not None), values)
    if stopped:
        tell_again(stopped - set(db.session.scalars(select(Call.pair_id).where(*STOPPED, Call.pair_id.in_(stopped)))))


def tell_again(pair_ids: Collection[UUID]) -> None:
    """Nothing keeps these from meeting any more: both are told, as they were told that their meetings stop, and the team."""
    may_meet = Pair.id.in_(pair_ids), Pair.state == PairState.ACTIVE, ~is_barred(today())
    for pair in db.session.scalars(select(Pair).where(*may_meet).options(*with_people()).order_by(Pair.id)):
        subject, label = _("Vos rencontres peuvent reprendre"), _("Ouvrir mon espace")
        tell_both(
            pair, subject, _("Plus rien n'empêche vos rencontres avec %(name)s. Un nouveau rendez-vous peut être prévu."), label
        )
        said = _("%(pair)s : ce qui manquait est là. Les deux sont prévenus, s'ils ont une adresse.", pair=pair.title)
        tell_team(pair, _("Des rencontres peuvent reprendre"), said)


@cache
def written(some: bool) -> TextClause:
    """The whole statement, for some pairs or for all."""
    rules = (
        " UNION ALL ".join(
            f"SELECT q.*, '{kind}', {RANKS[kind]} FROM ({rule}) AS q(tenant_id, pair_id, side, since, facts)"  # noqa: S608  (our own)
            for kind, rule in RULES.items()
        )
        .replace("@silent@", SILENT)
        .replace("@said@", ANSWERED)
    )
    wanted = f"wanted (tenant_id, pair_id, side, since, facts, kind, rank) AS MATERIALIZED ({rules})"
    whole = f"WITH {GROUND}, {wanted}, ended AS ({ENDED}) {FOLLOWED}"
    parts = whole.split("@only:")
    narrowed = (f" AND {part.split('@', 1)[0]} = ANY(:only) " if some else " " for part in parts[1:])
    statement = text(parts[0] + "".join(n + part.split("@", 1)[1] for n, part in zip(narrowed, parts[1:], strict=True)))
    return statement.bindparams(bindparam("only", type_=ARRAY(Uuid))) if some else statement


def forget_old() -> None:
    """Calls that ended over thirteen months ago tell nobody anything any more."""
    limit = now()
    db.session.execute(text("DELETE FROM calls WHERE ended_at < :limit - interval '13 months'"), {"limit": limit})
