"""Staff write courses: a draft, its modules in order, a version published. What was published never changes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.database import AT_ONCE, hold_row, now, one_at_a_time, uuid7
from app.errors import DomainError
from app.extensions import db
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _

from .models import Completion, Course, CourseVersion, Module, ModuleKind, Step
from .progress import steps_of

CONTENT = ("kind", "title", "body", "minutes", "link", "file_id", "questions", "pass_mark", "attempts", "draw")


class NotWritten(DomainError):
    """A course cannot be changed or published that way; the sentence says why."""


class Rewritten(NotWritten):
    """The draft is not what was read any more."""


def write_course(title: str, summary: str) -> Course:
    """A new course with an empty draft; it is required of nobody until somebody decides so."""
    course = Course(title=title, summary=summary)
    db.session.add(course)
    db.session.flush()  # its draft names the stored row
    db.session.add(CourseVersion(course_id=course.id, course=course, number=1))
    db.session.flush()  # its page is shown next
    return course


def write_once(title: str, summary: str) -> Course:
    """The same; sent twice at one instant, it is one course."""
    one_at_a_time("course", current_tenant_id())
    same = select(Course).where(Course.title == title, Course.summary == summary, Course.created_at > now() - AT_ONCE)
    return db.session.scalars(same.limit(1)).first() or write_course(title, summary)


def versions_of(course: Course) -> Sequence[CourseVersion]:
    """Every version as it is now, the latest first."""
    rows = select(CourseVersion).where(CourseVersion.course_id == course.id).order_by(CourseVersion.number.desc())
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def held_versions(course: Course) -> Sequence[CourseVersion]:
    """The same, until the transaction ends: whoever writes or publishes this course at the same instant comes after."""
    hold_row(course)
    return versions_of(course)


def draft_of(course: Course) -> CourseVersion:
    """The version that is being written; made from the published one when there is none. The course is held: two make one."""
    versions = held_versions(course)
    if versions and versions[0].published_at is None:
        return versions[0]
    draft = CourseVersion(course_id=course.id, course=course, number=versions[0].number + 1 if versions else 1)
    db.session.add(draft)
    db.session.flush()  # its steps name the stored row
    current = next((version for version in versions if version.is_current), None)
    for step in steps_in(current) if current else []:
        db.session.add(Step(version_id=draft.id, module_id=step.module_id, position=step.position, after=step.after))
    db.session.flush()  # whoever looks at the draft finds them
    return draft


def drop_draft(course: Course) -> bool:
    """Forget what was being written since the last publication, and the course itself when it never was published.

    Gives whether the course is still there. Raises NotWritten when nothing is being written, or somebody has used it.
    """
    versions = held_versions(course)
    if versions[0].published_at is not None:
        raise NotWritten(_("Il n'y a pas de brouillon à abandonner."))
    draft, is_first = versions[0], len(versions) == 1
    alone = [step.module for step in steps_in(draft) if not is_published(step.module)]
    try:
        with db.session.begin_nested():
            db.session.delete(draft)
            db.session.flush()  # its steps go before their modules
            for module in alone:
                db.session.delete(module)
            db.session.flush()  # and these before their course
            if is_first:
                db.session.delete(course)
    except IntegrityError as error:
        raise NotWritten(_("Une session a été prévue pour ce parcours : il ne s'abandonne plus.")) from error
    return not is_first


def is_published(module: Module) -> bool:
    """Whether a published version has this module: then it may not change."""
    found = select(Step.id).join(CourseVersion, (CourseVersion.id == Step.version_id) & (CourseVersion.tenant_id == Step.tenant_id))
    return db.session.scalar(found.where(Step.module_id == module.id, CourseVersion.published_at.is_not(None)).limit(1)) is not None


def steps_in(version: CourseVersion) -> list[Step]:
    return steps_of([version.id]).get(version.id, [])


def add_module(course: Course, content: Mapping[str, Any], after: list[str] | None = None) -> Module:
    """Add a module at the end of the draft."""
    draft = draft_of(course)
    key = uuid7()
    module = Module(id=key, root_id=key, course_id=course.id, **{"body": "", "questions": [], **content})
    db.session.add(module)
    db.session.flush()  # the step names the stored row
    last = db.session.scalar(select(func.max(Step.position)).where(Step.version_id == draft.id)) or 0
    db.session.add(Step(version_id=draft.id, module_id=module.id, position=last + 1, after=after))
    db.session.flush()
    return module


def change_module(course: Course, module: Module, content: Mapping[str, Any]) -> Module:
    """Change a module in the draft: itself when it was never published, else another of the same root. Gives the one changed."""
    draft = draft_of(course)
    step = step_in(draft, module)
    if all(getattr(step.module, name) == value for name, value in content.items()):
        return step.module
    if not is_published(step.module):
        for name, value in content.items():
            setattr(step.module, name, value)
        return step.module
    before = {name: getattr(step.module, name) for name in CONTENT}
    changed = Module(id=uuid7(), root_id=module.root_id, course_id=course.id, **{**before, **content})
    db.session.add(changed)
    db.session.flush()  # the step names the stored row
    step.module_id, step.module = changed.id, changed
    return changed


def step_in(draft: CourseVersion, module: Module) -> Step:
    """The step of the draft whose module this is, or what it became. Raises NotWritten when the draft has none."""
    step = db.session.scalar(
        select(Step)
        .join(Step.module)
        .where(Step.version_id == draft.id, Module.root_id == module.root_id)
        .options(joinedload(Step.module))
    )
    if step is None:
        raise NotWritten(_("Ce module n'est plus dans le parcours."))
    return step


def set_after(course: Course, module: Module, after: list[str] | None) -> None:
    """Say what is to be done before a module: all that comes before (None), nothing, or the modules with these roots.

    Only modules that come before it are kept: the course can always be ended.
    """
    draft = draft_of(course)
    step = step_in(draft, module)
    before = {str(other.module.root_id) for other in steps_in(draft) if other.position < step.position}
    step.after = None if after is None else sorted(before.intersection(after))


def move_module(course: Course, module: Module, up: bool) -> None:
    """Exchange a module of the draft with its neighbour; at the edge nothing moves."""
    draft = draft_of(course)
    steps = steps_in(draft)
    place = next((rank for rank, step in enumerate(steps) if step.module.root_id == module.root_id), None)
    if place is None:
        raise NotWritten(_("Ce module n'est plus dans le parcours."))
    other = place - 1 if up else place + 1
    if 0 <= other < len(steps):
        steps[place], steps[other] = steps[other], steps[place]
    put_in_order(steps)


def put_in_order(steps: Sequence[Step]) -> None:
    """Number the steps, and forget what a step waited for that no longer comes before it."""
    seen: set[str] = set()
    for position, step in enumerate(steps, start=1):
        step.position = position
        if step.after is not None:
            step.after = [root for root in step.after if root in seen]
        seen.add(str(step.module.root_id))


def remove_module(course: Course, module: Module) -> None:
    """Take a module out of the draft; published versions keep it."""
    draft = draft_of(course)
    step = step_in(draft, module)
    left = [other for other in steps_in(draft) if other.id != step.id]
    take_out(step)
    put_in_order(left)


def take_out(step: Step) -> None:
    """Forget a step of the draft, and its module unless a published version has it."""
    db.session.delete(step)
    db.session.flush()  # the module goes after its step
    if not is_published(step.module):
        db.session.delete(step.module)


def mark_of(version: CourseVersion) -> str:
    """What tells a version from itself once a module was written, moved or taken out."""
    said = [[step.module_id, step.after, *(getattr(step.module, name) for name in CONTENT)] for step in steps_in(version)]
    return hashlib.sha256(json.dumps([version.id, said], default=str).encode()).hexdigest()


def publish(course: Course, by: UUID, notes: str, earlier_count: bool, reason: str, read: str | None = None) -> CourseVersion:
    """Make the draft the version that mentors begin from now on. Those under way end theirs.

    `earlier_count` says whether completions of the versions before still count, for a reason that is kept; `read` is the mark of
    the draft that somebody has read. Raises NotWritten for a draft without modules, or with one that nobody could do; and where
    there is no draft, or another has just published it. Raises Rewritten when the draft is another than what was read.
    """
    draft = held_versions(course)[0]
    if draft.published_at is not None:
        raise NotWritten(_("Rien n'a changé depuis la dernière publication."))
    if read is not None and read != mark_of(draft):
        raise Rewritten(_("Ce parcours a changé depuis l'ouverture de cette page : relisez-le, puis publiez-le."))
    steps = steps_in(draft)
    if not steps:
        raise NotWritten(_("Ce parcours n'a pas encore de module : personne ne pourrait le terminer."))
    empty = next((s.module for s in steps if s.module.kind == ModuleKind.QUIZ and not s.module.questions), None)
    if empty is not None:
        raise NotWritten(_("Le questionnaire « %(title)s » n'a pas de question.", title=empty.title))
    put_in_order(steps)
    before = CourseVersion.course_id == course.id, CourseVersion.published_at.is_not(None)
    db.session.execute(update(CourseVersion).where(*before).values(is_current=False))
    if not earlier_count:
        db.session.execute(update(CourseVersion).where(*before, CourseVersion.counts).values(counts=False, counts_reason=reason))
    draft.notes, draft.published_at, draft.published_by, draft.is_current = notes, now(), by, True
    db.session.flush()
    return draft


def decide_counts(version: CourseVersion, counts: bool, reason: str) -> None:
    """Say whether completions of a version still count, and why."""
    version.counts, version.counts_reason = counts, reason


def set_rules(course: Course, rules: Mapping[str, Any]) -> None:
    """For whom a course is required, how long it holds, what it renews, whether it certifies.

    Raises NotWritten for a course that is not published and would be required: nobody could end it.
    """
    published = select(CourseVersion.id).where(CourseVersion.course_id == course.id, CourseVersion.is_current)
    if rules.get("required_for") and db.session.scalar(published) is None:
        raise NotWritten(_("Publiez d'abord ce parcours : personne ne pourrait le terminer."))
    if rules.get("renews_id") and db.session.scalar(select(Course.id).where(Course.renews_id == course.id).limit(1)) is not None:
        raise NotWritten(_("Un autre parcours renouvelle déjà celui-ci : il ne peut pas en renouveler un troisième."))
    for name, value in rules.items():
        setattr(course, name, value)


def completions_by_version(course: Course) -> dict[UUID, int]:
    """How many completions each version has."""
    rows = db.session.execute(
        select(Completion.version_id, func.count()).where(Completion.course_id == course.id).group_by(Completion.version_id)
    )
    return dict(rows.all())
