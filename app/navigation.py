"""What a space's menu shows to whom, and what every template may ask."""

from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, g, has_request_context, render_template, request
from flask_login import current_user
from markupsafe import Markup

from .accounts.permissions import Permission
from .accounts.queries import Member, current_member
from .leads import words
from .pairs import words as pairs
from .training import words as training
from .translation import lazy_gettext as _l
from .translation import reads_french


@dataclass(frozen=True)
class Item:
    """A line of the menu: where it leads, and the right that it needs."""

    endpoint: str
    label: Any
    icon: str
    permission: Permission
    pages: tuple[str, ...] = ()

    def leads_to(self, endpoint: str | None) -> bool:
        """Whether a page belongs under this line."""
        return endpoint == self.endpoint or endpoint in self.pages


IMPORTS = ("leads.imports", "leads.one_import", "leads.entry")  # in whichever space they are

MENU = (
    Item(
        "programme.queue",
        _l("Demandes"),
        "inbox",
        Permission.ORIENT_LEADS,
        ("programme.lead", "programme.comparison", "programme.ending", *IMPORTS),
    ),
    Item("programme.index", _l("Associations"), "buildings", Permission.SEE_ASSOCIATIONS, ("programme.figures_of_period",)),
    Item("programme.territories", _l("Territoires"), "map", Permission.SEE_ASSOCIATIONS),
    Item("training.models", _l("Formations"), "mortarboard", Permission.OFFER_MODELS, ("training.course", "training.new_course")),
    Item("programme.rules", _l("Règles"), "gear", Permission.SET_RULES),
    Item(
        "followup.home",
        _l("Aujourd'hui"),
        "sun",
        Permission.FOLLOW_PAIRS,
        ("followup.new_contact", "followup.health_page", "followup.figures_of_period"),
    ),
    Item(
        "leads.inbox",
        _l("Demandes"),
        "inbox",
        Permission.ANSWER_LEADS,
        (
            "leads.show",
            "leads.contact",
            "leads.refusal",
            "leads.waiting_list",
            "leads.note_attempt",
            "leads.outreach",
            "leads.comparison",
            *IMPORTS,
        ),
    ),
    Item(
        "pairs.index",
        _l("Binômes"),
        "people",
        Permission.FOLLOW_PAIRS,
        (
            "pairs.show",
            "pairs.new",
            "pairs.pause",
            "pairs.coordinator",
            "followup.portfolios",
            "pairs.first_meeting",
            "pairs.review",
            "pairs.agreement",
            "pairs.closure",
            "pairs.edit",
            "meetings.team_planning",
            "meetings.addition",
            "pairs.closure_end",
            "pairs.count",
            "pairs.stuck",
            "followup.contact_list",
            "followup.contact",
            "pairs.matching",
            "pairs.match_run",
            "pairs.without_match",
            "pairs.proposal",
        ),
    ),
    Item("people.mentees", _l("Jeunes"), "person", Permission.FOLLOW_PEOPLE, ("people.mentee",)),
    Item(
        "people.mentors",
        _l("Mentors"),
        "person-badge",
        Permission.FOLLOW_PEOPLE,
        (
            "people.mentor",
            "people.applications_board",
            "people.application",
            "people.new_interview",
            "people.interview",
            "people.new_reference",
            "people.decision",
            "people.new_check",
            "people.charter_signature",
            "people.new_exception",
        ),
    ),
    Item(
        "training.index",
        _l("Formation"),
        "mortarboard",
        Permission.RUN_TRAINING,
        (
            "training.course",
            "training.new_course",
            "training.course_rules",
            "training.new_module",
            "training.module",
            "training.question",
            "training.publication",
            "training.version",
            "training.files",
            "training.session",
            "training.new_session",
            "training.session_list",
            "training.session_changed",
            "training.session_cancelled",
            "training.mentors",
            "training.mentor",
            "training.hours",
            "training.waiting",
        ),
    ),
    Item("followup.inbox", _l("Messages"), "chat-dots", Permission.FOLLOW_PAIRS, ("followup.thread",)),
    Item("meetings.upcoming", _l("Rendez-vous"), "calendar3", Permission.FOLLOW_PAIRS, ("meetings.correction",)),
    Item(
        "certificates.index",
        _l("Attestations"),
        "patch-check",
        Permission.ISSUE_CERTIFICATES,
        (
            "certificates.show",
            "certificates.issue",
            "certificates.participation",
            "certificates.issue_hours",
            "certificates.revocation",
            "certificates.correction",
            "certificates.wordings",
            "certificates.edit_wording",
            "certificates.add_signatory",
            "certificates.own_seal",
            "certificates.batch_list",
            "certificates.new_batch",
            "certificates.batch",
            "certificates.batch_revocation",
        ),
    ),
    Item("team.index", _l("Équipe"), "person-gear", Permission.MANAGE_TEAM, ("team.new", "team.edit")),
    Item("partners.index", _l("Partenaires"), "plug", Permission.MANAGE_PARTNERS, ("partners.show", "partners.add_key")),
    Item(
        "tenants.settings",
        _l("Réglages"),
        "gear",
        Permission.SET_SPACE_UP,
        (
            "leads.offer",
            "people.gate_rules",
            "people.exceptions",
            "people.charter",
            "people.interview_grid",
            "pairs.pair_settings",
            "pairs.agreement_template",
            "meetings.meeting_rules",
            "followup.follow_up_rules",
        ),
    ),
)


_menus: dict[tuple[object, ...], Markup] = {}


def menu_of(member: Member) -> Markup:
    """The menu of a member of staff, written once for a space, its rights and the line that is open."""
    open_ones = (item for item in MENU if item.leads_to(request.endpoint) and member.can(item.permission))
    current = next((item.endpoint for item in open_ones), None)
    key = (g.slug, member.permissions, current, reads_french())
    if key not in _menus:
        items = [item for item in MENU if member.can(item.permission)]
        _menus[key] = Markup(render_template("components/navigation.html", items=items, current=current))  # noqa: S704
    return _menus[key]


def template_context() -> dict[str, Any]:
    """What every page knows: the space, who looks, the menu of staff. A page made of panels asks several times."""
    if not has_request_context():
        return {"demo": current_app.config["BINOME"].demo}
    key = (g.get("tenant"), current_user.get_id())
    if g.get("context_of") != key:
        g.context, g.context_of = page_context(), key
    return cast(dict[str, Any], g.context)


def page_context() -> dict[str, Any]:
    """The same, worked out."""
    member = current_member._get_current_object()  # type: ignore[attr-defined]
    return {
        "tenant": g.get("tenant"),
        "current_member": member,
        "in_staff_space": member is not None and member.is_staff and g.get("slug") is not None,
        "several_spaces": current_user.is_authenticated and len({m.tenant_id for m in current_user.memberships}) > 1,
        "demo": current_app.config["BINOME"].demo,
    }


# The closed lists of a request, for every page that reads one aloud.
WORDS: dict[str, Any] = {
    "needs": words.NEEDS,
    "needs_short": words.NEEDS_SHORT,
    "situations": words.SITUATIONS,
    "statuses": words.STATUSES_SAID,
    "axes": words.AXES,
    "publics": words.PUBLICS_SAID,
    "places": words.PLACES,
    "slots": words.SLOTS,
    "days": words.DAYS,
    "parts": words.PARTS,
    "said_slots": words.said_slots,
    "levels": words.LEVELS,
    "diplomas": words.DIPLOMAS,
    "languages": words.LANGUAGES,
    "gender_wishes": words.GENDER_WISHES,
    "said_reason": words.said_reason,
    "sources": words.SOURCES,
    "waiting_reasons": words.WAITING_REASONS,
    "waiting_said": words.WAITING_SAID,
    "obstacles": words.OBSTACLES,
    "decline_reasons": words.GIVEN_BACK,
    "ends": words.ENDS,
    "contact_results": words.CONTACT_RESULTS,
    "audiences": training.AUDIENCES,
    "audiences_short": training.AUDIENCES_SHORT,
    "module_kinds": training.MODULE_KINDS,
    "pair_states": pairs.STATE_OF_ONE,
    "pair_tones": pairs.TONES,
}


def init_app(app: Flask) -> None:
    """Give templates their context."""
    app.context_processor(template_context)
    app.jinja_env.globals.update(WORDS, menu_of=menu_of)
