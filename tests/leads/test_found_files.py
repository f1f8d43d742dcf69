"""Files as form programs, associations and schools save them: whose each column is, what each cell says, what is left."""

import io

import pytest
from openpyxl import Workbook

from app.leads import importing
from app.leads.importing import read_file
from app.leads.name_titles import of_two
from app.leads.tables import UnreadableFile
from app.leads.titles import guess

from .imported import row

HERS = "Ville;Code postal"
HERE = "Grenoble;38000"
PLAIN = f"Nom;Prénom;Date de naissance;Téléphone;E-mail;{HERS}"


def of(import_file, header, *lines):
    """The requests of a file, its remarks and its refusals in words."""
    report = import_file("\n".join([header, *lines]) + "\n")
    said = [" ".join(problem.cause.split()) for problem in report.remarks]
    return report.added, said, [" ".join(problem.cause.split()) for problem in report.refused]


@pytest.mark.parametrize(
    ("theirs", "first"),
    [
        ("Nom de votre enfant", "Prénom de votre enfant"), ("Nom élève", "Prénom élève"), ("Nom jeune", "Prénom jeune"),
        ("Nom du jeune accompagné", "Prénom du jeune accompagné"), ("Nom du jeune mineur", "Prénom du jeune mineur"),
        ("Nom de votre fils / fille", "Prénom de votre fils / fille"), ("Nom adhérent", "Prénom adhérent"),
        ("Nom participant", "Prénom participant"),
    ],
)  # fmt: skip
def test_what_a_title_says_of_the_jeune_goes_before_who_fills_the_form(that_week, import_file, theirs, first):
    header = f"Nom;Prénom;Téléphone;E-mail;{theirs};{first};Âge;{HERS}"
    [lead], _remarks, _refused = of(import_file, header, f"Zatraore;Fatou;0698765432;f@example.org;Diallo;Moussa;17;{HERE}")

    assert (lead.last_name, lead.first_name) == ("Diallo", "Moussa")
    assert "ne l'est pas. Vérifiez" in of_two(header.split(";"))[0].replace("\u00a0", " ")


def test_a_whole_name_of_the_jeune_goes_before_the_adults_two(that_week, import_file):
    header = f"Nom;Prénom;Nom et prénom de l'enfant;Âge;Téléphone;{HERS}"
    [lead], _remarks, _refused = of(import_file, header, f"Traore;Fatou;DIALLO Moussa;17;0698765432;{HERE}")

    assert (lead.last_name, lead.first_name) == ("DIALLO", "Moussa")


def test_a_question_that_a_form_program_numbered_is_the_question(that_week, import_file):
    header = f"ID;Heure de début;Heure de fin;Adresse de messagerie;Nom;Nom2;Prénom;Âge;Téléphone;{HERS}"
    line = f"1;10/11/2026 10:00:00;10/11/2026 10:04:00;c@lycee.example.org;Claire Martin;Diallo;Moussa;17;0612345001;{HERE}"
    [lead], _remarks, _refused = of(import_file, header, line)

    assert (lead.last_name, lead.first_name, lead.phone) == ("Diallo", "Moussa", "+33612345001")


def test_a_title_that_is_there_twice_is_the_one_after_the_jeunes_name(that_week, import_file):
    header = f"Nom du parent;Prénom;Téléphone du parent;Nom du jeune;Prénom;Âge;Téléphone;E-mail;{HERS}"
    [lead], _remarks, _refused = of(
        import_file, header, f"Traore;Fatou;0698765432;Diallo;Moussa;17;0612345002;m@example.org;{HERE}"
    )

    assert (lead.last_name, lead.first_name, lead.guardian_phone) == ("Diallo", "Moussa", "+33698765432")


@pytest.mark.parametrize(
    ("columns", "cells", "name"),
    [
        ("Représentant légal;Nom du représentant légal;Mail du parent", "Mère;Fatou Traoré;f@example.org", "Fatou Traoré"),
        ("Nom du responsable légal;Prénom du responsable légal;Tél du parent", "Traoré;Fatou;0698765432", "Fatou Traoré"),
        ("Prénom du parent;Nom du parent;Tél du parent", "Fatou;Traoré;0698765432", "Fatou Traoré"),
        ("Nom usage Resp. légal;Prénom Resp. légal;Tel Resp. légal", "Traoré;Fatou;0698765432", "Fatou Traoré"),
        ("Nom mère;Prénom mère;Tél mère;Mail mère", "Traoré;Fatou;0698765432;f@example.org", "Fatou Traoré"),
        ("Parent;Tél du parent", "Fatou Traoré - mère;0698765432", "Fatou Traoré"),
        ("Parent;Tél du parent", "Fatou Traoré / Ali Diallo;0698765432", "Fatou Traoré"),
        ("Parent;Tél du parent", "M./Mme Diallo;0698765432", "Diallo"),
        ("Parent;Tél du parent", "Fatou Traoré;mère 0698765432 / père 0711223344", "Fatou Traoré"),
        *((("Parent;Tél du parent", f"{word};0698765432", None)) for word in
          ("Mère", "Oui", "Informé", "idem", "Non renseigné", "Éducateur ASE")),
    ],
)  # fmt: skip
def test_who_represents_is_a_name(that_week, import_file, columns, cells, name):
    [lead], remarks, _refused = of(
        import_file, f"{PLAIN};{columns}", f"Diallo;Moussa;12/03/2011;0612345678;m@example.org;{HERE};{cells}"
    )

    assert lead.guardian_name == name
    if name is None:
        assert any("il manque le nom du parent" in said for said in remarks)


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Prénom;Nom complet", "Moussa;Zfdiallo Moussa", ("Zfdiallo", "Moussa")),
        ("Prénom;Nom complet", "Moussa;Moussa Ben Ali", ("Ben Ali", "Moussa")),
        ("Nom;Nom complet", "Ben Ali;Moussa Ben Ali", ("Ben Ali", "Moussa")),
        ("Nom et prénom", "NGUYEN Thi Lan ANH", ("NGUYEN", "Thi Lan ANH")),
        ("Nom;Prénom", "Mme DIALLO;Awa", ("DIALLO", "Awa")),
        ("Nom;Prénom", '"D&#039;Almeida";Awa', ("D'Almeida", "Awa")),
        ("Nom;Prénom", "LebÅ“uf;Awa", ("Lebœuf", "Awa")),
    ],
)
def test_names_are_read_as_they_are_kept(that_week, import_file, header, cells, name):
    [lead], _remarks, _refused = of(import_file, f"{header};Âge;Téléphone;{HERS}", f"{cells};17;0612345678;{HERE}")

    assert (lead.last_name, lead.first_name) == name


@pytest.mark.parametrize(("typed", "kept"), [("Zi (Sow)", "Zi"), ("DIALLO / SOW", "DIALLO")])
def test_what_is_left_of_a_name_is_said(that_week, import_file, typed, kept):
    [lead], remarks, _refused = of(import_file, f"Nom;Prénom;Âge;Téléphone;{HERS}", f"{typed};Awa;17;0612345678;{HERE}")

    assert lead.last_name == kept
    assert f"« {typed} » lu : {kept}." in remarks


@pytest.mark.parametrize("word", ["X", "NULL", "inconnu", "anonyme"])
def test_what_stands_for_no_name_is_refused(that_week, import_file, word):
    assert of(import_file, f"Nom;Prénom;Âge;Téléphone;{HERS}", f"{word};Awa;17;0612345678;{HERE}")[2] == [
        f"« {word} » n'est pas un nom."
    ]


def test_the_order_of_a_name_that_no_title_says_is_to_be_checked():
    [note] = of_two(["Identité", "Âge", "Téléphone", "Ville", "Code postal"])

    assert "le premier mot est lu comme le prénom" in note


@pytest.mark.parametrize(
    ("second", "count", "known"),
    [("05/09/2010", 2, 0), ("12/03/2009", 1, 1)],
    ids=["two people", "one"],
)
def test_two_dates_of_birth_are_two_people(that_week, import_file, second, count, known):
    """The residents of a home have its telephone, and may have one name."""
    header = f"Nom;Prénom;Date de naissance;Téléphone;{HERS}"
    lines = [f"Diallo;Mamadou;{day};0476000000;{HERE}" for day in ("12/03/2009", second)]
    report = import_file("\n".join([header, *lines]))
    again = import_file("\n".join([header, *reversed(lines)]))

    assert (len(report.added), report.known) == (count, known)
    assert (len(again.added), again.known) == (0, 2)


def test_two_ages_in_one_file_are_two_people_and_stay_so(that_week, import_file):
    header = f"Nom;Prénom;Âge;Téléphone;{HERS}"
    lines = ["Diallo;Mamadou;12;0476000000;Grenoble;38000", "Diallo;Mamadou;16;0476000000;Lyon;69001"]
    report, again = (import_file("\n".join([header, *lines])) for _time in range(2))

    assert [lead.age for lead in report.added] == [12, 16]
    assert (again.added, again.known) == ([], 2)


def test_a_row_that_was_corrected_says_what_is_not_taken(that_week, import_file):
    header, line = f"{PLAIN};Parent;Tél du parent", "Diallo;Moussa;12/03/2011;0612345678;m@example.org;{};{}"
    import_file("\n".join([header, line.format(HERE, ";")]))
    added, remarks, _refused = of(import_file, header, line.format("Lyon;69001", "Fatou Traoré;0698765432"))

    assert added == []
    assert remarks == [
        "déjà reçue, et cette ligne dit autre chose (la commune, le téléphone du parent) : corrigez sur la page de la demande."
    ]


@pytest.mark.parametrize(
    ("title", "cell", "said"),
    [
        ("J'accepte que mes données soient transmises", "Non", "Sans accord"), ("Consentement RGPD", "non", "Sans accord"),
        ("Consentement", "Non", "Sans accord"), ("Consentement RGPD", "Non, je refuse", "Sans accord"),
        ("J'accepte que mes données soient transmises", "Je n'accepte pas que l'on me contacte", "Sans accord"),
        *((title, "Non", "Sans accord") for title in (
            "Acceptes-tu que tes données soient transmises à une association ?", "Autorisation de transmission des données",
            "J'accepte que mes coordonnées soient transmises", "Es-tu d'accord pour que tes informations soient transmises ?",
            "Consentez-vous au traitement de vos données ?", "J'accepte la politique de confidentialité")),
        ("Consentement", "Pas d'accord", "Sans accord"), ("Consentement", "N", "Sans accord"),
        ("Je refuse que mes données soient transmises", "Oui", "Sans accord"),
        ("Je n'accepte pas la transmission de mes données", "Oui", "Sans accord"),
        ("Statut", "Annulée", "n'est pas prise"), ("Statut de la commande", "Annulé", "n'est pas prise"),
        ("État", "Abandonné par la famille", "n'est pas prise"), ("Je souhaite", "Devenir mentor", "n'est pas d'un jeune"),
        ("Je souhaite", "Devenir mentor bénévole", "n'est pas d'un jeune"),
        ("Vous êtes", "Un mentor bénévole", "n'est pas d'un jeune"),
        ("Profil", "Futur mentor", "n'est pas d'un jeune"),
        ("J'accepte le traitement de mes données (droit d'accès et d'opposition)", "Non", "Sans accord"),
        *(("Consentement", cell, "Sans accord") for cell in ("Non, je ne veux pas", "❌", "Pas du tout")),
        *((title, "Non", "Sans accord") for title in ("J'accepte d'être contacté", "Accord du jeune")),
        *(("Statut", cell, "n'est pas prise") for cell in ("Désistement", "Annulation demandée")),
    ],
)  # fmt: skip
def test_a_row_that_says_it_is_no_request_is_refused(that_week, import_file, title, cell, said):
    line = f"Diallo;Moussa;12/03/2011;0612345678;m@example.org;{HERE};{cell}"
    added, _remarks, [cause] = of(import_file, f"{PLAIN};{title}", line)

    assert added == []
    assert said in cause


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("J'accepte de recevoir la lettre", "Non"),
        ("Statut", "En attente"),
        ("Je souhaite", "un mentor"),
        ("Consentement RGPD", "Oui"),
        ("Consentement RGPD", "Non renseigné"),
        ("Consentement RGPD", ""),
        ("Consentement parental", "Non"),
        *((f"Consentement {what}", "Non") for what in ("photo", "WhatsApp", "vidéo", "sortie", "marketing")),
        ("Opposition RGPD", "Non"),
        ("Je n'accepte pas la transmission de mes données", "Non"),
        ("J'autorise l'association à utiliser mes données à des fins statistiques", "Non"),
        ("Acceptez-vous que nous transmettions vos données à la presse ?", "Non"),
        ("Je ne souhaite pas recevoir d'informations", "Oui"),
        ("Statut", "Refusé par un premier mentor, à replacer"),
        ("État", "Abandon scolaire"),
        ("J'accepte le traitement de mes données (droit d'accès et d'opposition)", "Oui"),
        ("Je consens au traitement de mes données. Vous pouvez vous opposer à tout moment.", "Oui"),
        ("Je ne m'oppose pas à la transmission de mes données", "Oui"),
        ("Profil", "mentoré"),
        ("Je souhaite", "être mentoré·e"),
        *((title, "Un mentor") for title in ("Profil recherché", "Vous êtes à la recherche de", "Vous êtes accompagné par")),
    ],
)
def test_other_answers_refuse_nobody(that_week, import_file, title, cell):
    line = f"Diallo;Moussa;12/03/2011;0612345678;m@example.org;{HERE};{cell}"

    assert len(of(import_file, f"{PLAIN};{title}", line)[0]) == 1


@pytest.mark.parametrize(
    ("columns", "day"),
    [("Horodateur;Date", "2026-11-20"), ("Date;Horodateur", "2026-11-20"), ("Date de la demande;Date", "2026-11-20")],
)
def test_a_title_that_says_more_than_date_is_the_date(that_week, import_file, columns, day):
    cells = ";".join("24/12/2026" if title == "Date" else "20/11/2026" for title in columns.split(";"))
    [lead], _remarks, _refused = of(
        import_file, f"{columns};{PLAIN}", f"{cells};Diallo;Moussa;12/03/2011;0612345678;m@example.org;{HERE}"
    )

    assert lead.requested_at.date().isoformat() in {day, "2026-11-19"}


def test_an_age_said_long_ago_has_grown(that_week, import_file):
    header = f"Date de création;Nom;Prénom;Âge;Téléphone;{HERS}"
    [lead], remarks, _refused = of(import_file, header, f"20/11/2023;Diallo;Moussa;19;0612345678;{HERE}")

    assert lead.age == 22
    assert "compté 22 ans aujourd'hui" in remarks[0]


def test_an_age_beside_any_old_date_is_kept_and_said(that_week, import_file):
    [lead], [said], _refused = of(
        import_file, f"Date;Nom;Prénom;Âge;Téléphone;{HERS}", f"20/11/2010;Diallo;Awa;17;0612345679;{HERE}"
    )

    assert lead.age == 17  # « Date » may be another date than that of the request
    assert said == "« 17 ans » gardé, à côté d'une date d'il y a 16 ans : vérifiez."


@pytest.mark.parametrize("title", ["Horodateur", "submitdate", "Date de création", "Inscrit le"])
@pytest.mark.parametrize(("at", "age", "kept"), [("01/11/2020", 13, None), ("01/11/2019", 7, 14), ("01/11/2010", 17, None)])
def test_an_age_grows_however_long_ago_a_request_was_made(that_week, import_file, title, at, age, kept):
    leads, _remarks, _refused = of(
        import_file, f"{title};Nom;Prénom;Âge;Téléphone;{HERS}", f"{at};Diallo;Awa;{age};0612345679;{HERE}"
    )

    assert [lead.age for lead in leads] == ([kept] if kept else [])


def test_whoever_may_have_come_of_age_since_is_not_guessed(that_week, import_file):
    header = f"Date d'inscription;Nom;Prénom;Âge;Téléphone;{HERS}"
    leads, _remarks, [refused] = of(import_file, header, f"12/09/2024;Voisin;Awa;17;0612345678;{HERE}")

    assert leads == []
    assert "mineur ou majeur aujourd'hui" in refused


def test_an_age_does_not_grow_past_a_parent_who_is_named(that_week, import_file):
    header = f"Date de création;Nom;Prénom;Âge;Téléphone;Représentant légal;Téléphone du représentant légal;{HERS}"
    row = f"20/11/2023;Diallo;Moussa;17;0612345678;Awa Diallo;0612345699;{HERE}"
    [lead], remarks, _refused = of(import_file, header, row)

    assert (lead.age, lead.guardian_name) == (17, "Awa Diallo")
    assert "gardé, puisqu'un parent est nommé" in " ".join(remarks)


@pytest.mark.parametrize(
    ("need", "codes", "is_said"),
    [
        ("n'est pas concerné par l'orientation", [], True), ("Parcours migratoire, besoin de parler", [], True),
        ("Projet de logement", [], True), ("Entretien avec la psychologue", [], True), ("En cours de diagnostic", [], True),
        ("Stage de foot", ["employment"], True), ("Aide aux devoirs", ["school"], False), ("Orientation", ["orientation"], False),
        ("Trouver un stage", ["employment"], False),
    ],
)  # fmt: skip
def test_a_need_that_is_not_sure_is_said(that_week, import_file, need, codes, is_said):
    line = f'Diallo;Moussa;12/03/2011;0612345678;m@example.org;{HERE};"{need}"'
    [lead], remarks, _refused = of(import_file, f"{PLAIN};Besoin", line)

    assert (lead.needs, bool(remarks)) == (codes, is_said)


@pytest.mark.parametrize(
    "typed",
    ["06 12 34 56 78 (WhatsApp)", "06 12 34 56 78 – 07 98 76 54 32", "0612345678-0798765432", "06 12 34 56 78 07 98 76 54 32",
     "06,12,34,56,78", "0612345678 poste 12", "Portable perso : 0612345678", "06 12 34 56 78 portable"],
)  # fmt: skip
def test_a_telephone_is_read_as_people_write_it(that_week, import_file, typed):
    [lead], _remarks, _refused = of(import_file, f"Nom;Prénom;Âge;Téléphone;{HERS}", f'Diallo;Moussa;17;"{typed}";{HERE}')

    assert lead.phone == "+33612345678"


@pytest.mark.parametrize("typed", ["0612345678 (mère)", "maman 0612345678", "0612345678 ne pas appeler (WhatsApp)"])
def test_but_not_somebody_elses(that_week, import_file, typed):
    assert of(import_file, f"Nom;Prénom;Âge;Téléphone;{HERS}", f'Diallo;Moussa;17;"{typed}";{HERE}')[0] == []


@pytest.mark.parametrize("typed", ["17 années", "17 a", "17 ans 3 mois", "17 ans et 3 mois", "17 (bientôt 18)"])
def test_an_age_is_read_as_people_write_it(that_week, import_file, typed):
    [lead], _remarks, _refused = of(import_file, f"Nom;Prénom;Âge;Téléphone;{HERS}", f"Diallo;Moussa;{typed};0612345678;{HERE}")

    assert lead.age == 17


@pytest.mark.parametrize("typed", ["03/03/2009 (17 ans)", "03/03/2009.", "03032009", "'03/03/2009"])
def test_a_date_of_birth_is_read_as_people_write_it(that_week, import_file, typed):
    [lead], _remarks, _refused = of(import_file, PLAIN, f"Diallo;Moussa;{typed};0612345678;m@example.org;{HERE}")

    assert lead.birth_date.isoformat() == "2009-03-03"


def test_an_age_serves_where_the_date_of_birth_cannot(that_week, import_file):
    line = f"Diallo;Moussa;2009;0612345678;m@example.org;{HERE};17"
    [lead], [said], _refused = of(import_file, f"{PLAIN};Âge", line)

    assert (lead.age, lead.birth_date) == (17, None)
    assert said == "« 2009 » laissé de côté : l'âge suffit."


@pytest.mark.parametrize("typed", ["38000 Grenoble", "38.000", "F-38000", "38 000", "FR-38000"])
def test_a_postal_code_is_read_whatever_stands_beside_it(that_week, import_file, typed):
    [lead], _remarks, _refused = of(import_file, PLAIN, f"Diallo;Moussa;12/03/2011;0612345678;m@example.org;Grenoble;{typed}")

    assert lead.commune_name == "Grenoble"


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        *((title, "38000 Grenoble") for title in ("Code postal et ville", "CP / Ville", "Code postal - Commune")),
        *(("Ville et code postal", cell) for cell in
          ("Grenoble 38000", "Grenoble (38000)", "GRENOBLE, 38 100", "38041 Grenoble Cedex 9", "Grenoble - 38000")),
    ],
)  # fmt: skip
def test_a_place_in_one_cell_is_read(that_week, import_file, title, cell):
    header = f"Nom|Prénom|Âge|Téléphone|{title}"
    [lead], _remarks, _refused = of(import_file, header, f"Diallo|Moussa|17|0612345678|{cell}")

    assert lead.commune_name == "Grenoble"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("N° de téléphone", "phone"), ("Téléphone mobile", "phone"), ("Numéro de téléphone portable", "phone"),
        ("E-mail (facultatif)", "email"), ("Votre e-mail", "email"), ("Adresse courriel", "email"), ("GSM", "phone"),
        ("Date de naissance (JJ/MM/AAAA)", "birth_date"), ("DDN", "birth_date"), ("Birthdate", "birth_date"),
        ("Nom d'usage", "last_name"), ("Prénom d'usage", "first_name"), ("Ville / Commune", "city"), ("Mailing City", "city"),
        ("Code postal de domicile", "postal_code"), ("Tél. (mère)", "guardian_phone"), ("Quel âge as-tu ?", "age"),
        ("Quand es-tu né(e) ?", "birth_date"), ("Dans quelle ville habitez-vous ?", "city"), ("1. Nom", "last_name"),
        ("Sur quel téléphone peut-on te joindre ?", "phone"), ("Indiquez votre adresse mail", "email"),
        ("Q02 - Prénom", "first_name"),
        ("Téléphone 1", "phone"), ("3) Quelle est ta date de naissance ?", "birth_date"), ("E-mail principal", "email"),
        ("Nom du représentant légal (si mineur)", "guardian_name"), ("Tél resp. légal 1", "guardian_phone"),
        ("Téléphone d'un parent, si moins de 18 ans", "guardian_phone"), ("Mail du parent de l'élève", "guardian_email"),
        ("Téléphone d'un parent si vous êtes mineur·e", "guardian_phone"), ("Tél parent enfant", "guardian_phone"),
        ("Nom du titulaire de l'autorité parentale", "guardian_name"), ("12. Téléphone d'un de tes parents", "guardian_phone"),
    ],
)  # fmt: skip
def test_a_title_is_known_by_its_words(title, name):
    assert guess(["Rien", title])[name] == 1


@pytest.mark.parametrize(
    "title",
    [
        "Nom de l'établissement", "Ville de naissance", "Code du dossier", "Date de l'entretien", "Mail envoyé",
        "Téléphone du lycée", "As-tu un téléphone ?", "Dans quelle ville es-tu scolarisé ?", "Dans quelle ville es-tu né(e) ?",
        "Téléphone 2", "Autorité parentale", "Nom du jeune et de son parent", "Êtes-vous mineur ?", "18 - 25 ans",
    ],
)  # fmt: skip
def test_a_title_that_says_something_else_is_not(title):
    assert guess(["Rien", title]) == {}


@pytest.mark.parametrize(
    "content",
    [b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"x;y\n" * 20, b"%PDF-1.7\na;b\n", b"BEGIN:VCARD\nN:x\n", b"ID;PWXL\nB;Y2;X2\n"],
)
def test_what_is_no_table_is_said_to_be_none(content):
    with pytest.raises(UnreadableFile, match="n'est pas un tableau"):
        read_file(content)


def test_a_table_whose_lines_are_quoted_whole_is_read(that_week, import_file):
    lines = row().splitlines()

    assert len(import_file("\n".join('"' + line.replace('"', '""') + '"' for line in lines)).added) == 1


def book(change):
    """A workbook of two people, changed."""
    made = Workbook()
    sheet = made.active
    for cells in ("Nom;Prénom;Âge;Téléphone;Ville;Code postal", "A;Léa;17;0612345678;Lyon;69001", "B;Zoé;15;0612345679;Lyon;69001"):
        sheet.append(cells.split(";"))
    for _line in range(8):
        sheet.append(["C", "Tom", "16", "0612345670", "Lyon", "69001"])
    change(sheet)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def hide(sheet):
    sheet.column_dimensions["D"].hidden = True


@pytest.mark.parametrize(
    ("change", "said"),
    [(hide, "Des colonnes de ce classeur sont masquées"),
     (lambda sheet: sheet.merge_cells("D8:D9"), "fusionnées sur plusieurs lignes"),
     (lambda sheet: sheet.merge_cells("A1:B1"), None)],
    ids=["hidden", "merged", "a title"],
)  # fmt: skip
def test_what_of_a_workbook_may_mislead_is_said(change, said):
    notes = read_file(book(change))[2]

    assert [said in note for note in notes] == ([True] if said else [])


def test_a_table_whose_first_title_is_id_is_read():
    assert read_file(b"ID;Pr\xc3\xa9nom;Nom;T\xc3\xa9l\xc3\xa9phone\n1;Awa;Diallo;0612345678\n")


def test_a_young_parents_child_is_not_who_is_mentored():
    header = ["Nom", "Prénom", "Âge", "Prénom de l'enfant", "Âge de l'enfant", "Téléphone"]

    assert {name: header[place] for name, place in guess(header).items()} == {
        "last_name": "Nom", "first_name": "Prénom", "age": "Âge", "phone": "Téléphone",
    }  # fmt: skip


def test_in_a_file_of_mentors_their_jeune_is_not_read():
    header = ["Nom du mentor", "Prénom du mentor", "Téléphone", "Nom du jeune", "Prénom du jeune", "Téléphone du jeune"]

    read = guess(header, of_mentors=True)

    assert {name: header[read[name]] for name in ("last_name", "first_name", "phone")} == {
        "last_name": "Nom du mentor", "first_name": "Prénom du mentor", "phone": "Téléphone",
    }  # fmt: skip


def test_a_telephone_among_the_columns_of_a_professional_is_theirs():
    before = ["Référent", "Téléphone", "E-mail", "Nom", "Prénom"]

    assert {"phone", "email"}.isdisjoint(guess(before))
    assert guess([*before, "Téléphone"])["phone"] == 5
    assert guess(["Téléphone", "Nom", "Prénom", "Référent", "Téléphone"])["phone"] == 0
    assert guess(["Structure", "Date", "Nom", "Prénom"])["requested_at"] == 1


def test_your_telephone_is_of_whoever_fills_the_form():
    header = ["Votre nom", "Votre téléphone", "Nom du jeune", "Prénom du jeune", "Téléphone du jeune"]

    assert header[guess(header)["phone"]] == "Téléphone du jeune"
    assert "phone" not in guess(header[:4])


@pytest.mark.parametrize("name", ["Null", "Vide", "None"])
def test_somebodys_name_is_a_name(name, that_week, import_file):
    [lead], _remarks, _refused = of(import_file, f"Nom;Prénom;Âge;Téléphone;{HERS}", f"{name};Awa;19;0612345678;{HERE}")

    assert lead.last_name == name


def test_two_names_in_one_cell_are_nobodys(that_week, import_file):
    leads, _remarks, refused = of(import_file, f"Nom et prénom;Âge;Téléphone;{HERS}", f"Awa Diallo / Lina Sow;19;0612345678;{HERE}")

    assert (leads, len(refused)) == ([], 1)


def test_a_line_that_comes_again_a_hundred_thousand_times_is_looked_at_once(monkeypatch):
    asked = []
    importing.names_columns.cache_clear()
    monkeypatch.setattr(importing, "is_header", asked.append)
    rows = [(line, ["Nom", "Prénom", "Ville"] if line % 2 else ["a", "b"]) for line in range(50_000)]

    assert len(importing.without_titles(rows, ["Nom"])) == 50_000
    assert len(asked) == 1
    importing.names_columns.cache_clear()
