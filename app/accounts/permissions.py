"""Who may do what: the matrix, as data. Every right in Binôme stands on this page."""

from enum import StrEnum
from functools import cache
from typing import Final


class Role(StrEnum):
    """What somebody is in one space. `operator` belongs to the programme, the others to associations."""

    OPERATOR = "operator"
    ADMIN = "admin"
    COORDINATOR = "coordinator"
    MENTOR = "mentor"
    JEUNE = "jeune"


class Permission(StrEnum):
    """One thing that can be done, or seen, in a space."""

    SEE_SPACE = "see_space"
    # the programme
    ORIENT_LEADS = "orient_leads"
    SEE_ASSOCIATIONS = "see_associations"
    SET_RULES = "set_rules"
    OFFER_MODELS = "offer_models"
    # the programme's staff and the association's
    MANAGE_TEAM = "manage_team"
    IMPORT_LEADS = "import_leads"
    MANAGE_PARTNERS = "manage_partners"
    WRITE_COURSES = "write_courses"
    # the association's staff
    ANSWER_LEADS = "answer_leads"
    FOLLOW_PEOPLE = "follow_people"
    READ_SENSITIVE_FACTS = "read_sensitive_facts"
    RUN_TRAINING = "run_training"
    FOLLOW_PAIRS = "follow_pairs"
    ISSUE_CERTIFICATES = "issue_certificates"
    SET_SPACE_UP = "set_space_up"
    ANSWER_RIGHTS = "answer_rights"
    # mentor and jeune, about what is theirs
    FOLLOW_TRAINING = "follow_training"
    SEE_OWN_MEETINGS = "see_own_meetings"
    PLAN_OWN_MEETINGS = "plan_own_meetings"
    ANSWER_OWN_MEETINGS = "answer_own_meetings"
    WRITE_TO_TEAM = "write_to_team"
    SEE_OWN_CERTIFICATES = "see_own_certificates"


_COORDINATOR: Final = frozenset({
    Permission.SEE_SPACE,
    Permission.ANSWER_LEADS,
    Permission.IMPORT_LEADS,
    Permission.FOLLOW_PEOPLE,
    Permission.READ_SENSITIVE_FACTS,
    Permission.RUN_TRAINING,
    Permission.WRITE_COURSES,
    Permission.FOLLOW_PAIRS,
    Permission.ISSUE_CERTIFICATES,
})  # fmt: skip

MATRIX: Final[dict[Role, frozenset[Permission]]] = {
    Role.OPERATOR: frozenset({
        Permission.SEE_SPACE,
        Permission.ORIENT_LEADS,
        Permission.IMPORT_LEADS,
        Permission.SEE_ASSOCIATIONS,
        Permission.SET_RULES,
        Permission.WRITE_COURSES,
        Permission.OFFER_MODELS,
        Permission.MANAGE_PARTNERS,
        Permission.MANAGE_TEAM,
    }),
    Role.COORDINATOR: _COORDINATOR,
    Role.ADMIN: _COORDINATOR
    | {Permission.SET_SPACE_UP, Permission.MANAGE_TEAM, Permission.MANAGE_PARTNERS, Permission.ANSWER_RIGHTS},
    Role.MENTOR: frozenset({
        Permission.SEE_SPACE,
        Permission.FOLLOW_TRAINING,
        Permission.SEE_OWN_MEETINGS,
        Permission.PLAN_OWN_MEETINGS,
        Permission.ANSWER_OWN_MEETINGS,
        Permission.WRITE_TO_TEAM,
        Permission.SEE_OWN_CERTIFICATES,
    }),
    Role.JEUNE: frozenset({
        Permission.SEE_SPACE,
        Permission.SEE_OWN_MEETINGS,
        Permission.ANSWER_OWN_MEETINGS,
        Permission.WRITE_TO_TEAM,
        Permission.SEE_OWN_CERTIFICATES,
    }),
}  # fmt: skip

STAFF_ROLES: Final = frozenset({Role.OPERATOR, Role.ADMIN, Role.COORDINATOR})


@cache
def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that these roles allow together."""
    return frozenset().union(*(MATRIX[role] for role in roles)) if roles else frozenset()
