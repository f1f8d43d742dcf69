"""What the steps say when somebody fills them in for another person, who agrees: « vous » is then whoever types."""

from collections.abc import Mapping
from typing import Any

from app.translation import lazy_gettext as _l

from .forms import AgeStep, AxisStep, ContactStep, GuardianFields, MeetingStep, MentorAgeStep, SituationStep, Step, WishStep

SAID: Mapping[type[Any], Mapping[str, Any]] = {  # a step: its title, its hint and the labels of its fields
    SituationStep: {
        "title": _l("Où en est la personne aujourd'hui ?"),
        "situation": _l("Sa situation"),
        "level": _l("Sa classe ou son niveau (facultatif)"),
        "diploma": _l("Son dernier diplôme (facultatif)"),
    },
    AgeStep: {
        "title": _l("Son âge et sa commune"),
        "hint": _l("Pour trouver une association près de chez elle, qui accompagne à son âge."),
        "birth_date": _l("Sa date de naissance"),
        "commune": _l("Sa commune, ou son code postal"),
    },
    MentorAgeStep: {"hint": _l("On peut être mentor ou mentore dès le lycée, et à tout âge.")},
    AxisStep: {"title": _l("Qui souhaite-t-elle accompagner ?")},
    MeetingStep: {
        "title": _l("Comment souhaite-t-elle rencontrer l'autre personne ?"),
        "hint": _l("Choisissez tout ce qui lui convient."),
        "slots": _l("Quand est-elle disponible ?"),
    },
    WishStep: {
        "title": _l("Ses préférences"),
        "languages": _l("Les langues dans lesquelles elle est à l'aise"),
        "field_wish": _l("Un métier ou un domaine qui l'attire, ou qu'elle connaît"),
        "gender_wish": _l("Elle préfère échanger avec…"),
    },
    ContactStep: {
        "title": _l("Comment joindre la personne que vous aidez ?"),
        "hint": _l("Son adresse e-mail ou son téléphone suffit."),
        "first_name": _l("Son prénom"),
        "last_name": _l("Son nom"),
        "email": _l("Son adresse e-mail"),
        "phone": _l("Son téléphone"),
        "may_relay": _l("Si une association ne peut pas l'accueillir, proposer sa demande à une autre"),
    },
    GuardianFields: {
        "guardian_name": _l("Prénom et nom du parent, ou de qui la représente"),
        "guardian_contact": _l("Adresse e-mail ou téléphone de ce parent"),
    },
}


def speak_of_other(form: Step) -> None:
    """Say everything of somebody else."""
    for step, words in SAID.items():
        if isinstance(form, step):
            for name, said in words.items():
                if name in {"title", "hint"}:
                    setattr(form, name, said)
                elif name in form:
                    form[name].label.text = said
