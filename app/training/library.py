"""Model courses: the two that come with Binôme, those that the programme offers, and the copies that associations adapt.

A model is data (the content of a version); it holds nobody's. A copy remembers which model and which number it was made from.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.database import now, one_at_a_time, uuid7
from app.extensions import db
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _

from .courses import (
    NotWritten,
    add_module,
    change_module,
    draft_of,
    put_in_order,
    step_in,
    steps_in,
    take_out,
    write_course,
)
from .models import Course, CourseVersion, ModelCourse
from .queries import courses

FOLDER = Path(__file__).parent / "model"
BLANK: dict[str, Any] = {"body": "", "link": None, "file_id": None, "questions": [], "pass_mark": 80, "attempts": 0, "draw": 0}
COPIED = ("kind", "title", "body", "minutes", "link", "questions", "pass_mark", "attempts", "draw")  # a file stays where it is


def shipped() -> list[dict[str, Any]]:
    """The courses that come with Binôme, as model rows."""
    return [read_course(path.parent) for path in sorted(FOLDER.glob("*/course.toml"))]


def read_course(folder: Path) -> dict[str, Any]:
    """A course from its folder: `course.toml`, then its modules in the order of their names."""
    head = tomllib.loads((folder / "course.toml").read_text(encoding="utf-8"))
    modules = [read_module(path) for path in sorted(folder.glob("[0-9]*-*.*"))]
    content = {
        "summary": head["summary"],
        "required_for": head["required_for"],
        "valid_months": head["valid_months"],
        "modules": modules,
    }
    return {"key": head["key"], "number": head["number"], "title": head["title"], "content": content}


def read_module(path: Path) -> dict[str, Any]:
    """A text or a live session from Markdown with three lines of head; a quiz from TOML."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return read_quiz(tomllib.loads(text))
    _start, head, body = text.split("---\n", 2)
    values = dict(line.split(": ", 1) for line in head.strip().splitlines())
    return {"kind": values["kind"], "title": values["title"], "minutes": int(values["minutes"]), "body": body.strip()}


def read_quiz(quiz: dict[str, Any]) -> dict[str, Any]:
    """A quiz whose questions and choices are numbered: the same file always gives the same ids."""
    bank = [
        {
            "id": f"q{rank}",
            "kind": question["kind"],
            "text": question["text"],
            "feedback": question.get("feedback", ""),
            "choices": [
                {
                    "id": f"c{place}",
                    "text": choice["text"],
                    "right": choice.get("right", False),
                    "feedback": choice.get("feedback", ""),
                }
                for place, choice in enumerate(question.get("choices", []), start=1)
            ],
        }
        for rank, question in enumerate(quiz["questions"], start=1)
    ]
    return {
        **{name: quiz[name] for name in ("kind", "title", "minutes", "body", "pass_mark", "attempts", "draw")},
        "questions": bank,
    }


def load_models(connection: Connection) -> None:
    """Put the shipped models into the database, as its owner; a number that is there already stays as it is."""
    connection.execute(insert(ModelCourse).on_conflict_do_nothing(), shipped())


def models() -> Sequence[ModelCourse]:
    """The latest number of each model, by title."""
    other = aliased(ModelCourse)
    latest = select(func.max(other.number)).where(other.key == ModelCourse.key).scalar_subquery()
    return db.session.scalars(
        select(ModelCourse).where(ModelCourse.number == latest).order_by(ModelCourse.title, ModelCourse.key)
    ).all()


def newer_models(courses: Sequence[Course]) -> dict[UUID, ModelCourse]:
    """For each copy, the model's later number when there is one."""
    known = {model.key: model for model in models()} if any(course.model_key for course in courses) else {}
    found = {course.id: known.get(course.model_key or "") for course in courses}
    return {
        course.id: model
        for course in courses
        if (model := found[course.id]) is not None and model.number > (course.model_number or 0)
    }


def copy_model(model: ModelCourse) -> Course:
    """Give the current association its own copy of a model, as a draft to adapt."""
    course = write_course(model.title, model.content["summary"])
    course.model_key, course.model_number = model.key, model.number
    course.valid_months = model.content["valid_months"]
    fill(course, model)
    return course


def copy_once(model: ModelCourse) -> Course:
    """The same, or the copy that is there: two clicks make one."""
    one_at_a_time("course", current_tenant_id())
    return next((one for one in courses() if one.model_key == model.key), None) or copy_model(model)


def copy_models() -> list[Course]:
    """What a new association begins with: every model that the programme requires of somebody, published and required at once."""
    made = []
    for model in sorted(models(), key=lambda model: model.content["required_for"]):  # what all need first
        if model.content["required_for"]:
            course = copy_model(model)
            draft = draft_of(course)
            draft.published_at, draft.is_current = now(), True
            course.required_for = model.content["required_for"]
            made.append(course)
    db.session.flush()  # whoever follows them finds them
    return made


def fill(course: Course, model: ModelCourse) -> None:
    """Put a model's modules in the draft, after what is there."""
    for content in model.content["modules"]:
        add_module(course, content)


def take_newer(course: Course, model: ModelCourse) -> CourseVersion:
    """Make a draft of the model's later number: it replaces the draft's modules, and is published when staff have read it.

    A module of the same kind and title is the same one, changed or not: what was done of it, and its sessions, go on.
    """
    draft, placed = draft_of(course), []
    left = steps_in(draft)
    for content in model.content["modules"]:
        step = next((one for one in left if (one.module.kind, one.module.title) == (content["kind"], content["title"])), None)
        if step is None:
            step = step_in(draft, add_module(course, content))
        else:
            left.remove(step)
            change_module(course, step.module, BLANK | content)
        step.after = None
        placed.append(step)
    for step in left:
        take_out(step)
    put_in_order(placed)
    course.model_number = model.number
    draft.notes = _("Repris du modèle n° %(number)s.", number=model.number)
    return draft


def offer(course: Course) -> ModelCourse:
    """The programme offers the published version of a course as a model, under a new number. Raises NotWritten without one."""
    version = db.session.scalar(select(CourseVersion).where(CourseVersion.course_id == course.id, CourseVersion.is_current))
    if version is None:
        raise NotWritten(_("Publiez d'abord ce parcours."))
    if course.model_key is None:
        course.model_key = str(uuid7())
    last = db.session.scalar(select(func.max(ModelCourse.number)).where(ModelCourse.key == course.model_key)) or 0
    modules = [{name: getattr(step.module, name) for name in COPIED} for step in steps_in(version) if step.module.file_id is None]
    content = {
        "summary": course.summary,
        "required_for": course.required_for,
        "valid_months": course.valid_months,
        "modules": modules,
    }
    course.model_number = last + 1
    model = ModelCourse(key=course.model_key, number=last + 1, title=course.title, content=content)
    db.session.add(model)
    db.session.flush()  # offered at once
    return model
