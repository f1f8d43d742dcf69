"""What people type at each step of the two forms, and walking through them."""

from tests import factories

GUARDIAN = {"guardian_name": "Nadège Martin", "guardian_contact": "nadege@example.org"}
CONTACT = {"first_name": "Noé", "last_name": "Martin", "email": "noe@example.org", "phone": "06 12 34 56 78", "message": "Merci"}
RELAY = {"may_relay": "y"}


def boxes(age):
    """The three boxes of a date of birth."""
    born = factories.birth_date(age)
    return [str(born.day), str(born.month), str(born.year)]


def where_and_when(age):
    """The third step of both forms."""
    return {"birth_date": boxes(age), "commune": "Lyon", "commune_code": "69123"}


def of_mentee(age=20, **contact):
    """The six steps of somebody who looks for a mentor."""
    return [
        {"needs": ["school", "orientation"]},
        {"situation": "superieur"},
        where_and_when(age),
        {"places": ["remote"], "slots": ["sat_morning", "wed_afternoon"]},
        {},
        {**CONTACT, **RELAY, **contact},
    ]


def of_mentor(age=40, **contact):
    """The six steps of somebody who wants to be a mentor."""
    return [
        {"status": "working", "sector": "Informatique", "skills": "Les maths"},
        {"axes": ["education"], "preferred_public": "any"},
        where_and_when(age),
        {"places": ["remote"], "slots": ["sat_morning"]},
        {},
        {**CONTACT, **RELAY, "first_name": "Karim", **contact},
    ]


def walk(client, path, steps):
    """Send each step, as somebody who corrects nothing; the page after the last. Pages in between are not read."""
    for number, answers in enumerate(steps, start=1):
        sent = client.post(f"{path}?etape={number}", data=answers)
        is_last, comes_back = number == len(steps), sent.location.endswith(f"etape={number}")
        page = client.page(sent.location) if is_last or comes_back else None
        assert page is None or not page.errors, page.errors
    return page


def subheadings(page):
    """The h2 of a page."""
    return [" ".join(title.get_text(" ").split()) for title in page.soup.select("h2")]
