"""Titles that stand on two rows, as in a table made by hand whose cells are merged."""

import pytest

from app.leads.sections import joined

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
ON_TWO_ROWS = [
    ("Nom;Prénom;Âge;Contact;;Adresse;", ";;;Téléphone;E-mail;Ville;Code postal",
     "Sow;Awa;17;0612345678;awa@example.org;Lyon;69003"),
    ("Nom;Prénom;Âge;Contact;;Ville;Code postal", ";;;Téléphone;E-mail;;", "Sow;Awa;17;0612345678;awa@example.org;Lyon;69003"),
    ("Nom;Prénom;Date de;Téléphone;Contact;Adresse;", ";;naissance;;E-mail;Ville;Code postal",
     "Sow;Awa;12/03/2009;0612345678;awa@example.org;Lyon;69003"),
    ("N°;Nom;Prénom;Naissance;;Coordonnées;;;", ";;;Date;Lieu;Mail;Portable;Commune;CP",
     "1;Sow;Awa;12/03/2009;Nantes;awa@example.org;0612345678;Lyon;69003"),
    ("Nom;Prénom;Âge;Établissement;;;Contact;;Ville;CP", ";;;Nom;Téléphone;Mail;Portable;Mail;;",
     "Sow;Awa;17;Lycée Branly;0472000000;branly@example.org;0612345678;awa@example.org;Lyon;69003"),
    ("Respondent ID;Collector ID;Email Address;First Name;Last Name;Custom Data 1;Vos coordonnées;;;;;;Date de naissance;Majeur ?;",
     ";;;;;;Nom;Prénom;Ville;Code postal;Téléphone;Adresse e-mail;Date;Response;Autre (veuillez préciser)",
     "1180;41;;;;;Sow;Awa;Lyon;69003;0612345678;awa@example.org;12/03/2009;Non;"),
    ("ID du répondant;ID du collecteur;Adresse e-mail;Prénom;Nom de famille;Vos coordonnées;;;;;;Quand es-tu né ?",
     ";;;;;Nom;Prénom;Ville;Code postal;Téléphone;E-mail;Date/heure",
     "1180;41;;;;Sow;Awa;Lyon;69003;0612345678;awa@example.org;12/03/2009"),
]  # fmt: skip


@pytest.mark.parametrize("table", ON_TWO_ROWS, ids=[upper for upper, _lower, _row in ON_TWO_ROWS])
def test_what_two_rows_say_together_is_read(import_file, table):
    report = import_file("\n".join(table))
    [lead] = report.added

    assert (lead.last_name, lead.first_name, lead.phone, lead.email, lead.commune_name) == (
        "Sow", "Awa", "+33612345678", "awa@example.org", "Lyon",
    )  # fmt: skip
    assert report.refused == []


@pytest.mark.parametrize("band", ["Responsable légal", "Contact de la mère", "Parent"])
def test_what_stands_under_the_parent_is_the_parents(import_file, band):
    titles = f"Nom;Prénom;Âge;{band};;;Ville;Code postal\n;;;Nom;Téléphone;E-mail;;"
    [lead] = import_file(f"{titles}\nSow;Awa;15;Fatou Sow;0612345678;fatou@example.org;Lyon;69003").added

    assert (lead.guardian_name, lead.guardian_phone, lead.guardian_email) == ("Fatou Sow", "+33612345678", "fatou@example.org")
    assert (lead.phone, lead.email) == (None, None)


@pytest.mark.parametrize("row", ["Sow;Awa;17;;awa@example.org;Lyon;69003", "Sow;Awa;;;;Lyon;", ";;;;;;"])
def test_somebody_below_the_titles_is_nobodys_title(row):
    assert joined(["Nom", "Prénom", "Âge", "Téléphone", "E-mail", "Ville", "Code postal"], row.split(";")) == []
