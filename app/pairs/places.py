"""Where two people meet, in a form: a kind of place, and a field for each, so that nobody is sent to the address of another."""

from flask_wtf import FlaskForm
from wtforms import Field, RadioField, ValidationError
from wtforms.validators import InputRequired

from app.accounts.queries import current_member
from app.fields import Line, as_link, check_link, is_call, options
from app.guard import check_contact
from app.leads.words import PLACES
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

TO_FIND = {"school", "association", "company"}  # where a child would not know where to go


def check_word(form: FlaskForm, field: Field) -> None:
    """What one of the two writes to the other goes by the association; its team may give its own number. Raises ValidationError."""
    if not current_member.is_staff:
        check_contact(form, field)


def check_where(form: FlaskForm, field: Field) -> None:
    """A link for a call, an address where one has to be found, as `check_link` says; nothing of a place that is not picked.

    An address gives no way to reach them out of everybody's sight. The association's own is right as it is, and is meant where
    none is typed. Raises ValidationError.
    """
    place, typed = form["place"].data, field.data or ""
    known = current_tenant.address if place == "association" else ""
    if field.name != f"where_{place}" or (known and typed in {"", known}):
        return
    check_link(form, field)
    if place in TO_FIND and not typed:
        raise ValidationError(_("Écrivez l'adresse : les deux doivent savoir où venir."))
    if place != "remote" and is_call(typed):
        raise ValidationError(_("C'est le lien d'une visio : choisissez « À distance », ou écrivez une adresse."))
    if place != "remote":
        check_word(form, field)


class PlaceForm(FlaskForm):
    """A kind of place, and where exactly: each kind has its own field, and the page shows that of the one that is picked."""

    place = RadioField(_l("Lieu"), choices=options(PLACES), validators=[InputRequired(_l("Choisissez un lieu."))])
    where_remote = Line(_l("Lien de la visio"), longest=300, validators=[check_where])
    where_home = Line(_l("Adresse du domicile (facultatif)"), longest=300, validators=[check_where])
    where_school = Line(_l("Nom et adresse de l'établissement"), longest=300, validators=[check_where])
    where_association = Line(_l("Adresse des locaux"), longest=300, validators=[check_where])
    where_company = Line(_l("Nom et adresse de l'entreprise"), longest=300, validators=[check_where])

    def wheres(self) -> dict[str, Field]:
        """The field of each kind of place."""
        return {place: self[name] for place in PLACES if (name := f"where_{place}") in self}

    def leave_wheres_out(self) -> None:
        """A jeune types no address; what is planned keeps its own."""
        for field in list(self.wheres().values()):
            del self[field.name]

    def show_place(self, place: str, where: str) -> None:
        """Begin with a place and its address; the association's premises are known."""
        self.place.data, fields = place, self.wheres()
        if "association" in fields:
            fields["association"].data = current_tenant.address
        if place in fields and where:
            fields[place].data = where

    @property
    def where(self) -> str:
        """The link or the address of the place that is picked; a link is given the beginning that was not typed."""
        field = self.wheres().get(self.place.data)
        typed = (field.data or "") if field is not None else ""
        return as_link(typed) if self.place.data == "remote" else typed
