"""A child who has neither an address nor a telephone: whoever represents them is written to, or called."""

import pytest
from sqlalchemy.exc import IntegrityError

from app.leads.actions import tracking_token
from app.leads.models import Lead
from app.leads.parent_titles import guess_parents
from app.mail import Mail
from app.people.models import Mentee
from tests import factories

from .answers import GUARDIAN, boxes, of_mentee, of_mentor, walk
from .guardians import FIND, only
from .imported import problems, taken

NOTHING = {"email": "", "phone": ""}
NEEDS_ONE = "Indiquez une adresse e-mail ou un téléphone, pour que l'association vous réponde."
SAID_TO_THE_TEAM = "Indiquez une adresse e-mail ou un téléphone, pour pouvoir répondre à la personne."
FILE = "Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal;Nom du parent;Téléphone du parent;Email du parent"
ENTRY = "/a/passerelle/demandes/saisie"
TYPED = {"source": "appel", "first_name": "Noé", "last_name": "Martin", "commune": "69003 Lyon", "informed": "y", "once": "jeton-1"}


def test_a_child_asks_with_no_way_of_their_own_and_the_parent_has_the_link(client, association, programme, stored, app):
    page = walk(client, FIND, of_mentee(9, **NOTHING, **GUARDIAN))

    lead = only(stored, programme)
    assert (lead.email, lead.phone, lead.guardian_email) == (None, None, "nadege@example.org")
    assert "Noé" in page.text
    told = {mail.kind: mail for mail in stored(programme, Mail) if mail.to_address == "nadege@example.org"}
    assert {"lead_received", "guardian_asked"} <= told.keys()
    path = next(word for word in told["lead_received"].text.split() if "/suivi/" in word).partition("/suivi/")[2]
    assert client.page(f"/suivi/{path}").status == 200


@pytest.mark.parametrize(
    ("path", "steps"),
    [(FIND, of_mentee(20, **NOTHING)), ("/devenir-mentor", of_mentor(16, **NOTHING, **GUARDIAN))],
)
def test_who_is_no_child_needs_a_way_of_their_own(client, programme, path, steps):
    for number, answers in enumerate(steps, start=1):
        page = client.send(f"{path}?etape={number}", answers)

    assert page.errors == [NEEDS_ONE]


def test_a_child_whose_parent_cannot_be_reached_needs_one(client, programme):
    for number, answers in enumerate(of_mentee(9, **NOTHING, guardian_name="Nadège Martin", guardian_contact="0698"), start=1):
        page = client.send(f"{FIND}?etape={number}", answers)

    assert page.errors == ["Indiquez une adresse e-mail complète, ou un téléphone."]


@pytest.mark.usefixtures("that_week")
def test_a_file_of_children_is_taken_and_each_is_one_request(import_file):
    lines = [FILE, "Sow;Awa;9;;;Lyon;69001;Fatou Sow;0698765432;", "Sow;Ali;9;;;Lyon;69001;Fatou Sow;0698765432;",
             "Roux;Tom;9;néant;;Lyon;69001;Zoé Roux;;z@example.org"]  # fmt: skip
    report = import_file("\n".join(lines))
    again = import_file("\n".join(lines))

    assert [(lead.first_name, lead.phone, lead.email) for lead in report.added] == [
        ("Awa", None, None),
        ("Ali", None, None),
        ("Tom", None, None),
    ]
    assert [lead.guardian_phone or lead.guardian_email for lead in report.added] == [
        "+33698765432",
        "+33698765432",
        "z@example.org",
    ]
    assert problems(report.remarks) == [(4, "Téléphone", "« néant » laissé de côté : c'est le parent qui est joint.")]
    assert (again.added, again.known) == ([], 3)


@pytest.mark.usefixtures("that_week")
@pytest.mark.parametrize(
    "row",
    [
        "Sow;Max;19;;;Lyon;69001;Fatou Sow;0698765432;",  # of age
        "Sow;Zoé;9;;;Lyon;69001;;0698765432;",  # nobody is named
        "Sow;Léa;9;;;Lyon;69001;Fatou Sow;;",
        "Sow;Ian;9;;;Lyon;69001;Paul Sow (père déchu);0698765432;",
    ],
)
def test_a_row_whose_person_nobody_can_reach_is_refused(import_file, row):
    report = import_file(f"{FILE}\n{row}")

    assert report.added == []
    [(_line, _column, cause)] = problems(report.refused)
    assert cause.startswith("aucun moyen de joindre la personne")


@pytest.mark.usefixtures("that_week")
@pytest.mark.parametrize(
    ("cells", "is_said"),
    [("Sow;Max;24;0612345678;;Lyon;69001;Fatou Sow;0698765432;", True), ("Sow;Max;24;0612345678;;Lyon;69001;;;", False),
     ("Sow;Max;24;0612345678;;Lyon;69001;majeur;0612345678;", False), ("Sow;Max;24;0612345678;;Lyon;69001;Fatou Sow;;", False)],
)  # fmt: skip
def test_a_parent_of_an_adult_is_not_kept_and_it_is_said(import_file, cells, is_said):
    report = import_file(f"{FILE}\n{cells}")

    cause = "« Fatou Sow » n'est pas gardé : la personne est majeure (24 ans). Vérifiez son âge."
    assert [(lead.age, lead.guardian_name) for lead in report.added] == [(24, None)]
    assert [said.replace("\xa0", " ") for _line, _column, said in problems(report.remarks)] == [cause] * is_said


@pytest.mark.usefixtures("that_week")
def test_a_file_may_have_the_parents_columns_alone(import_file):
    report = import_file(
        "Nom;Prénom;Âge;Ville;Code postal;Nom du parent;Téléphone du parent\nSow;Awa;9;Lyon;69001;Fatou Sow;0698765432"
    )

    assert [lead.guardian_name for lead in report.added] == ["Fatou Sow"]


def test_the_team_types_one_and_the_file_that_it_opens_has_the_parent(client, staff, association, stored, in_space):
    typed = {**TYPED, **NOTHING, "birth_date": boxes(9), "guardian_name": "Nadège Martin", "guardian_contact": "06 98 76 54 32"}
    client.send(ENTRY, typed)
    lead = only(stored, association)
    page = client.page(f"/a/passerelle/demandes/{lead.id}")
    client.send(f"/a/passerelle/demandes/{lead.id}/acceptation")

    assert "celles de la personne qui la représente" in page.text
    assert page.soup.find("a", href="tel:+33698765432")
    mentee = only(stored, association, Mentee)
    assert (mentee.email, mentee.phone, mentee.guardian_phone) == (None, None, "+33698765432")


@pytest.mark.parametrize(("age", "guardian"), [(20, GUARDIAN), (9, {})])
def test_the_team_is_asked_for_a_way_where_no_parent_answers(client, staff, association, age, guardian):
    page = client.send(ENTRY, {**TYPED, **NOTHING, "birth_date": boxes(age), **guardian})

    assert SAID_TO_THE_TEAM in page.errors


def test_what_the_child_is_told_leaves_for_the_parent(client, staff, association, stored, in_space):
    with in_space(association):
        lead = factories.lead(
            state="received", email=None, phone=None, birth_date=factories.birth_date(9), age=9, guardian_name="Nadège Martin",
            guardian_email="nadege@example.org", orientation_id=None,
        )  # fmt: skip
    client.send(f"/a/passerelle/demandes/{lead.id}/liste-d-attente", {"message": "Dans un mois."})

    told = [mail.to_address for mail in stored(association, Mail) if mail.kind == "lead_waitlisted"]
    assert told == ["nadege@example.org"]


def test_nobody_is_stored_whom_nobody_can_reach(in_space, association):
    with pytest.raises(IntegrityError, match="reachable"), in_space(association):
        factories.lead(email=None, phone=None)


@pytest.mark.parametrize(("age", "status"), [(9, 303), (20, 422)])
def test_a_request_without_its_own_contact_is_corrected_where_a_parent_answers(
    client, in_space, programme, app, age, status, stored
):
    with in_space(programme):
        lead = factories.lead(
            state="waiting", answer_by=None, email=None, phone=None, birth_date=factories.birth_date(age), age=age,
            guardian_name="Nadège Martin", guardian_email="nadege@example.org", guardian_agreed_at=factories.now(),
        )  # fmt: skip
        token = tracking_token(lead)

    sent = client.post(f"/suivi/{token}/corrections", data={"first_name": "Noé", "last_name": "Martin", **NOTHING})

    assert sent.status_code == status
    assert only(stored, programme, Lead).first_name == ("Noé" if status == 303 else lead.first_name)


@pytest.mark.parametrize("phone", [None, "+33612345678"])
def test_what_a_child_wrote_is_not_read_by_a_parents_link(client, in_space, programme, stored, phone):
    with in_space(programme):
        lead = factories.lead(
            state="waiting", answer_by=None, email=None, phone=phone, birth_date=factories.birth_date(9), age=9,
            guardian_name="Nadège Martin", guardian_email="nadege@example.org", message="Mon secret",
        )  # fmt: skip
        path = f"/suivi/{tracking_token(lead)}/corrections"

    read = client.page(path)
    client.send(path, {"first_name": "Noé", "last_name": "Martin", **NOTHING, "phone": phone or "", "message": "Autre chose"})

    assert ("Mon secret" in read.html) is bool(phone)
    assert (only(stored, programme, Lead).message == "Mon secret") is not bool(phone)


@pytest.mark.parametrize(
    ("titles", "cells", "column", "said"),
    [
        (
            "Âge;Numéro de téléphone (parent si mineur)",
            "16;0622222222",
            "Numéro de téléphone (parent si mineur)",
            "il manque le nom",
        ),
        ("Âge;Nom du parent;Mail du parent", "16;;f@example.org", "Mail du parent", "il manque le nom"),
        ("Âge;Nom du parent;Tél du parent", "16;Fatou Sow;", "Tél du parent", "aucun moyen de joindre"),
        ("Âge;Nom du parent;Tél du parent", "19;Fatou Sow;0622222222", "Tél du parent", "aucun moyen de joindre"),
        ("Âge;Téléphone;Nom du parent;Tél du parent", "16;;Fatou Sow;", "Téléphone", "aucun moyen de joindre"),
    ],
)
def test_a_row_that_reaches_nobody_names_a_column_of_its_file(import_file, titles, cells, column, said):
    [problem] = import_file(f"Nom;Prénom;Ville;Code postal;{titles}\nDiallo;Awa;Lyon;69003;{cells}").refused

    assert problem.column == column
    assert said in problem.cause


# What a parent and a child have alike.


@pytest.mark.parametrize(
    ("email", "parent", "is_own"),
    [("marie.roux@example.org", "Marie Roux", False), ("marie_roux69@example.org", "Mme Marie ROUX (mère)", False),
     ("famille.diallo@example.org", "Fatou Diallo", False), ("lea.roux@example.org", "Marie Roux", True),
     ("roux69@example.org", "Marie Roux", True), ("l.diallo@example.org", "Fatou Diallo", True),
     ("marielea@example.org", "Marie Roux", True), ("annabelle@example.org", "Ana Roux", True),
     ("marie@example.org", "Foyer Marie", True), ("marie@example.org", "", True)],
)  # fmt: skip
def test_an_address_that_says_the_parents_name_is_theirs(import_file, email, parent, is_own):
    titles = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal;Parent;Mail du parent"
    report = import_file(f"{titles}\nRoux;Léa;14;0612345678;{email};Lyon;69003;{parent};")

    [lead] = report.added
    assert (lead.email, lead.guardian_email) == ((email, None) if is_own else (None, email))
    assert any("l'adresse dit le nom du parent" in problem.cause for problem in report.remarks) is not is_own


def test_an_adults_address_is_their_own_and_a_parents_other_one_is_kept(import_file):
    titles = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal;Parent;Mail du parent"
    rows = [
        f"Roux;{first};{age};{phone};marie.roux@example.org;Lyon;69003;Marie Roux;mere@example.org"
        for first, age, phone in (("Léa", "19", "0612345678"), ("Zoé", "14", ""))
    ]

    lea, zoe = import_file("\n".join([titles, *rows])).added

    assert (lea.email, zoe.email, zoe.guardian_email) == ("marie.roux@example.org", None, "mere@example.org")


def test_a_parents_number_under_their_address_leaves_room_for_the_address(import_file):
    titles = "Nom;Prénom;Âge;E-mail;Ville;Code postal;Parent;Mail du parent"
    lead, remarks = taken(import_file(f"{titles}\nRoux;Léa;14;claire.dupont@example.org;Lyon;69003;Claire Dupont;0698755010"))

    assert (lead.email, lead.guardian_phone, lead.guardian_email) == (None, "+33698755010", "claire.dupont@example.org")
    assert remarks == ["« claire.dupont@example.org » laissé de côté : l'adresse dit le nom du parent."]


@pytest.mark.parametrize(
    ("phone", "email", "own"),
    [("0698000002", "", None), ("0698000002", "awa@example.org", None), ("0612345678", "", "+33612345678")],
)
def test_a_number_of_the_other_parent_is_not_the_childs(import_file, phone, email, own):
    titles = "Nom;Prénom;Âge;Téléphone;Mail;Ville;CP;Nom mère;Tél mère;Nom père;Tél père"
    cells = f"Sow;Awa;14;{phone};{email};Lyon;69003;Fatou Sow;0698000001;Karim Sow;0698000002"

    [lead] = import_file(f"{titles}\n{cells}").added

    assert (lead.phone, lead.guardian_name, lead.guardian_phone) == (own, "Fatou Sow", "+33698000001")


@pytest.mark.parametrize(
    ("titles", "cells"),
    [("Nom mère;Tél mère;Nom père;Tél père", "Fatou Sow;0698000001;Karim Sow;0698000002"),
     ("Nom de la mère;Nom du père;Tél. de la mère", "Fatou Sow;Karim Sow;0698000001"),
     ("Mère;Père", "Fatou Sow;Karim Sow")],
)  # fmt: skip
def test_an_address_of_the_other_parent_is_not_the_childs(import_file, titles, cells):
    own = "Nom;Prénom;Âge;Téléphone;Mail;Ville;CP"
    rows = [f"Sow;{first};{age};0612345678;karim.sow@example.org;Lyon;69003;{cells}" for first, age in (("Awa", 14), ("Zoé", 19))]

    report = import_file("\n".join([f"{own};{titles}", *rows]))

    awa, zoe = report.added
    assert (awa.email, awa.guardian_email, zoe.email) == (None, None, "karim.sow@example.org")
    left = (2, "Mail", "« karim.sow@example.org » laissé de côté : l'adresse dit le nom du parent.")
    assert left in problems(report.remarks)


def test_a_child_who_only_has_the_address_of_the_other_parent_is_refused_with_it(import_file):
    titles = "Nom;Prénom;Âge;Mail;Ville;CP;Nom de la mère;Nom du père"
    report = import_file(f"{titles}\nSow;Awa;14;karim.sow@example.org;Lyon;69003;Fatou Sow;Karim Sow")

    [(line, column, cause)] = problems(report.refused)
    assert (line, column) == (2, "Mail")
    assert cause.startswith("l'adresse « karim.sow@example.org » dit le nom du parent ; aucun moyen de joindre la personne")


@pytest.mark.parametrize(
    ("email", "first", "is_said"),
    [("mme.roux@example.org", "Léa", True), ("papa.roux@example.org", "Léa", True), ("mamanlea69@example.org", "Léa", True),
     ("cpe.0690015x@example.org", "Léa", True), ("ce.0690015X@ac-lyon.fr", "Léa", True), ("l.roux@ac-lyon.fr", "Léa", True),
     ("papa.roux@example.org", "Papa", False), ("lea.roux@example.org", "Léa", False), ("m.roux@example.org", "Max", False)],
)  # fmt: skip
def test_a_childs_address_that_says_an_adult_or_a_school_is_remarked(import_file, email, first, is_said):
    report = import_file(f"Nom;Prénom;Âge;Mail;Ville;CP\nRoux;{first};14;{email};Lyon;69003\nRoux;{first};19;{email};Lyon;69003")

    assert [problem.line for problem in report.remarks if "autre personne" in problem.cause] == [2] * is_said


@pytest.mark.usefixtures("that_week")
@pytest.mark.parametrize(
    ("titles", "cells", "cause"),
    [("Nom du parent;Téléphone du parent;Observations", "Paul Roy;0612345678;Père violent",
      "« Paul Roy, 0612345678 » n'est pas gardé, il ne faut peut-être pas lui écrire."),
     ("Nom du parent;Téléphone du parent", "Paul Roy (violent);0612345678",
      "« 0612345678 » n'est pas gardé, il ne faut peut-être pas lui écrire."),
     ("Nom du parent;Téléphone du parent", "UDAF;0612345678",
      "« 0612345678 » est à « UDAF », qui n'est pas lu comme le nom d'un parent."),
     ("Téléphone;Parent 1 (nom, prénom, téléphone)", ";Claire Roy 0612345678",
      "« Claire Roy 0612345678 » ne permet pas de joindre le parent.")],
)  # fmt: skip
def test_a_refusal_says_why_the_parent_is_not_the_one_who_is_reached(import_file, titles, cells, cause):
    report = import_file(f"Nom;Prénom;Âge;Ville;Code postal;{titles}\nRoy;Ana;14;Lyon;69003;{cells}")

    assert [said for _line, _column, said in problems(report.refused)] == [f"aucun moyen de joindre la personne : {cause}"]


@pytest.mark.usefixtures("that_week")
def test_a_number_of_the_jeune_and_of_the_parent_is_said_to_be_both(import_file):
    titles, cells = "Téléphone;Téléphone du parent;Nom du parent", "0612345678;0612345678;Claire Roy"

    report = import_file(f"Nom;Prénom;Âge;Ville;Code postal;{titles}\nRoy;Ana;14;Lyon;69003;{cells}")

    assert "« 0612345678 » est donné pour le jeune et pour le parent : vérifiez à qui il est." in [
        cause for _line, _column, cause in problems(report.remarks)
    ]


def test_the_parent_who_fills_the_form_is_named():
    assert guess_parents(["Nom et prénom du parent qui remplit", "Mail du parent"]) == [{"guardian_name": 0, "guardian_email": 1}]
