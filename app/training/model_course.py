"""The ready course that every new association starts with, written in `model/`."""

from pathlib import Path

from app.extensions import db

from .models import Course, Module

FOLDER = Path(__file__).parent / "model"
TITLE = "Devenir mentor : rôle, posture, cadre"
SUMMARY = (
    "Ce qu'est un mentor et ce qu'il n'est pas, comment écouter, les règles qui protègent chacun. "
    "À terminer avant la première rencontre."
)


def copy_model_course() -> Course:
    """Give the current association its own copy of the ready course."""
    course = Course(title=TITLE, summary=SUMMARY, is_required=True)
    db.session.add(course)
    db.session.flush()  # modules name the stored row
    for position, path in enumerate(sorted(FOLDER.glob("*.md")), start=1):
        head, body = read_module(path.read_text(encoding="utf-8"))
        db.session.add(
            Module(course_id=course.id, position=position, kind=head["kind"], title=head["title"],
                   minutes=int(head["minutes"]), body=body)
        )  # fmt: skip
    db.session.flush()  # whoever follows it finds its modules
    return course


def read_module(text: str) -> tuple[dict[str, str], str]:
    """The three lines of a module's head, and its text."""
    _start, head, body = text.split("---\n", 2)
    pairs = (line.split(": ", 1) for line in head.strip().splitlines())
    return {name: value.strip() for name, value in pairs}, body.strip()
