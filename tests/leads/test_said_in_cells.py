"""What a cell says beside the value that it holds: whose it is, that it serves no more, that the row is none."""

import io

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from app.leads.models import Lead
from app.leads.tables import UnreadableFile

TITLES = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal"
OF_PARENT = ";Nom du parent;Téléphone du parent;E-mail du parent"
pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
AWA = {"last": "Diallo", "first": "Awa", "age": "17", "phone": "", "email": "awa@example.org", "city": "Lyon", "code": "69003"}


@pytest.fixture
def read(import_file):
    """A file of one row, of whom these are the cells; more columns by their titles."""

    def send(titles="", more="", **cells):
        values = ['"{}"'.format(value.replace('"', '""')) for value in {**AWA, **cells}.values()]
        return import_file(f"{TITLES}{titles}\n{';'.join(values)}{more}")

    return send


def one(report):
    """The request of a file that has one, none refused."""
    assert report.refused == [], report.refused
    [lead] = report.added
    assert isinstance(lead, Lead)
    return lead


def causes(report):
    """Why rows are refused, or what is remarked."""
    return [problem.cause.replace("\xa0", " ") for problem in (*report.refused, *report.remarks)]


# Whose a number or an address is.


@pytest.mark.parametrize(
    "typed",
    ["06 12 34 56 78 - mère", "06 12 34 56 78, mère", "06 12 34 56 78 / maman", "06 12 34 56 78 ; CPE", "06 12 34 56 78 ou maman",
     "06 12 34 56 78\nmère", "mère / 06 12 34 56 78", "Mme Diallo, 06 12 34 56 78", "Parents\n06 12 34 56 78",
     "foyer - 04 78 00 00 00", "06 12 34 56 78 - Mme Martin (CPE)", "06 12 34 56 78 - ancien numéro",
     "06 12 34 56 78 - faux numéro",
     "06 12 34 56 78 - NE PAS APPELER"],
)  # fmt: skip
def test_a_number_said_to_be_somebody_elses_is_not_the_jeunes(read, typed):
    assert one(read(phone=typed)).phone is None
    assert read(phone=typed, email="", last="Sow").added == []


@pytest.mark.parametrize(
    ("typed", "phone"),
    [("06 12 34 56 78 - portable", "+33612345678"), ("06 12 34 56 78 / 07 12 34 56 78", "+33612345678"),
     ("06 12 34 56 78 / 07 12 34 56 79 (mère)", "+33612345678"), ("n'a pas, 06 12 34 56 78", "+33612345678"),
     ("jeune : 06 12 34 56 78", "+33612345678"), ("06 12 34 56 78 (jeune)", "+33612345678"), ("GSM 06 12 34 56 78", "+33612345678"),
     ("fixe 0478000000 / portable 0612345678", "+33478000000"), ("06 12 34 56 78 / WhatsApp", "+33612345678"),
     ("06 12 34 56 78 - pas d'e-mail", "+33612345678"), ("0612345678 (Awa) / 0698765433 (maman)", "+33612345678"),
     ("0698765433 (mère) / 0612345678 (jeune)", "+33612345678"), ("0698765433 / Awa : 0612345678", "+33612345678")],
)  # fmt: skip
def test_a_number_with_what_it_is_for_is_read(read, typed, phone):
    assert one(read(phone=typed)).phone == phone


@pytest.mark.parametrize(
    "typed",
    ["0698765432 - NE PAS APPELER", "0698765432, ne pas appeler", "0698765432\nNE PAS APPELER",
     "interdiction de contact - 0698765432",
     "0698765432 - interdit", "0698765432 / ancien numéro", "voisine, 0698765432", "père décédé, 0698765432"],
)  # fmt: skip
def test_a_parents_number_that_is_not_to_be_called_is_not_kept(read, typed):
    lead = one(read(OF_PARENT, f';Fatou Diallo;"{typed}";', age="15"))

    assert (lead.guardian_name, lead.guardian_phone) == (None, None)


@pytest.mark.parametrize("typed", ["0698765432 - mère", "0698765432 (mère)", "0698765432 - Mme Diallo", "mère : 0698765432"])
def test_a_parents_number_that_says_so_is_kept(read, typed):
    lead = one(read(OF_PARENT, f";Fatou Diallo;{typed};", age="15"))

    assert (lead.guardian_name, lead.guardian_phone) == ("Fatou Diallo", "+33698765432")


@pytest.mark.parametrize(
    "typed",
    ["Mme Traoré (mère) <f@example.org>", "CPE <cpe@example.org>", "Fatou, sa mère <f@example.org>", "ne plus utiliser <a@b.org>"],
)
def test_an_address_under_somebody_elses_name_is_not_the_jeunes(read, typed):
    assert read(email=typed).added == []


@pytest.mark.parametrize(
    ("typed", "email"),
    [("Awa Diallo <awa@example.org>", "awa@example.org"), ('"Awa" <awa@example.org>', "awa@example.org"),
     ("awa@example.org <awa@example.org>", "awa@example.org"), ("Mail : awa@example.org", "awa@example.org"),
     ("(awa@example.org)", "awa@example.org")],
)  # fmt: skip
def test_an_address_as_mail_programs_write_it_is_read(read, typed, email):
    assert one(read(email=typed)).email == email


@pytest.mark.parametrize(
    ("typed", "kept"), [("ne pas contacter <f@example.org>", None), ("Mme Diallo <f@example.org>", "f@example.org")]
)
def test_a_parents_address_is_read_with_the_name_beside_it(read, typed, kept):
    assert one(read(OF_PARENT, f";Fatou Diallo;;{typed}", age="15")).guardian_email == kept


@pytest.mark.parametrize(
    ("phone", "email"),
    [("awa@example.org", "0612345678"), ("", "awa@example.org / 0612345678"), ("0612345678 / awa@example.org", "")],
)
def test_a_telephone_and_an_address_in_the_wrong_cell_are_put_right(read, phone, email):
    lead = one(read(phone=phone, email=email))

    assert (lead.phone, lead.email) == ("+33612345678", "awa@example.org")


def test_a_slip_in_the_name_of_a_mailbox_is_remarked(read):
    report = read(OF_PARENT, ";Fatou Diallo;;f@gmial.com", age="15", email="awa@gmail.con")

    assert [cause for cause in causes(report) if "peut-être" in cause] == [
        "« awa@gmail.con » : peut-être awa@gmail.com, vérifiez.",
        "« f@gmial.com » : peut-être f@gmail.com, vérifiez.",
    ]


def test_an_address_in_capitals_is_the_same(import_file):
    rows = [f"Diallo;Awa;17;;{address};Lyon;69003" for address in ("awa@example.org", "AWA@Example.org")]

    report = import_file("\n".join([TITLES, *rows]))

    assert (len(report.added), report.known) == (1, 1)


# A row that is no request.


@pytest.mark.parametrize(
    "answer",
    ["refusée", "Consentement retiré", "A retiré son consentement", "Retrait du consentement", "retiré le 3/11", "Je m'oppose",
     "Opposé",
     "je ne veux pas", "Pas de consentement", "absence de consentement", "Le jeune ne souhaite pas", "Révoqué", "En désaccord",
     "Jamais",
     "surtout pas", "Décoché", "Declined"],
)  # fmt: skip
def test_no_is_said_in_many_words(read, answer):
    report = read(";Consentement RGPD", f";{answer}")

    assert report.added == []
    assert "Sans accord, la demande n'est pas prise." in causes(report)[0]


@pytest.mark.parametrize(
    "answer",
    ["Oui", "J'accepte", "J'ai compris que je peux retirer mon consentement à tout moment", "Je ne m'oppose pas",
     "oui sauf photo refusée",
     "OK", "x", "Accord donné", "non renseigné", "Accepte, ne souhaite pas la newsletter", ""],
)  # fmt: skip
def test_and_yes_too(read, answer):
    assert len(read(";Consentement RGPD", f";{answer}").added) == 1


@pytest.mark.parametrize(
    ("status", "is_taken"),
    [("Annulé (déménagement)", False), ("Annulé - déménagement", False), ("Annulé : a trouvé un mentor", False), ("a annulé",
     False),
     ("annulé par sa mère", False), ("s'est désisté", False), ("Décédé", False), ("Rejetée", False), ("Sans suite", False),
     ("Retirée", False), ("Ne souhaite plus", False), ("Désinscrit", False), ("doublon de la ligne 4", False), ("Supprimé", False),
     ("Spam", False), ("Brouillon", False), ("Déjà accompagné", False), ("Refusé par un premier mentor, à replacer", True),
     ("En attente", True), ("Déjà accompagné par la mission locale", True), ("", True)],
)  # fmt: skip
def test_a_status_that_ends_a_request_ends_it(read, status, is_taken):
    assert bool(read(";Statut", f";{status}").added) is is_taken


@pytest.mark.parametrize(("draft", "is_taken"), [("1", False), ("Oui", False), ("0", True), ("", True)])
def test_a_draft_is_no_request(read, draft, is_taken):
    assert bool(read(";Brouillon", f";{draft}").added) is is_taken


@pytest.mark.parametrize(
    ("title", "answer", "is_taken"),
    [("Type", "Mentor", False), ("Type", "bénévole mentor", False), ("Type", "Mentoré", True), ("Type", "Jeune", True),
     ("Type de profil", "Mentor", False), ("Mentor ou mentoré ?", "Mentor", False), ("Catégorie", "Bénévoles", False),
     ("Je suis", "un bénévole", False), ("Je suis", "Adulte souhaitant devenir mentor", False), ("Je suis", "lycéenne", True),
     ("Vous êtes", "Salarié mentor", False), ("Je souhaite", "J'aimerais devenir mentor", False),
     ("Je souhaite", "Accompagner un jeune", False), ("Je souhaite", "Avoir un mentor", True)],
)  # fmt: skip
def test_whoever_would_mentor_is_not_taken_for_a_jeune(read, title, answer, is_taken):
    assert bool(read(f";{title}", f";{answer}", age="27").added) is is_taken


@pytest.mark.parametrize(
    "last",
    ["Dupont (décédé)", "Dupont (annulé)", "Dupont (ne plus contacter)", "DUPONT (parti)", "Dupont (MENTOR)", "Dupont - ANNULÉ",
     "Dupont (plus intéressée)", "Dupont – parti à Paris", "Dupont (refus mère)", "Maman de Awa", "mère d'Awa", "N/A",
     "NC", "RAS", "Non renseigné", "XXXX", "TOTAL"],
)  # fmt: skip
def test_a_name_that_says_that_it_is_none_is_refused(read, last):
    assert read(last=last).added == []


@pytest.mark.parametrize(
    ("last", "kept"),
    [("Dupont (née Martin)", "Dupont"), ("M. et Mme DUPONT", "DUPONT"), ("Melle DUPONT", "DUPONT"), ("Parti", "Parti"), ("Null",
     "Null"),
     ("Test", "Test"), ("Ould", "Ould"), ("Dupont (fille de Fatou)", "Dupont"), ("Dupont (mère : Fatou)", "Dupont"),
     ("Papa", "Papa"), ("Papa Demba", "Papa Demba"), ("Sow - Diallo", "Sow - Diallo")],
)  # fmt: skip
def test_a_name_is_read_without_what_is_none_of_it(read, last, kept):
    assert one(read(last=last)).last_name == kept


@pytest.mark.parametrize("first", ["Léa et Tom", "Léa ou Tom", "jumeaux Léa et Tom", "Léa / Tom", "Léa - annulé"])
def test_two_people_in_one_cell_are_not_one(read, first):
    assert read(first=first).added == []


@pytest.mark.parametrize("left", ["#N/A", "#REF!", "#NOM?"])
def test_what_a_formula_that_failed_leaves_is_nothing(read, left):
    lead = one(read(phone=left, titles=";Message;Origine", more=f";{left};{left}"))

    assert (lead.phone, lead.message, lead.source) == (None, None, "fichier")


@pytest.mark.parametrize(("last", "first"), [("test", "Test"), ("ESSAI", "essai")])
def test_a_row_typed_to_see_is_refused(read, last, first):
    assert causes(read(last=last, first=first)) == [f"« {first} {last} » : cette ligne est un essai."]


@pytest.mark.parametrize(
    ("whole", "names"),
    [("Mme DIALLO", None), ("M. DIALLO", None), ("Mlle Diallo", None), ("L. DUPONT", ("L.", "DUPONT")),
     ("Melle DIALLO Awa", ("Awa", "DIALLO")), ("Léa DUPONT (née Martin)", ("Léa", "DUPONT")), ("Diallo Awa (MNA)", ("Awa",
     "Diallo")),
     ("1. DUPONT Léa", ("Léa", "DUPONT")), ("DIALLO Mamadou et Awa", None),
     ("Fatou SOW (mère d'Awa)", None),
     ("SOW Awa (fille de Fatou Sow)", ("Awa", "SOW")),
      ("DUPONT Léa - ANNULÉ", None), ("Diallo Awa", ("Awa",
     "Diallo"))],
)  # fmt: skip
def test_a_name_in_one_cell_is_parted(import_file, whole, names):
    report = import_file(f"{TITLES.replace('Nom;Prénom', 'Nom et prénom')}\n{whole};17;;awa@example.org;Lyon;69003")

    assert [(lead.first_name, lead.last_name) for lead in report.added] == ([names] if names else [])


@pytest.mark.parametrize(
    "typed",
    ["Voisin Marie - décédée", "N/A", "décédée", "sans", "x", "RAS", "NC", "majeur", "sans objet", "non concerné", "Lui-même",
     "moi",
     "pas de parents", "orphelin", "MNA", "mineur isolé", "voir fiche", "tutelle", "ASE du Rhône", "UDAF", "Directeur du foyer",
     "Les parents", "Nadia Voisin - éducatrice ASE", "Son copain Ali", "Coach Karim", "Voisine", "Sa sœur Nour", "une amie"],
)  # fmt: skip
def test_who_represents_is_somebody(read, typed):
    assert one(read(OF_PARENT, f";{typed};0698765432;", age="15")).guardian_name is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Mère : Nadia Voisin", "Nadia Voisin"), ("Karim Voisin, père", "Karim Voisin"),
     ("Nadia Voisin (mère)", "Nadia Voisin"), ("Lamy Nadia", "Lamy Nadia"),
     ("Nadia Voisin née Martin", "Nadia Voisin née Martin")],
)  # fmt: skip
def test_and_may_be_called_what_they_are(read, typed, name):
    assert one(read(OF_PARENT, f";{typed};0698765432;", age="15")).guardian_name == name


# Values.


@pytest.mark.parametrize(
    ("typed", "needs"),
    [("apprentissage du français", ["school"]), ("apprentissage des mathématiques", ["school"]), ("pas de soutien scolaire", []),
     ("Ne cherche pas de stage", []), ("Sans emploi", []), ("Scolarité : non, emploi : oui", ["employment"]),
     ("Emploi (pas scolarité)", ["employment"]), ("non scolaire", []), ("Aide en maths", ["school"]), ("maths", ["school"]),
     ("Soutien scolaire et orientation", ["school", "orientation"]), ("apprentissage", ["employment"])],
)  # fmt: skip
def test_a_need_is_not_read_as_its_contrary(read, typed, needs):
    assert one(read(";Besoin", f';"{typed}"')).needs == needs


@pytest.mark.parametrize(("city", "code"), [("", "69003 Lyon"), ("69003 Lyon", ""), ("Lyon (69003)", ""), ("Lyon", "69003 Lyon")])
def test_a_city_and_its_code_in_one_cell_are_read(read, city, code):
    assert one(read(city=city, code=code)).commune_code == "69123"


@pytest.mark.parametrize(
    ("born", "age", "read_as"),
    [("24/11/2026", "17", 17), ("01/01/1900", "17", 17), ("01/01/2027", "17", 17), ("01/01/1990", "36", None), ("", "2009", None)],
)
def test_a_date_that_cannot_be_leaves_the_age(import_file, born, age, read_as):
    titles = TITLES.replace("Âge", "Date de naissance;Âge")
    report = import_file(f"{titles}\nDiallo;Awa;{born};{age};;awa@example.org;Lyon;69003")

    assert [(lead.birth_date, lead.age) for lead in report.added] == ([(None, read_as)] if read_as else [])
    assert any(born[:4] in cause or age in cause for cause in causes(report))


@pytest.mark.parametrize(
    ("typed", "is_read"),
    [("né(e) le 3 mars 2009", True), ("né le : 03/03/2009", True), ("03/03/2009 à Lyon", True), ("17 ans (03/03/2009)", True),
     ("03/03/2009 - 17 ans", True), ("1 er mars 2009", True), ("2009 03 03", True), ("mardi 3 mars 2009", True),
     ("Tue Mar 03 2009 00:00:00 GMT+0100 (heure normale d'Europe centrale)", True), ("mère 03/03/1999", False),
     ("décédée 03/03/2019", False), ("vers 03/03/2009", False), ("arrivé 01/01/2009", False), ("03/03/2009 (à vérifier)", False),
     ("03/03/2009 à confirmer", False), ("x" * 5000, False)],
)  # fmt: skip
def test_a_date_with_words_around_it(import_file, typed, is_read):
    report = import_file(f"{TITLES.replace('Âge', 'Date de naissance')}\nDiallo;Awa;{typed};;awa@example.org;Lyon;69003")

    assert [lead.birth_date.month for lead in report.added] == [3] * is_read


# The file as a whole.


def test_titles_once_more_in_the_middle_are_no_row(import_file):
    rows = ["Diallo;Awa;17;0612345671;;Lyon;69003", TITLES, "Martin;Zoé;12;0612345672;;Lyon;69003"]

    report = import_file("\n".join([TITLES, *rows]))

    assert ([lead.first_name for lead in report.added], report.refused) == (["Awa", "Zoé"], [])


@pytest.mark.parametrize(
    "titles", ["Nom;Prénom;Âge;Téléphone du parent;E-mail du parent;Ville;Code postal", TITLES.replace("Nom;Prénom", "Prénom;Nom")]
)
def test_other_titles_in_the_middle_refuse_the_file(import_file, titles):
    rows = ["Diallo;Awa;17;0612345671;;Lyon;69003", titles, "Martin;Zoé;12;0698765432;f@example.org;Lyon;69003"]

    with pytest.raises(UnreadableFile, match="d'autres titres commencent un autre tableau"):
        import_file("\n".join([TITLES, *rows]))


def test_a_csv_with_a_space_after_each_separator_is_read(import_file):
    titles = ", ".join(f'"{title}"' for title in TITLES.split(";"))

    report = import_file(f'{titles}\n"Diallo", "Awa", "17", "", "awa@example.org", "Lyon", "69003"')

    assert one(report).first_name == "Awa"


def test_latin_9_is_read(import_file):
    report = import_file(f"{TITLES};Commentaire\nLebœuf;Awa;17;;awa@example.org;Lyon;69003;cœur 10 €".encode("iso8859-15"))

    assert (one(report).last_name, report.added[0].message) == ("Lebœuf", "cœur 10 €")


def book(change=lambda _sheet: None, **others):
    """A workbook of one request, changed; with other sheets."""
    made = Workbook()
    sheet = made.active
    for line in (TITLES, "LÃ©vy;Zoé;17;0612345679;;Lyon;69003"):
        sheet.append(line.split(";"))
    change(sheet)
    for title, lines in others.items():
        other = made.create_sheet(title)
        for line in lines:
            other.append(line.split(";"))
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def strike(sheet):
    sheet["A2"].font = Font(strike=True)


def comment(sheet):
    sheet["A2"].comment = Comment("ne plus contacter", "x")


@pytest.mark.parametrize(
    ("change", "said"), [(strike, ["sont barrées"]), (comment, ["portent un commentaire"]), (lambda _sheet: None, [])]
)
def test_what_a_workbook_shows_beside_its_cells_is_said(import_file, change, said):
    report = import_file(book(change))

    assert one(report).last_name == "Lévy", "broken accents are mended here too"
    assert len(report.notes) == len(said)
    assert all(words in note for words, note in zip(said, report.notes, strict=True))


@pytest.mark.parametrize(
    "places",
    [
        ["Nom;Adresse;Code postal;Ville;Téléphone", "Lycée A;1 rue B;69003;Lyon;0478000000"],
        ["Ville;Code postal;Téléphone", "Lyon;69003;12"],
    ],
)
def test_a_sheet_of_places_is_no_sheet_of_requests(import_file, places):
    report = import_file(book(Etablissements=places))

    assert one(report).first_name == "Zoé"
    assert [note.replace("\xa0", " ") for note in report.notes] == [
        "La feuille « Sheet » est lue. Ne le sont pas : « Etablissements »."
    ]


# Whose a number is, and who fills the form, in columns of their own.


@pytest.mark.parametrize(
    ("title", "said", "is_own"),
    [("À qui est ce téléphone ?", "À sa mère", False), ("À qui appartient le numéro ?", "parents", False),
     ("Propriétaire du téléphone", "CPE", False), ("Titulaire du portable", "tuteur", False),
     ("À qui est ce téléphone ?", "au jeune", True), ("À qui est ce numéro de téléphone ?", "Lui-même", True),
     ("À qui est ce téléphone ?", "la mère du jeune", False), ("À qui est ce téléphone ?", "personnel de la mère", False),
     ("À qui est ce téléphone ?", "Awa Diallo", True), ("À qui est ce téléphone ?", "mobile", True),
     ("Téléphone vérifié ?", "mère", True), ("À qui est ce téléphone ?", "", True)],
)  # fmt: skip
def test_a_column_says_whose_the_telephone_is(read, title, said, is_own):
    assert (one(read(f";{title}", f";{said}", phone="0612345678")).phone is not None) is is_own


@pytest.mark.parametrize(("said", "is_own"), [("maman", False), ("moi", True)])
def test_a_column_says_whose_the_address_is(read, said, is_own):
    lead = one(read(";À qui est cette adresse e-mail ?", f";{said}", phone="0612345678"))

    assert (lead.email is not None) is is_own


@pytest.mark.parametrize("title", ["Vous êtes", "1. Vous êtes :", "Votre profil", "Vous êtes (une seule réponse)", "Demande pour"])
@pytest.mark.parametrize(
    "said", ["Un parent", "Je suis la mère", "Éducatrice", "un professionnel de l'insertion", "Responsable légal"]
)
def test_who_fills_the_form_for_a_jeune_is_not_taken_for_them(import_file, title, said):
    plain = f"{TITLES};{title}\nDiallo;Awa;17;;awa@example.org;Lyon;69003;{said}"
    apart = plain.replace("Nom;Prénom", "Nom du jeune;Prénom du jeune")

    assert ["nommez la colonne" in cause for cause in causes(import_file(plain))] == [True]
    assert [lead.first_name for lead in import_file(apart).added] == ["Awa"]


@pytest.mark.parametrize(
    ("title", "said", "is_taken"),
    [("Êtes-vous le jeune concerné ?", "Non, je suis sa mère", False), ("Êtes-vous le jeune concerné ?", "Non", False),
     ("Êtes-vous le jeune concerné ?", "Oui", True), ("Es-tu la personne concernée ?", "non", False),
     ("Qui êtes-vous pour le jeune ?", "Sa mère", False), ("Qui êtes-vous pour le jeune ?", "Lui-même", True),
     ("Personne qui remplit le formulaire", "Sa mère", False), ("Personne qui remplit le formulaire", "Awa", True),
     ("Formulaire rempli par", "la mère", False), ("Formulaire rempli par", "le jeune", True),
     ("Demande faite par", "Mère", False), ("Demande faite par", "bénévole", True), ("Saisi par", "Claire", True),
     ("Vous êtes son/sa", "Mère", False)],
)  # fmt: skip
def test_a_question_of_who_fills_the_form_is_heard_in_other_words(import_file, title, said, is_taken):
    report = import_file(f"{TITLES};{title}\nDiallo;Awa;17;;awa@example.org;Lyon;69003;{said}")

    assert bool(report.added) is is_taken
    assert is_taken or "nommez la colonne" in causes(report)[0]


@pytest.mark.parametrize(
    "said", ["Famille contactée", "Profil complet", "Responsable légal informé", "Parents d'accord", "Professionnalisation"]
)
def test_a_status_that_speaks_of_others_says_nothing_of_who_fills_the_form(import_file, said):
    assert one(import_file(f"{TITLES};Statut\nDiallo;Awa;17;;awa@example.org;Lyon;69003;{said}")).first_name == "Awa"


def test_a_jeune_who_says_so_is_taken(import_file):
    assert one(import_file(f"{TITLES};Vous êtes\nDiallo;Awa;17;;awa@example.org;Lyon;69003;Un jeune")).first_name == "Awa"


@pytest.mark.parametrize("said", ["Père déchu", "pas le père", "sauf le père", "Père : non", "père décédé", "mère seule"])
def test_a_parent_who_is_ruled_out_is_not_the_guardian(import_file, said):
    titles = f"{TITLES};Nom mère;Tél mère;Nom père;Tél père;Autorité parentale"

    lead = one(
        import_file(f"{titles}\nDiallo;Awa;15;;awa@example.org;Lyon;69003;Fatou Diallo;0698765432;Ali Diallo;0698765431;{said}")
    )

    assert (lead.guardian_name, lead.guardian_phone) == ("Fatou Diallo", "+33698765432")


@pytest.mark.parametrize(
    ("said", "is_taken"),
    [("Je ne veux plus être contacté", False), ("Veuillez ne plus m'écrire", False), ("Ne plus jamais contacter", False),
     ("A demandé la suppression de ses données", False), ("Nous retirons notre demande", False),
     ("La jeune est décédée en octobre 2026", False), ("Sa mère est décédée", True),
     ("Son mentor s'est désisté, il en veut un autre", True), ("Ne pas contacter le matin, elle a cours", True),
     ("Il a retiré son inscription au lycée pour partir en CFA", True)],
)  # fmt: skip
def test_a_comment_that_asks_to_be_left_alone_is_heard_and_another_is_not(import_file, said, is_taken):
    report = import_file(f"{TITLES};Commentaire\nDiallo;Awa;17;;awa@example.org;Lyon;69003;{said}")

    assert bool(report.added) is is_taken


@pytest.mark.parametrize(
    "said", ["Refusé(e)", "Archivé·e", "A abandonné", "Classé sans suite", "A un mentor", "Binôme formé", "❌"]
)
def test_a_status_that_is_over_takes_nobody(import_file, said):
    assert import_file(f"{TITLES};Statut\nDiallo;Awa;17;;awa@example.org;Lyon;69003;{said}").added == []
