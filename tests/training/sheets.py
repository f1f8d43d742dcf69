"""The sheet of a live session, as staff send it and as its page answers."""

from .test_road import SPACE


def note(office, session, *present, absent=(), minutes=None):
    """Send the sheet with these mentors present, for the whole session or for so many minutes, and those absent."""
    said = dict.fromkeys((str(getattr(m, "id", m)) for m in present), "whole" if minutes is None else "part")
    said.update(dict.fromkeys((str(m.id) for m in absent), "absent"))
    typed = {f"m-{key}": str(minutes) for key in said} if minutes is not None else {}
    return office.send(f"{SPACE}/formation/sessions/{session.id}", {**{f"p-{key}": word for key, word in said.items()}, **typed})


def answers(page):
    """What the sheet has ticked, by name."""
    ticked = {group.legend.get_text(): group.find("input", checked=True) for group in page.soup.select("fieldset.presence")}
    return {name: box and box["value"] for name, box in ticked.items()}
