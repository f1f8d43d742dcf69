"""A word of warning before a free text is sent: health, religion, justice, somebody else's data have no place in it.

Everything is looked at here, nothing leaves the site; a warning never blocks: the same text sent again goes, and a call for help is
not looked at.
"""

import re
from collections.abc import Collection, Sequence

from flask import flash
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, ValidationError

from app.territory.queries import plain
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

SUBJECTS = {
    "health": _l("la santé"),
    "religion": _l("la religion"),
    "justice": _l("la justice"),
    "others": _l("les coordonnées de quelqu'un d'autre"),
}
# Beginnings of words, without case or accents, or words in a row; INNOCENT ones are those that mean something else.
WORDS = {
    "health": """
        maladie malade diagnosti handicap depress deprim suicid scarifi psychiatr psycholog psychotherap medicament hopital
        hospitalis grossesse enceinte ivg cancer diabet epilep asthm allergi anorexi boulimi bipolair schizophren autis tdah tsa
        dyslexi dyspraxi addict drogue alcooli toxicoman seropositi mdph
    """,
    "religion": """
        religion religieux musulman catholique chretien protestant juif juive judaism islam bouddhis hindou athee coran bible
        mosquee eglise synagogue ramadan
    """,
    "justice": """
        justice tribuna condamn prison judiciaire delinquan plainte police gendarm avocat incarcer proces juge_des juge_d juge_aux
        mis_en_examen mise_en_examen garde_a_vue
    """,
}
INNOCENT = """
    enceinte_bluetooth enceinte_acoustique enceintes_bluetooth droguerie police_d_ecriture police_de_caracteres ecole_de_police
    concours_de_police concours_de_gendarme devenir_policier devenir_gendarme devenir_avocat devenir_avocate metier_d_avocat
    diagnostic_auto diagnostic_automobile stage_hopital stage_a_l_hopital proces_verbal
    process processus corantin
"""
OTHERS = re.compile(
    r"[^\s@]+@[^\s@]+\.[a-z]{2,}"
    r"|(?:(?:\+|\b00\s?)(?:33|262|590|594|596|508|687|689)\s*(?:\(0\)\s*)?|\b0)[1-9](?:[\s.-]?\d{2}){4}\b",
    re.IGNORECASE,
)
# Of a note that somebody must read today, whoever wrote it; for us and for PostgreSQL, which have these signs in common.
ALARMING = (
    "suicid|scarif|automutil|se mutil|id[ée]es? noires|envie de mourir|(veut|voudrait|voulait|veux) mourir|se faire du mal"
    r"|frapp[ée]|battue? par|violen[ct]|viol(er|eurs?|[ée]e?s?)?(\W|$)"
    "|agress|attouch|harc[eè]l|maltrait|fugu[ée]|fugue|prostitu|en danger"
    "|peur de rentrer|dort dehors|menac"
)
WAYS = (  # a number, an address, a link
    r"(?:\+\d{1,3}[ .-]?|\b00\d\d[ .-]?|\b0)[1-9](?:[ .-]?\d\d){4}\b|\b0[ .-]?[1-9](?:[ .-]?\d){8}\b"
    r"|\S@\w|\S ?[(\[]at[)\]] ?\w|(?<!\w)@\w{3}|https?://|\bwww\.|\b(?:t|wa|ig|fb|m|line)\.me\b"
)
ACCOUNTS = r"\b(?:insta(?:gram)?|snap(?:chat)?|whats ?app|tik ?tok|telegram|discord|messenger|facebook|skype|viber|be ?real)\b"
CONTACT, REACH = re.compile(f"{WAYS}|{ACCOUNTS}", re.IGNORECASE), re.compile(WAYS, re.IGNORECASE)
DATES = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{4}\b")  # not the beginning of a telephone number


def is_found(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a text has it, once its dates, which look like telephone numbers, are left out."""
    return bool(pattern.search(DATES.sub(" ", text)))


def is_alarming(*texts: str | None) -> bool:
    """Whether a text speaks of what somebody must hear of today: a life, a body, a threat."""
    return any(re.search(ALARMING, text, re.IGNORECASE) for text in texts if text)


def flash_danger(*texts: str | None, then: str = "") -> None:
    """Say to whoever wrote it, when a word alarms, what goes faster than a word."""
    if is_alarming(*texts):
        numbers = _("Quelqu'un est en danger ? N'attendez pas de réponse. Danger immédiat : le 15 ou le 17. Idées de suicide : le "
                    "3114. Enfant en danger : le 119.")  # fmt: skip
        flash(f"{numbers} {then}".strip(), "warning")


def gives_contact(text: str) -> bool:
    """Whether a text gives a way to reach somebody: a number, an address, an account, a link."""
    return is_found(CONTACT, text)


def check_contact(_form: FlaskForm, field: Field) -> None:
    """A word of one of a pair to the other gives no way to reach them out of everybody's sight. Raises ValidationError."""
    if gives_contact(field.data or ""):
        raise ValidationError(_("Pas de numéro, d'adresse e-mail, de lien ni de compte personnel ici : l'association transmet."))


def check_reach(_form: FlaskForm, field: Field) -> None:
    """What somebody says of themselves is shown to the other before both said yes. Raises ValidationError.

    The name of a network is a skill as often as an account: where it is shown, `gives_contact` leaves the text out.
    """
    if is_found(REACH, field.data or ""):
        raise ValidationError(_("Ni numéro, ni adresse e-mail, ni lien ici : vos coordonnées se donnent à la dernière étape."))


def sensitive(text: str) -> list[str]:
    """What a text seems to touch, in the order of SUBJECTS; nothing when it touches none of them."""
    words = re.findall(r"[a-z0-9]+", plain(text))
    for phrase in INNOCENT.split():
        length = phrase.count("_") + 1
        for start in range(len(words) - length + 1):
            if "_".join(words[start : start + length]) == phrase:
                words[start : start + length] = [""] * length
    found = {subject for subject, listed in WORDS.items() if any(touches(words, start) for start in listed.split())}
    if is_found(OTHERS, text):
        found.add("others")
    return [subject for subject in SUBJECTS if subject in found]


def touches(words: Sequence[str], beginning: str) -> bool:
    """Whether a word begins so, or these words stand in a row."""
    if "_" not in beginning:
        return any(word.startswith(beginning) for word in words)
    length = beginning.count("_") + 1
    return any("_".join(words[at : at + length]) == beginning for at in range(len(words)))


class GuardedForm(FlaskForm):
    """A free text that is looked at before it is sent; sent again as it is, it goes."""

    anyway = BooleanField(_l("C'est nécessaire : j'envoie ce texte tel quel"))
    warned = False  # whether the box is offered

    def warn(self, field: Field, but: Collection[str] = ()) -> bool:
        """Whether the text should be read again first, for another reason than these; the field says why."""
        if self.anyway.data:
            return False
        found = [subject for subject in sensitive(field.data or "") if subject not in but]
        if found:
            subjects = ", ".join(str(SUBJECTS[subject]) for subject in found)
            self.warned = True
            field.errors = [
                _(
                    "Ce texte parle peut-être d'un sujet délicat : %(subjects)s. Si ce n'est pas nécessaire, enlevez ce passage.",
                    subjects=subjects,
                )
            ]
        return bool(found)
