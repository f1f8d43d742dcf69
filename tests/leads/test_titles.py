"""Whole rows of titles, as programs and people write them: what each column holds, and whose it is."""

import pytest

from app.leads.importing import read_file
from app.leads.titles import guess

# Titles, separated by |; then what is read, by the place of its column, and what must not be.
HEADERS = [
    *(
        (f"Horodatage|Nom|Prénom|{birth}|Tél|Ville|{code}", "requested_at=0 birth_date=3 postal_code=6 city=5")
        for birth, code in (
            ("Date de naiss.", "C.P."),
            ("DATE NAISS", "Code Postale"),
            ("D.D.N.", "CodePostal"),
            ("DOB", "Postcode"),
            ("Dt naissance", "Code postal résidence principale"),
        )
    ),
    *(
        (f"{asked}|Nom usager|Prénom usager|Âge actuel|Tél usager|Libellé commune|CP", "requested_at=0 last_name=1 phone=4 city=5")
        for asked in (
            "Created date",
            "Created time",
            "Date création",
            "Date demande",
            "Date de dépôt",
            "Date de création de la demande",
        )
    ),
    (
        "Agent|Service|Téléphone|Mail|Nom de l'usager|Prénom de l'usager|Date de naissance|Tél usager|Lieu de résidence|CP",
        "last_name=4 first_name=5 phone=7 email=- city=8",
    ),
    ("Surname|First name|Age|Phone|City|ZIP", "last_name=0 first_name=1"),
    ("Name|Âge|Ville|Code postal|Tél", "full_name=0"),
    ("NOM|PRENOM|DATE NAISS|LIEU NAISS|CP NAISS|CP|VILLE|TEL", "birth_date=2 postal_code=5 city=6"),
    (
        "Prénom et nom|Téléphone|Mail|Prénom de votre enfant|Âge de votre enfant|Ville|Code postal",
        "first_name=3 age=4 full_name=- last_name=-",
    ),
    (
        "Horodateur|Votre nom|Votre prénom|Votre téléphone|Votre e-mail|Prénom de votre enfant|Âge de votre enfant|"
        "Ville|Code postal",
        "first_name=5 age=6 last_name=- phone=- email=-",
    ),
    (
        "Nom|Prénom|Téléphone|Mail|Prénom de l'enfant|Âge de l'enfant|Classe de l'enfant|Ville|Code postal",
        "first_name=4 age=5 last_name=-",
    ),
    (
        "Nom|Prénom|Fonction|Structure|Téléphone|Mail|Prénom du jeune|Âge du jeune|Commune du jeune|Code postal du jeune",
        "first_name=6 last_name=-",
    ),
    (
        "Horodateur|Adresse e-mail|Nom|Prénom|Classe|Date de naissance|Adresse mail de l'élève|"
        "Numéro de téléphone de l'élève|Ville|Code postal",
        "email=6 phone=7",
    ),
    ("Nom|Prénom|Âge|Téléphone|Mail|Téléphone de l'élève|Mail de l'élève|Ville|Code postal", "phone=5 email=6"),
    ("Nom|Prénom|Âge|Tél|Mail|Tél jeune|Mail jeune|Ville|Code postal", "phone=5 email=6"),
    ("Nom|Prénom|Classe|Né(e) le|Tél. famille|Téléphone|Portable élève|Ville|CP", "phone=6 birth_date=3"),
    (
        "Nom|Prénom|Date de naissance|Ville|Code postal|Nom et prénom d'un parent (si mineur)|Son téléphone|Son adresse mail",
        "phone=- email=- guardian_name=5 guardian_phone=6 guardian_email=7",
    ),
    (
        "Nom|Prénom|Date de naissance|Ville|Code postal|Nom du responsable légal|Prénom|Téléphone|E-mail",
        "phone=- email=- guardian_name=5 guardian_phone=7",
    ),
    (
        "Horodateur|Nom de famille|Prénom de l'enfant|Date de naissance|Nom et prénom de la mère|Téléphone|"
        "Nom et prénom du père|Téléphone|Ville|Code postal",
        "phone=- guardian_name=4 guardian_phone=5 last_name=1 first_name=2",
    ),
    ("Nom mentor|Prénom mentor|Téléphone|Mail|Nom mentoré|Prénom mentoré|Âge|Téléphone|Mail|Ville|CP", "phone=7 email=8"),
    ("Volontaire|Tél|Nom|Prénom|Âge|Tél|Ville|CP", "phone=5"),
    ("Nom du mentor|Téléphone|Mail|Nom du mentoré|Prénom du mentoré|Âge|Ville|CP", "phone=- email=-"),
    (
        "Nom de l'assistante sociale|Téléphone|E-mail|Nom du jeune|Prénom du jeune|Date de naissance|"
        "Téléphone du jeune|Ville|Code postal",
        "phone=6 email=-",
    ),
    ("Association|Contact|Téléphone|Mail|Nom|Prénom|Âge|Téléphone|Mail|Ville|CP", "phone=7 email=8"),
    (
        "Date|Nom du demandeur|Téléphone|Mail|Nom du jeune|Prénom du jeune|Date de naissance|Ville|Code postal",
        "phone=- email=- requested_at=0",
    ),
    (
        "Nom payeur|Prénom payeur|Email|Téléphone|Ville|Code postal|Nom adhérent|Prénom adhérent|Date de naissance",
        "phone=- email=- last_name=6",
    ),
    (
        "ID|Heure de début|Heure de fin|Adresse de messagerie|Nom|Ton nom|Ton prénom|Ton âge|Ton numéro de téléphone|"
        "Ton adresse mail|Ta ville|Ton code postal",
        "last_name=5 email=9",
    ),
    (
        "ID|Heure de début|Heure de fin|Adresse de messagerie|Nom|NOM et Prénom|Âge|Téléphone|Mail|Ville|Code postal",
        "last_name=- full_name=5 email=8",
    ),
    ("ID|Heure de début|Heure de fin|Adresse de messagerie|Nom|Nom2|Prénom|Âge|Téléphone|Ville|CP", "last_name=5 email=3"),
    ("ID|Heure de début|Heure de fin|Adresse de messagerie|Nom|Prénom|Âge|Téléphone|Ville|CP", "last_name=4"),
    (
        "Établissement|Nom du responsable|Téléphone du responsable|Mail du responsable|Nom du jeune|Prénom du jeune|"
        "Âge|Téléphone du jeune|Ville|Code postal",
        "guardian_name=- guardian_phone=- phone=7",
    ),
    ("Structure|Nom du représentant|Tél. du représentant|Nom|Prénom|Âge|Téléphone|Ville|CP", "guardian_name=- guardian_phone=-"),
    (
        "Établissement|CP|Ville|Nom|Prénom|Date de naissance|Téléphone|Code postal de résidence|Commune de résidence",
        "postal_code=7 city=8",
    ),
    ("Nom|Prénom|Né le|Portable|Ville de résidence|Code postal|Collège|Ville", "city=4 postal_code=5"),
    (
        "Établissement|Nom|Ville|Code postal|Téléphone|Nom de l'élève|Prénom de l'élève|Âge|Mail|Ville|Code postal",
        "city=9 postal_code=10 phone=-",
    ),
    (
        "Nom / Last name|Prénom / First name|Date de naissance / Date of birth|Téléphone / Phone|E-mail / Email|"
        "Ville / City|Code postal / Zip code",
        "last_name=0 first_name=1 birth_date=2 phone=3 email=4 city=5 postal_code=6",
    ),
    (
        "NOM\n(en majuscules)*|Prénom\n*|Date de naissance\n(JJ/MM/AAAA)|Téléphone\n(ex : 06 12 34 56 78)|"
        "Email\n(lisible svp)|Ville\n(ex : Grenoble)|Code postal\n(5 chiffres)",
        "last_name=0 phone=3 email=4 city=5 postal_code=6",
    ),
    (
        "1.1 Nom|1.2 Prénom|1.3 Date de naissance|1.4 Téléphone|1.5 Ville|1.6 Code postal|2.1 Nom du parent|2.2 Téléphone",
        "last_name=0 phone=3 guardian_name=6 guardian_phone=7",
    ),
    ("G01Q01. Nom|G01Q02. Prénom|G01Q03. Âge", "last_name=0 first_name=1 age=2"),
    (
        "Informations du jeune - Nom|Informations du jeune - Prénom|Jeune > Date de naissance|[Jeune] Téléphone",
        "last_name=0 first_name=1 birth_date=2 phone=3",
    ),
    (
        "Nom|Prénom|Âge|Tél|Ville|CP|Si mineur : nom du représentant légal|Si mineur : téléphone du représentant légal|"
        "Si tu es mineur(e), mail d'un parent",
        "guardian_name=6 guardian_phone=7 guardian_email=8",
    ),
    ("Nom|Prénom 1|Prénom 2|Né le", "first_name=1"),
    ("Nom du parent|Nom du jeune|Prénom|Téléphone", "phone=3"),
    (
        "Nom|Prénom|Âge|Téléphone|E-mail|Ville|CP|Nom du parent|Téléphone|E-mail",
        "phone=3 email=4 guardian_phone=8 guardian_email=9",
    ),
    ("Nom|Prénom|Téléphone du parent|E-mail|Ville", "email=3 guardian_phone=2"),
    ("Nom|Prénom|Âge|Ville|CP|Tél|Nom RL|Tél RL|Mail RL", "phone=5 guardian_name=6 guardian_phone=7 guardian_email=8"),
    (
        "Nom|Prénom|Date de naissance|Ville|CP|Mail|Nom usage Resp. légal|Prénom Resp. légal|"
        "Tel portable Resp. légal|Mel Resp. légal",
        "last_name=0 email=5 guardian_name=6 guardian_phone=8 guardian_email=9",
    ),
    ("Nom|Prénom|Mél|Nom de famille de la mère|Adresse électronique de la mère", "email=2 guardian_name=3 guardian_email=4"),
    ("Nom|Prénom|Mail|Naissance mère|Tél. mère|Adresse mère", "email=2 guardian_name=- guardian_phone=4 guardian_email=-"),
    ("Nom|Prénom|Tél|RL1 Nom|RL1 Prénom|RL1 Tél|RL2 Nom|RL2 Tél", "last_name=0 phone=2 guardian_name=3 guardian_phone=5"),
    ("NOM|PRENOM|TEL|NOM_RESP1|PRENOM_RESP1|TEL_RESP1|NOM_RESP2", "last_name=0 phone=2 guardian_name=3 guardian_phone=5"),
    ("Last name|First name|Phone|Parent name|Parent phone", "last_name=0 phone=2 guardian_name=3 guardian_phone=4"),
    (
        "Établissement|Classe|Nom|Prénom|Né(e) le|Nom responsable légal|Téléphone responsable légal",
        "guardian_name=5 guardian_phone=6",
    ),
    ("Nom|Prénom|Âge|Prénom de l'enfant|Âge de l'enfant|Téléphone", "first_name=1 age=2 phone=5"),
    ("Référent|Structure|Date de la demande|Nom|Prénom|Âge|Téléphone|Mail|Ville|CP", "phone=6 email=7 requested_at=2"),
    (
        "Nom|Prénom|Date de naissance|Vis-tu chez tes parents ?|Ton téléphone|Ton e-mail|Ta ville|Ton code postal",
        "phone=4 email=5",
    ),
    ("Nom|Prénom|Date de naissance|Nom du père|Nom de la mère|Téléphone|E-mail|Ville|Code postal", "phone=5 email=6"),
    ("Nom|Prénom|Date de naissance|Mère|Père|Téléphone|E-mail|Ville|Code postal", "phone=5 email=6"),
    (
        "Nom|Prénom|Date de naissance|Nom du parent|Prénom du parent|Téléphone|E-mail|Ville|Code postal",
        "phone=- guardian_phone=5 guardian_email=6",
    ),
    (
        "Nom|Prénom|Date de naissance|Nom du parent|Téléphone|E-mail|Téléphone du parent|Ville|Code postal",
        "phone=4 email=5 guardian_phone=6",
    ),
    ("Nom|Prénom|Âge|Parent|Téléphone|E-mail|Ville|Code postal|Téléphone parent", "phone=4 email=5 guardian_phone=8"),
    (
        "Nom|Prénom|Né(e) le|Ville|Code postal|Nom du parent|Prénom du parent|Tél domicile|Tél portable|Mail",
        "phone=- email=- guardian_name=5 guardian_phone=8 guardian_email=9",
    ),
    (
        "Nom|Prénom|Âge|Ville|CP|E-mail|Nom du père|Téléphone bureau|Mail",
        "email=5 guardian_name=6 guardian_phone=7 guardian_email=8",
    ),
    ("Nom|Prénom|Âge|Ville|CP|Nom responsable|Prénom responsable|Tél maison|Tél portable|Mail", "phone=- email=-"),
    (
        "Nom|Prénom|Âge|Téléphone|Ville|CP|Nom du père|Tél. du père|Nom de la mère|Tél. de la mère|Adresse mail",
        "phone=3 email=- guardian_name=6 guardian_phone=7 guardian_email=-",
    ),
    ("Nom|Prénom|Âge|Ville|CP|Nom du parent|Tél fixe du parent|Tél pro du parent", "guardian_name=5 guardian_phone=6"),
    *(
        (f"Nom|Prénom|Âge|Ville|CP|E-mail|{who}|Téléphone", "phone=- email=5")
        for who in (
            "Personne à prévenir|Lien",
            "Frère",
            "Grande sœur",
            "Tante",
            "Hébergé(e) chez",
            "Autorité parentale",
            "Grands-parents",
        )
    ),
    ("Nom|Prénom|Âge|Ville|CP|Tél domicile|Tél portable|Mail", "phone=6 email=7"),
    ("Nom|Prénom|Âge|Ville|CP|Portable|Personne à prévenir|Téléphone", "phone=5"),
    (
        "Horodateur|Comment as-tu connu l'association ?|Adresse e-mail|Nom|Prénom|Âge|Téléphone|Ville|Code postal",
        "email=2 phone=6",
    ),
    (
        "Horodateur|J'accepte d'être contacté par l'association|E-mail|Téléphone|Nom|Prénom|Âge|Ville|Code postal",
        "email=2 phone=3",
    ),
    ("Souhaites-tu un mentor ?|Téléphone|E-mail|Nom|Prénom|Âge|Ville|Code postal", "phone=1 email=2"),
    ("Type de contact|Téléphone|Nom|Prénom|Âge", "phone=1"),
    (
        "Horodateur|Qui remplit ce formulaire ? (jeune, parent, référent)|Adresse e-mail|Téléphone|Nom|Prénom|Âge|"
        "Ville|Code postal",
        "phone=3 email=2",
    ),
    ("Établissement|Classe|E-mail|Téléphone|Nom|Prénom|Date de naissance|Ville|Code postal", "phone=3 email=2"),
    ("N° adhérent|Association|E-mail|Nom|Prénom|Âge|Téléphone|Ville|CP", "email=2 phone=6"),
    ("École|Téléphone|Mail|Nom|Prénom|Âge|Téléphone|Mail|Ville|CP", "phone=6 email=7"),
    ("Nom|Prénom|Âge|Téléphone de contact|Mail de contact|Ville|CP", "phone=3 email=4"),
    ("Nom|Prénom|Âge|Adresse des parents|Code postal|Ville|Téléphone|Mail", "guardian_name=- phone=6 email=7"),
    (
        "Nom de l'élève|Prénom de l'élève|Votre âge|Votre téléphone|Votre mail|Votre ville|Votre code postal",
        "phone=3 email=4 age=2 city=5",
    ),
    (
        "First name|Last name|DOB|Mother's name|Mother's phone|Father's name|Father's phone|Email|City|Zip",
        "guardian_name=3 guardian_phone=4 email=- phone=-",
    ),
    ("Prénom du jeune|Nom du jeune|Âge du jeune|Numéro du jeune|Mail du jeune|Ville|Code postal", "phone=3 email=4"),
    ("Numéro du jeune|Nom du jeune|Prénom du jeune|Âge|Téléphone du jeune|Ville|Code postal", "phone=4"),
    ("Nom de votre enfant|Prénom de votre enfant|Âge de votre enfant|Votre téléphone|Ville|Code postal", "phone=-"),
    *(
        (f"Nom|Prénom|Date de naissance|{asked}|Téléphone|E-mail|Ville|CP", "phone=4 email=5")
        for asked in (
            "Accord des parents",
            "Accord parents",
            "Autorisation du représentant légal",
            "Avez-vous l'accord de vos parents ?",
            "Profession des parents",
            "Parents séparés",
            "Représentant légal (oui/non)",
            "Titulaire du permis",
            "Habite chez ses parents",
        )
    ),
]


def pairs(said):
    """Each name with the place of its column, or a dash where none is."""
    return [tuple(word.split("=")) for word in said.split()]


@pytest.mark.no_database
@pytest.mark.parametrize(("header", "said"), HEADERS)
def test_each_column_is_read_as_whose_it_is(header, said):
    read = guess(header.split("|"))

    assert {name: str(read.get(name, "-")) for name, _place in pairs(said)} == dict(pairs(said))


BANDS = [
    ("Parent;;;;Jeune;;;;;", "last_name=4 phone=7 guardian_name=0 guardian_phone=2 guardian_email=3 email=- city=8"),
    ("Référent;;;;Élève;;;;;", "last_name=4 phone=7 guardian_name=- email=- city=8"),
    ("Structure;;;;Le jeune;;;;Adresse;", "last_name=4 phone=7 email=- city=8"),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("band", "said"), BANDS)
def test_a_row_of_sections_above_the_titles_says_whose_they_are(band, said):
    text = f"Liste de novembre\n{band}\nNom;Prénom;Tél;Mail;Nom;Prénom;Âge;Tél;Ville;CP\n{';'.join('abcdefghij')}\n"
    header, rows, _notes = read_file(text.encode())
    read = guess(header)

    assert {name: str(read.get(name, "-")) for name, _place in pairs(said)} == dict(pairs(said))
    assert len(rows) == 1


@pytest.mark.no_database
@pytest.mark.parametrize("band", [
    "Liste des jeunes", "Jeunes orientés par la mission locale", "Jeune;;;;Suivi", "", "Jeune;;;Contact;;",
    "Association : Passerelle;;Demandes de jeunes", "Mission locale de Grenoble;;Jeunes orientés",
    "Le jeune;;;Moyens de contact;;Domicile",
])  # fmt: skip
def test_another_row_above_the_titles_changes_none(band):
    header, _rows, _notes = read_file(f"{band}\nNom;Prénom;Âge;Tél;Ville;CP\na;b;c;d;e;f\n".encode())

    assert header == ["Nom", "Prénom", "Âge", "Tél", "Ville", "CP"]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Nom|Prénom|Âge|Êtes-vous parent ?|Téléphone|E-mail|Ville|CP", "phone=4 email=5 guardian_name=-"),
        ("Prénom|Nom|Âge|Parent ?|Téléphone|E-mail|Ville|CP", "phone=4 email=5 guardian_phone=-"),
        ("Entreprise|Téléphone|E-mail|Nom|Prénom|Âge|Ville|Code postal", "phone=1 last_name=3"),
        ("Association|Téléphone|Mail|Nom du bénévole|Prénom du bénévole|Âge|Ville|CP", "phone=- last_name=3"),
    ],
)
def test_a_file_of_mentors_names_no_parent(header, said):
    read = guess(header.split("|"), of_mentors=True)

    assert {name: str(read.get(name, "-")) for name, _place in pairs(said)} == dict(pairs(said))
