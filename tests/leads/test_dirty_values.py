"""Values as other programs and other people write them: names in one cell, old communes, needs in words, stray quotes."""

import pytest

from app.leads.tables import UnreadableFile

from .imported import NB, problems, row, taken

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026


ONE_CELL = "Nom et prénom;Âge;Téléphone;Ville;Code postal"


@pytest.mark.parametrize(
    ("title", "written", "last", "first", "is_said"),
    [
        ("Nom et prénom", "VOISIN Chantal", "VOISIN", "Chantal", False),
        ("Prénom Nom", "Chantal Voisin", "Voisin", "Chantal", False),
        ("Nom Prénom", "Voisin Chantal", "Voisin", "Chantal", False),
        ("Nom complet", "Chantal VOISIN", "VOISIN", "Chantal", False),
        ("Nom et prénom", "Mme de LA TOUR Marie-Ange", "de LA TOUR", "Marie-Ange", True),
        ("Nom et prénom", "Voisin, Chantal Marie", "Voisin", "Chantal Marie", True),
        ("Prénom et nom", "Jean Le Goff", "Le Goff", "Jean", True),
        ("Nom et prénom", "Le Goff Jean", "Le Goff", "Jean", True),
        ("Prénom Nom", "chantal Voisin", "Voisin", "chantal", False),
        ("Prénom Nom", "Anne de Gaulle", "de Gaulle", "Anne", True),
        ("Prénom Nom", "Lucas van der Berg", "van der Berg", "Lucas", True),
        ("Nom complet", "Chantal Voisin", "Voisin", "Chantal", False),
        ("Full name", "Chantal Voisin", "Voisin", "Chantal", False),
        ("Nom Prénom", "DIALLO Mamadou dit Mamad", "DIALLO", "Mamadou dit Mamad", True),
        ("Nom Prénom", "M'Bappé Kylian", "M'Bappé", "Kylian", False),
        ("Nom Prénom", "M. Voisin Jean", "Voisin", "Jean", True),
    ],
)
def test_a_name_in_one_cell_is_parted(import_file, title, written, last, first, is_said):
    content = f'{ONE_CELL.replace("Nom et prénom", title)}\n"{written}";16;0612345678;Lyon;69001\n'
    lead, remarks = taken(import_file(content))

    assert (lead.last_name, lead.first_name) == (last, first)
    assert remarks == ([f"« {written} » lu : prénom {first}, nom {last}."] if is_said else [])


def test_a_name_of_one_word_is_refused_at_its_column(import_file):
    report = import_file(f"{ONE_CELL}\nVoisin;16;0612345678;Lyon;69001\n")

    assert problems(report.refused) == [(2, "Nom et prénom", "« Voisin » : il manque le prénom.")]


@pytest.mark.parametrize(
    ("city", "code", "commune", "is_said"),
    [
        ("Lyon 3ème arr.", "69003", "Lyon", True),
        ("LYON 03", "69003", "Lyon", True),
        ("69003 Lyon", "69003", "Lyon", True),
        ("Pont de Claix (Le)", "38800", "Le Pont-de-Claix", True),
        ("Annecy-le-Vieux", "74940", "Annecy", True),
        ("Cherbourg", "50100", "Cherbourg-en-Cotentin", False),
        ("Montreuil sous Bois", "93100", "Montreuil", False),
        ("Grenobel", "38000", "Grenoble", False),
        ("Grenoble Cedex 1", "38025", "Grenoble", True),
        ("Ajaccio", "20181", "Ajaccio", True),
        ("Château-Chinon (Ville)", "58120", "Château-Chinon (Ville)", True),
    ],
)
def test_a_commune_is_found_by_what_people_call_it(import_file, city, code, commune, is_said):
    lead, remarks = taken(import_file(row(city=city, code=code)))

    assert lead.commune_name == commune
    assert remarks == ([] if is_said else [f"« {city} » lu : {commune}."])


NO_COMMUNE = [
    ("Saint-Étienne", "42130"), ("Mérignac", "33350"), ("Villeurbanne", "69999999999"), ("Le", "38800"), ("Saint", "38400"),
    ("Lyon", "38025"), ("Grenoble", "99025"), ("Voiron", "38000"), ("75011", "75011"),
]  # fmt: skip


@pytest.mark.parametrize(("city", "code"), NO_COMMUNE)
def test_no_commune_is_made_up(import_file, city, code):
    assert [p.column for p in import_file(row(city=city, code=code)).refused] == ["Ville"]


def test_titles_of_a_form_are_known(import_file):
    titles = "Horodateur;Nom du jeune;Prénom du jeune;Date de naissance du jeune;Adresse électronique;Commune de résidence;CP"
    lead, _remarks = taken(import_file(f"{titles}\n2026/11/02 6:18:20 PM UTC+1;Voisin;Chantal;24/11/2010;c@example.org;Lyon;69001"))

    assert (lead.last_name, lead.age, lead.requested_at.isoformat()) == ("Voisin", 16, "2026-11-02T17:18:20+00:00")


def test_the_columns_of_the_jeune_come_before_those_of_who_fills_the_form(import_file):
    titles = "Nom;Prénom;Adresse de messagerie;Téléphone;Nom du jeune;Prénom du jeune;Mail du jeune;Téléphone du jeune;Âge;Ville;CP"
    row_ = "Dupond;Prof;prof@example.org;0611111111;Voisin;Chantal;c@example.org;0612345678;16;Lyon;69001"
    lead, _remarks = taken(import_file(f"{titles}\n{row_}"))

    assert (lead.full_name, lead.email, lead.phone) == ("Chantal Voisin", "c@example.org", "+33612345678")


@pytest.mark.parametrize("last", ["N´Diaye", "Jean\u2011Paul", "d‘Artagnan"])
def test_a_name_is_taken_with_the_signs_of_a_word_processor(import_file, last):
    assert [lead.last_name for lead in import_file(row(last=last)).added] == [last]


@pytest.mark.parametrize(
    ("typed", "needs"),
    [
        ("Soutien scolaire", ["school"]),
        ("Orientation / Parcoursup", ["orientation"]),
        ("recherche d'alternance; CV", ["employment"]),
        ("Difficultés à l'école, trouver un stage", ["school", "employment"]),
        ("Méthode de travail", ["school"]),
        ("", []),
    ],
)
def test_a_need_is_read_from_words(import_file, typed, needs):
    lead, remarks = taken(
        import_file(f'Nom;Prénom;Âge;Email;Ville;CP;Besoin\nVoisin;Chantal;19;c@example.org;Lyon;69001;"{typed}"')
    )

    assert lead.needs == needs
    assert (" lu : " in " ".join(remarks)) == (len(needs) > 1), "who reads several needs into words says so"


@pytest.mark.parametrize(
    ("title", "school", "age", "is_odd"),
    [("Classe", "CM2", "18", True), ("Classe / niveau", "6ème", "26", True), ("Niveau scolaire", "collège", "21", True),
     ("Classe", "6e", "12", False), ("Classe", "Terminale", "18", False), ("Niveau d'études", "3e année de licence", "21", False),
     ("Dernière classe suivie", "3e", "19", False), ("Niveau scolaire atteint", "3ème", "19", False),
     ("Scolarité", "a arrêté en 3e", "19", False), ("Scolarité", "Collège de droit", "19", False),
     ("Niveau d'anglais", "CE2", "19", False), ("Scolarité", "Collège de Vénissieux", "19", True)],
)  # fmt: skip
def test_an_adult_in_a_class_of_children_is_remarked(import_file, title, school, age, is_odd):
    content = row(age=age).replace("Code postal", f"Code postal;{title}").replace("69001", f"69001;{school}")
    _lead, remarks = taken(import_file(content))

    assert remarks == [f"« {school} » à {age} ans : vérifiez l'âge, c'est peut-être celui d'un parent."][: int(is_odd)]


@pytest.mark.parametrize(
    ("titles", "boxes", "needs", "unread"),
    [
        ("Besoin;Besoin: Soutien scolaire;Besoin: Orientation;Besoin: Emploi", ";X;;X", ["school", "employment"], []),
        (
            "G2[SQ001]. De quoi as-tu besoin ? [Scolarité];G2[SQ002]. De quoi as-tu besoin ? [Orientation]",
            "Non;Oui",
            ["orientation"],
            [],
        ),
        ("Besoins > Emploi;Besoins > Scolarité", "Emploi;", ["employment"], []),
        ("Précisez le besoin : scolarité ou emploi", "x", [], ["Précisez le besoin : scolarité ou emploi"]),
    ],
)
def test_the_boxes_of_a_question_on_needs_are_read(import_file, titles, boxes, needs, unread):
    report = import_file(row().replace("Code postal", f"Code postal;{titles}").replace("69001", f"69001;{boxes}"))

    assert ([lead.needs for lead in report.added], report.unread) == ([needs], unread)


def test_a_need_that_is_none_of_the_three_is_remarked(import_file):
    lead, remarks = taken(import_file("Nom;Prénom;Âge;Email;Ville;CP;Besoin\nVoisin;Chantal;19;c@example.org;Lyon;69001;Permis"))

    assert (lead.needs, remarks) == ([], ["« Permis » laissé de côté : scolarité, orientation ou emploi."])


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("Zoé de La Tour", "Zoé", "de La Tour"),
        ("Marie du Bois", "Marie", "du Bois"),
        ("de La Tour Zoé", "Zoé", "de La Tour"),
        ("Nguyen Van Anh", "Anh", "Nguyen Van"),
        ("Benali El Mehdi", "Mehdi", "Benali El"),
    ],
)
def test_no_last_name_ends_with_a_particle(import_file, typed, first, last):
    lead, _remarks = taken(import_file(f"{ONE_CELL}\n{typed};16;0612345678;Lyon;69001\n"))

    assert (lead.first_name, lead.last_name) == (first, last)


def test_a_byte_that_was_cut_spoils_its_letter_alone(import_file):
    content = "Nom;Prénom;Âge;Email;Ville;Code postal;Commentaire\nFenêt;Côme;17;c@example.org;Lyon;69001;abc ".encode() + b"\xc3\n"
    lead, _remarks = taken(import_file(content))

    assert (lead.first_name, lead.last_name, lead.message) == ("Côme", "Fenêt", "abc \N{REPLACEMENT CHARACTER}")


def test_what_steers_a_terminal_is_not_repeated(import_file):
    [problem] = import_file(row(city="Gren\033[2Joble")).refused

    assert "\033" not in problem.cause


@pytest.mark.parametrize(
    ("typed", "needs"),
    [
        ("Difficultés d'apprentissage", ["school"]), ("Troubles de l'apprentissage (dyslexie)", ["school"]),
        ("Gérer son emploi du temps", ["school"]), ("soutien psychologique", []), ("course à pied", []), ("bachata", []),
        ("Cours de maths", ["school"]), ("Passer le bac", ["school"]), ("Contrat d'apprentissage", ["employment"]),
        ("CV", ["employment"]), ("Un job d'été", ["employment"]),
    ],
)  # fmt: skip
def test_a_word_inside_another_is_no_need(import_file, typed, needs):
    [lead] = import_file(f'Nom;Prénom;Âge;Email;Ville;CP;Besoin\nVoisin;Chantal;19;c@example.org;Lyon;69001;"{typed}"').added

    assert lead.needs == needs


STRAY = """Nom;Prénom;Âge;E-mail;Ville;Code postal;Commentaire;Origine
Premier;Lia;19;a@example.org;Lyon;69003;{}"Je veux réussir;collège
Second;Tom;20;b@example.org;Lyon;69003;être aidé"{};lycée
Dernier;Zoé;20;c@example.org;Lyon;69003;ok;lycée"""


def test_nobody_is_swallowed_by_a_stray_quote(import_file):
    with pytest.raises(UnreadableFile, match="il manque un guillemet"):
        import_file(STRAY.format("", ""))


def test_what_is_really_in_several_lines_is_taken(import_file):
    told = "Bonjour,\nj'habite 69003 Lyon ; merci ; à bientôt"
    report = import_file(f'Nom;Prénom;Âge;E-mail;Ville;Code postal;Commentaire\nUn;Lia;19;a@example.org;Lyon;69003;"{told}"')

    assert [lead.message for lead in report.added] == [told]


def test_what_was_encoded_twice_is_read(import_file):
    names = "Voisin;Jérôme;19;j@example.org;Lyon;69001\nÉtienne;Côme;20;c@example.org;Saint-Étienne;42000"
    content = f"Nom;Prénom;Âge;E-mail;Ville;Code postal\n{names}".encode().decode("cp1252").encode()

    assert [lead.full_name for lead in import_file(content).added] == ["Jérôme Voisin", "Côme Étienne"]


def test_portuguese_letters_are_no_mistake(import_file):
    [lead] = import_file("Nom;Prénom;Âge;E-mail;Ville;Code postal\nSÃO JOÃO;Côme;20;c@example.org;Lyon;69001").added

    assert lead.last_name == "SÃO JOÃO"


@pytest.mark.parametrize("last", ["Lec½ur", "M²", "Josº"])
def test_what_a_wrong_charset_makes_of_a_letter_is_in_no_name(import_file, last):
    assert import_file(f"Nom;Prénom;Âge;E-mail;Ville;Code postal\n{last};Zoé;20;c@example.org;Lyon;69001").added == []


@pytest.mark.parametrize("whose", ["de l'élève", "de l'enfant", "du bénéficiaire", "de la mentorée"])
def test_the_jeune_is_known_by_other_words_and_two_names_are_said(import_file, whose):
    header = f"Nom;Prénom;Mail;Nom {whose};Prénom {whose};Âge;Ville;Code postal"
    report = import_file(f"{header}\nParent;Paula;p@example.org;Élève;Emma;19;Lyon;69003")

    assert [lead.full_name for lead in report.added] == ["Emma Élève"]
    [note] = report.notes
    assert f"« Nom {whose} » est lue" in note.replace(NB, " ")


def test_two_columns_of_one_name_are_said(import_file):
    report = import_file("Nom;Prénom;Nom;Prénom;Âge;E-mail;Ville;Code postal\nProf;Paul;Élève;Emma;19;e@example.org;Lyon;69003")

    assert len(report.notes) == 1


@pytest.mark.parametrize(("written", "age"), [("17.38", 17), ("17,5", 17), ("17 ans et demi", 17)])
def test_an_age_that_was_reckoned_is_in_whole_years(import_file, written, age):
    [lead] = import_file(f"Nom;Prénom;Âge;E-mail;Ville;Code postal\nUn;Zoé;{written};c@example.org;Lyon;69001").added

    assert lead.age == age


def test_a_number_that_a_spreadsheet_wrote_as_a_power_is_read(import_file):
    [lead] = import_file("Nom;Prénom;Âge;Téléphone;Ville;Code postal\nUn;Zoé;20;6.12345678E8;Lyon;69001").added

    assert lead.phone == "+33612345678"
