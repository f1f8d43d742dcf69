"""What higher packages add to a pair's page: meetings and certificates, which this package does not know."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from blinker import Namespace
from markupsafe import Markup

_signals = Namespace()

pair_shown = _signals.signal("pair-shown")  # sender: Pair -> ("urgent", "first", "main" or "side", a panel)
pairs_listed = _signals.signal("pairs-listed")  # sender: pairs -> {pair id: a note in words}
pair_begun = _signals.signal("pair-begun")  # sender: Pair, under way from now on
pair_ending = _signals.signal("pair-ending")  # sender: Pair about to be closed -> sentences: what of it still waits for somebody
pair_closed = _signals.signal("pair-closed")  # sender: Pair, closed or dropped
pair_reopened = _signals.signal("pair-reopened")  # sender: Pair, closed too soon, which goes on
death_undone = _signals.signal("death-undone")  # sender: Pair, which had ended in silence by mistake
pair_paused = _signals.signal("pair-paused")  # sender: Pair; until: when it goes on, or None -> meetings called off
pair_stopped = _signals.signal("pair-stopped")  # sender: Pair that ends as a precaution: nothing planned takes place
meetings_asked = _signals.signal("meetings-asked")  # sender: pair ids -> {pair id: the days on which it met}
meeting_begun = _signals.signal("meeting-begun")  # sender: Pair -> whether a meeting has begun that was not called off
gate_asked = _signals.signal("gate-asked")  # sender: Pair under way; what was planned may be barred now
agreement_drawn = _signals.signal("agreement-drawn")  # sender: a PDF -> the same, sealed
first_meeting = _signals.signal("first-meeting")  # sender: Pair; starts_at, place, where, attending: Staff; to be planned


def panels(pair: Any) -> dict[str, list[Markup]]:
    """What the packages above show on a pair's page: before all else, at the top of its main column, below, or at its side."""
    placed: dict[str, list[Markup]] = {"urgent": [], "first": [], "main": [], "side": []}
    for _receiver, (place, panel) in pair_shown.send(pair):
        placed[place].append(panel)
    return placed


def notes(rows: Sequence[Any]) -> dict[UUID, str]:
    """What the packages above say of each pair of a list."""
    gathered: dict[UUID, str] = {}
    for _receiver, said in pairs_listed.send(rows):
        gathered |= said
    return gathered


def still_open(pair: Any) -> list[str]:
    """What the packages above would not see forgotten when this pair is closed."""
    return [sentence for _receiver, said in pair_ending.send(pair) for sentence in said]


def has_met(pair: Any) -> bool:
    """Whether a meeting of this pair has begun, or was held: one that nobody has noted yet may have taken place."""
    return any(said for _receiver, said in meeting_begun.send(pair))


def days_met(pair_ids: Sequence[UUID]) -> dict[UUID, list[date]]:
    """The days on which each of these pairs met, as the package of meetings says."""
    gathered: dict[UUID, list[date]] = {}
    for _receiver, said in meetings_asked.send(pair_ids):
        gathered |= said
    return gathered
