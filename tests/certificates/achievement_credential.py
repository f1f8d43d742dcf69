"""What an AchievementCredential must be: the rules of Open Badges 3.0 as a JSON schema.

Source: 1EdTech, Open Badges Specification 3.0, appendix B (data models) and § 8.2; W3C, Verifiable Credentials Data Model 2.0, § 4.
Only what the specification requires, and the members that Binôme writes.
"""

from jsonschema import Draft202012Validator, FormatChecker

URI = {"type": "string", "pattern": r"^(https?|urn|did|mailto):\S+$"}
TEXT = {"type": "string", "minLength": 1}
MOMENT = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
ACHIEVEMENT_TYPES = [
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge", "BachelorDegree",
    "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency", "Course", "CoCurricular", "Degree",
    "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment", "JourneymanCertificate", "LearningProgram", "License",
    "Membership", "ProfessionalDoctorate", "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential",
    "ResearchDoctorate", "SecondarySchoolDiploma",
]  # fmt: skip
IDENTIFIER_TYPES = [
    "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber", "isbn", "issn",
    "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId", "ltiToolId", "ltiPlatformId",
    "ltiUserId", "identifier",
]  # fmt: skip


def typed(*names):
    """The `type` of an object: a list with one of these names in it."""
    return {"type": "array", "minItems": 1, "items": {"type": "string"}, "contains": {"enum": list(names)}}


def an_object(required, **properties):
    return {"type": "object", "required": required.split(), "properties": properties}


def extensible(names):
    """One of a closed list, or an extension of it."""
    return {"anyOf": [{"enum": names}, {"type": "string", "pattern": r"^ext:[A-Za-z0-9._|-]+$"}]}


CRITERIA = an_object("", id=URI, narrative=TEXT) | {"minProperties": 1}
ACHIEVEMENT = an_object(
    "id type criteria description name",
    id=URI, type=typed("Achievement"), criteria=CRITERIA, description=TEXT, name=TEXT,
    achievementType=extensible(ACHIEVEMENT_TYPES), inLanguage={"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"},
)  # fmt: skip
IDENTITY = an_object(
    "type hashed identityHash identityType",
    type={"const": "IdentityObject"}, hashed={"type": "boolean"}, identityHash=TEXT, identityType=extensible(IDENTIFIER_TYPES),
)  # fmt: skip
SUBJECT = an_object(
    "type achievement",
    id=URI, type=typed("AchievementSubject"), achievement=ACHIEVEMENT, narrative=TEXT, activityStartDate=MOMENT,
    activityEndDate=MOMENT, identifier={"type": "array", "minItems": 1, "items": IDENTITY},
) | {"anyOf": [{"required": ["id"]}, {"required": ["identifier"]}]}  # fmt: skip
PROFILE = an_object("id type", id=URI, type=typed("Profile"), name=TEXT)
EVIDENCE = an_object("type", id=URI, type=typed("Evidence"), name=TEXT)
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
CREDENTIAL = an_object(
    "@context id type issuer validFrom credentialSubject",
    **{"@context": {"type": "array", "minItems": 2, "prefixItems": [{"const": each} for each in CONTEXTS]}},
    id=URI, issuer=PROFILE, validFrom=MOMENT, validUntil=MOMENT, credentialSubject=SUBJECT, name=TEXT,
    evidence={"type": "array", "items": EVIDENCE},
    type={"allOf": [typed("VerifiableCredential"), typed("AchievementCredential", "OpenBadgeCredential")]},
)  # fmt: skip

validator = Draft202012Validator(CREDENTIAL, format_checker=FormatChecker())


def faults(credential):
    """What a credential lacks or says wrongly: where, and what."""
    return sorted(f"{error.json_path}: {error.message}" for error in validator.iter_errors(credential))
