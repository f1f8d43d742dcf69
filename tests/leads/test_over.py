"""A row that says, under whatever title, that a request is over, or that somebody does not want: it is not taken; others are."""

import pytest

from app.leads.aside_titles import asks
from app.leads.asides import refuse_answer
from app.leads.columns import Reading
from app.leads.endings import is_over
from app.leads.reaching import BadValue
from app.leads.records import away, refuse_alarming, refuse_unfit
from app.leads.words import LeadKind

pytestmark = pytest.mark.usefixtures("that_week")  # the ages are of November 2026
TITLES = "Nom;Prénom;Âge;Téléphone;E-mail;Ville;Code postal"
AWA = "Sow;Awa;17;;awa@example.org;Lyon;69003"


@pytest.fixture
def is_taken(import_file):
    """Whether a row with one more column is taken."""

    def read(title, cell):
        return bool(import_file(f"{TITLES};{title}\n{AWA};{cell}").added)

    return read


OVER = [
    ("Étape", "Annulé"), ("Étape du dossier", "Abandon"), ("Phase", "Désistement"), ("Statut 2", "Désistée"),
    ("Commentaires internes", "Annulée"), ("Mentorat", "Abandon"), ("Colonne1", "Décédée"), ("", "Désistement"),
    ("Objet de la demande", "Annulation de ma demande"), ("Votre demande", "Je souhaite annuler ma demande"),
    *((title, "12/11/2026") for title in (
        "Décédé le", "Date décès", "Désistée le", "Annulé le", "Refusé le", "Date d'annulation", "Date de désistement",
        "Date d'abandon", "Date de désinscription", "Supprimé le", "Archivé le", "Anonymisé le", "Clôturé le",
        "Ne plus contacter depuis le", "Désabonné le", "Demande annulée le", "Sorti le", "Date de sortie", "deleted_at",
    )),
    ("Motif de sortie", "Décès"), ("Motif de refus", "Trop jeune"), ("Raison de l'abandon", "Déménagement"),
    *((title, "Oui") for title in (
        "A annulé", "S'est désisté", "A refusé", "Demande retirée", "DCD", "Défunt", "Inactif", "Blacklisté",
        "Ne pas contacter (O/N)", "Opt-out e-mail", "EMAIL_BLACKLIST", "Droit d'opposition",
    )),
    ("Email Opt Out", "1"), ("DoNotCall", "1"), ("Unsubscribed from all email", "TRUE"),
    *((title, "Non") for title in (
        "Mentorat", "Mentorat (O/N)", "Souhaite un mentor", "Veux-tu un mentor ?", "Besoin d'un mentor ?", "Demande de mentor",
        "Souhaitez-vous être accompagné par un mentor ?", "Intéressé(e) ?", "Toujours intéressé ?", "Inscrit au mentorat", "Retenu",
        "Éligible", "Contactable ?", "Peut être contacté", "À contacter", "Transmission de mes coordonnées",
        "Peut-on transmettre ses coordonnées ?", "Accord écrit", "Réponse de la famille",
    )),
    *(("Statut", said) for said in (
        "Démissionnaire", "Inactif", "Sorti(e)", "Radié", "Exclu", "Décès", "Retrait", "Refus de participer", "Refus RGPD",
        "Refus parental", "Pas d'accord des parents", "NPC", "NON INTERESSE", "non intéressée finalement", "N'a plus besoin",
        "Pas besoin", "Ne donne pas suite", "OK puis désistement", "Relancé 3 fois, abandon", "Unsubscribed", "Matché",
        "Mentorat en cours", "En binôme avec Karim", "A déjà un mentor (AFEV)",
    )),
    ("Binôme", "Paul Martin"), ("En binôme avec", "Paul Martin"), ("Nom du mentor", "Karim Trabelsi"),
    ("Mentor attribué", "Karim T."), ("Date de mise en binôme", "12/11/2026"),
    ("submitdate", ""), ("Date de soumission", ""),
    *(("Commentaire", said) for said in (
        "La jeune ne souhaite plus être accompagnée", "Finalement elle ne veut plus de mentor", "N'a pas donné son accord",
        "consentement retiré le 3 novembre", "Ne doit pas être contactée", "N'est plus à contacter", "Ne pas re-contacter",
        "À ne surtout pas recontacter", "Contact interdit", "Ne plus lui écrire", "Ne plus envoyer de mails",
        "Merci de supprimer mes données", "A demandé à être retirée de la liste", "NE PAS TRAITER", "Ne pas donner suite",
        "Elle se retire du dispositif", "elle s'est rétractée", "Jeune décédé le 3/11", "Décès du jeune en octobre",
        "Ne pas appeler", "Ne plus contacter la jeune", "Ne pas appeler l'intéressée", "Do not contact at all", "Ne pas contacter",
        "Ne plus me contacter sur ce numéro", "Ne pas contacter le père ni la jeune", "Ne pas contacter les parents",
        "Père violent, ne pas contacter le père", "Supprimer la demande", "Retirée de la liste", "Retiré le 3/11",
        "S'est désistée du programme", "s'est désisté de lui-même", "Annulé la veille", "Désistée", "Retirée par sa famille",
    )),
    ("Statut", "Retiré de sa famille"), ("Statut", "Inactif"),
    ("Ne pas contacter (oui/non)", "oui"), ("Autorisation parentale (oui/non)", "refus"), ("Désistement (oui/non)", "oui"),
    ("Statut (à traiter / en cours / refusé)", "refusé"), ("Accord du jeune (oui / non)", "non"), ("À contacter (O/N)", "N"),
    ("Décision 2026-2027", "Refusée"), ("Éligible 2026", "Non"), ("Intéressé : oui ou non", "non"),
    ("Opposition (case à cocher)", "x"),
    ("J'autorise mon enfant à participer au mentorat", "Je n'autorise pas"), ("Parents d'accord", "Refus"),
    ("Parents d'accord", "Non"),
    ("Le représentant légal autorise", "N'autorise pas"), ("Refus famille", "X"), ("Refus jeune", "X"),
    ("Intéressé par le mentorat ?", "Non merci"), ("Réponse du jeune", "Refus"), ("Participe au mentorat", "Non"),
    ("Volontaire (O/N)", "N"), ("Souhaite participer", "NON"), ("Mentorat souhaité", "Non"), ("Demande de mentorat", "Non"),
    ("Réponse SMS", "STOP"), ("Réponse SMS", "NON MERCI"), ("Souhaite être recontacté", "STOP"),
    *(("Mentor", name) for name in ("Paul Martin", "Mme Claire DURAND", "Paul M.")), ("Mentor(e)", "Paul Martin"),
    ("Nom et prénom du mentor", "Paul Martin"), ("Mentor assigné", "Paul"), ("A un mentor", "Oui"), ("A déjà un mentor ?", "Oui"),
    ("Je veux", "Devenir mentor"), ("Formulaire", "Devenir mentor"), ("Objet", "Candidature bénévole mentor"),
    ("Type d'inscription", "Mentor bénévole"), ("Type de demande", "Offre de mentorat"), ("Colonne 3", "Proposition de mentorat"),
    ("Type de demande", "Candidature mentor"), ("Je fais la demande pour", "Mon enfant"), ("Je fais la demande pour", "Un élève"),
    ("Vous remplissez ce formulaire en tant que", "Parent d'un jeune"), ("Quel est votre profil ?", "Je suis parent"),
    ("Vous remplissez ce formulaire en tant que", "Professionnel de l'éducation"),
    ("Commentaire", "Merci d'annuler ma demande"), ("Commentaire", "Ligne à supprimer"),
    ("Commentaire", "ne pas prendre en compte"),
    ("Observations", "mère refuse"), ("Observations", "hors âge"), ("Observations", "Blacklist"),
    *((title, "x") for title in (
        "Exclu(e)", "Radiation", "Démission", "Renonciation", "A renoncé", "Fin de parcours", "Clos", "Dossier clos",
        "Perdu de vue",
        "Rejeté", "Hors critères", "Sans suite", "Jeune non intéressé", "Anonymiser", "Fiche doublon", "is_deleted", "Bloqué",
        "Matché", "Mentor trouvé", "Déjà accompagné", "Ligne de test", "RGPD : supprimer",
    )),
    *((title, "12/11/2026") for title in (
        "Exclu le", "Date de radiation", "Date de fin de suivi", "Date de clôture du dossier", "archived_at", "withdrawn_at",
        "N'est plus intéressé", "Ne veut plus", "Non retenu", "Binôme formé le", "Date de sortie dispositif",
    )),
    *(("Statut", said) for said in (
        "Deceased", "✝", "Dossier fermé", "Renonce", "Désengagé", "Parti", "KO - parents", "Parents contre", "Plus d'actualité",
        "Décline la proposition", "Perdu de vue", "Fiche en double", "Suppr.", "Test", "Mentor trouvé", "Binômé(e)", "Suivi AFEV",
        "Transféré à Proxité", "Drop out",
    )),
    *((title, "Non") for title in (
        "Toujours d'actualité", "Toujours partant", "OK jeune", "Élève OK ?", "Souhaite être rappelé", "Envie d'un mentor",
    )),
    ("Commission du 12/11", "Refusé"), ("Consentement (Je refuse)", "TRUE"), ("Consentement (J'accepte)", "FALSE"),
    ("N°", "ex."), ("", "Exemple"), ("Remarque", "Ligne d'exemple à supprimer"), ("Commentaire", "EXEMPLE"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), OVER)
def test_it_is_not_taken(is_taken, title, cell):
    assert not is_taken(title, cell)


GOES_ON = [
    *(("Commentaire", said) for said in (
        "Peur de ne pas contacter les bonnes entreprises", "Ne pas lancer de démarche avant juin",
        "Difficulté à ne pas transmettre ses émotions", "son stage s'est désisté", "L'association précédente s'est désistée",
        "a retiré sa demande d'apprentissage", "elle refuse que son frère vienne", "ne pas contacter par SMS",
        "Je ne veux pas que mes données soient vendues, sinon ok", "Elle ne veut plus de cours du soir",
        "Ne pas appeler avant 18h", "Ne pas contacter avant le 15 décembre", "Ne pas appeler en journée",
        "Ne pas appeler pendant les cours", "Ne pas appeler au travail", "Supprimer les difficultés en maths", "Perdu",
        "Retiré de sa famille", "s'est désisté de son stage", "ne plus me contacter sur mon ancien numéro", "Inactive",
        "Do not contact before 6pm", "Don't call during class", "ne pas contacter le père", "Ne pas appeler sa mère",
        "Annulé son stage", "Ne pas rappeler le matin",
    )),
    ("Statut", "Ne pas appeler avant 18h"),
    ("Désistement", "RAS"), ("Désistement", "N/A"), ("Refus", "aucun"), ("Opposition", "sans objet"), ("Ne pas contacter", "Non"),
    ("Statut", "Nouveau"), ("Étape", "À rappeler"), ("Bourse", "Refus"), ("Stage", "Annulé"), ("Actif", "Oui"),
    ("Mentorat", "Oui"), ("Formation", "Abandon"), ("Sortie du collège", "2025"), ("Sorties", "Oui"), ("Sortie", "Oui"),
    ("Scolarité", "Abandon"), ("Situation scolaire", "Retirée"), ("Situation", "Sortie"),
    ("Date d'entrée", "12/11/2026"), ("Date de sortie", "03/07/2027"), ("Sorti le", "03/07/2027"),
    *((title, said) for title in ("Retenu", "Mentorat", "Éligible", "À contacter") for said in ("En attente", "pas encore", "")),
    ("Souhaite un mentor", ""), ("Mentor attribué", "à trouver"), ("Mentor attribué", ""), ("Validé", "Non"),
    ("Nom du mentor", "aucun"), ("Binôme", "à trouver"), ("Binôme", ""), ("À contacter", "Oui"), ("Retenu", "Oui"),
    ("Accord du jeune (oui/non)", "oui"), ("Désistement (oui/non)", "non"), ("Bourse (oui/non)", "non"),
    ("Autorisation parentale (si mineur)", "Non"), ("Accord de sortie (oui/non)", "non"),
    ("Parents d'accord", "en attente"), ("J'autorise mon enfant à participer à la sortie", "Non"), ("Réponse du jeune", "Oui"),
    ("J'autorise mon enfant à être photographié", "Non"), ("Autorisation de participer aux sorties", "Non"), ("Refus famille", ""),
    *(("Mentor", said) for said in ("Oui", "à trouver", "À trouver", "Pas encore", "En attente", "aucun", "", "Non", "Femme")),
    ("A un mentor", "Non"), ("Mentor assigné", "en attente"), ("Mentor assigné", ""),
    ("Je veux", "Trouver un mentor"), ("Type d'inscription", "Jeune"), ("Je fais la demande pour", "Moi-même"),
    ("Objet", "Candidature mentorat"), ("Vous êtes", "Un jeune"), ("Projet", "Je veux devenir infirmière"),
    ("Commentaire", "Merci d'annuler mon rendez-vous de mardi"), ("Commentaire", "Ne pas tenir compte de l'ancienne adresse"),
    ("Commentaire", "Elle apprend à ne pas tenir compte des moqueries"),
    ("Consentement cookies", "Non"), ("Consentement (Je refuse)", "FALSE"), ("Consentement : Je refuse", "FALSE"),
    ("Inscription terminée", "Oui"), ("Dossier clos", "Non"), ("Dossier clos", ""), ("Exclu(e)", "Non"), ("Clos", "En cours"),
    ("Date de fin de suivi", "03/07/2027"), ("RGPD : supprimer", "Non"), ("OK jeune", "Oui"), ("Toujours partant", "Oui"),
    ("Statut", "Validé en partie"), ("Commission du 12/11", "Admis"), ("Test", "Oui"), ("Statut", "Suivi par l'école"),
    ("Commentaire", "Exemple de métier : infirmière"), ("Classe", "Terminale"), ("Remarque", "ex-élève du collège Branly"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), GOES_ON)
def test_this_is_taken(is_taken, title, cell):
    assert is_taken(title, cell)


@pytest.mark.parametrize(("title", "cell"), [("Date de sortie", "30/06/2026"), ("Motif de sortie", "Démission")])
def test_where_the_file_is_of_those_who_left_school_that_is_what_they_left(is_taken, title, cell):
    assert not is_taken(f"Établissement;{title}", f"Lycée Branly;{cell}")
    assert is_taken(f"Dernier établissement;{title}", f"Lycée Branly;{cell}")


NO_MORE = [
    *(("Observations", said) for said in (
        "sa mère refuse le mentorat", "famille pas d'accord", "maman ne veut pas", "plus intéressé (appel du 12/11)",
        "demande annulée par la mère le 12", "A demandé l'effacement de ses données", "RGPD : effacement demandé",
        "Désistement par mail du 3/11", "le jeune ne souhaite pas être accompagné", "Sorti du dispositif", "exclu du programme",
        "ne participe plus", "SURTOUT NE PAS L'APPELER", "surtout ne plus appeler", "PAS CONTACTER", "ne + contacter",
        "stop contact", "Refuse finalement", "refus catégorique", "n'en veut plus", "Pas besoin d'un mentor",
        "Ne pas prendre", "pas de suite",
        "a dit non",
    )),
    ("Lead Status", "Closed - Not Converted"), ("Lead Status", "Disqualified"), ("Lead Status", "UNQUALIFIED"),
    *(("Statut", said) for said in ("Non admis", "Refusé - hors public", "Arrêté", "Deleted", "Declined", "4 - Refusé", "Non")),
    ("Étape", "Refusé"), ("Avancement", "Dossier clos"), ("Liste", "Désistés"), ("Avis de l'équipe", "Défavorable"),
    ("Retour d'appel", "Pas intéressé"), ("Relance 2", "refus"), ("Bilan de l'appel", "Refus du mentorat"), ("Point au 12/11",
    "stop"),
    ("Motif de fin", "abandon du jeune"),
    *((title, "Non") for title in (
        "Aimerais-tu avoir un mentor ?", "Veux-tu participer au programme de mentorat ?", "Maintient sa demande ?",
        "Toujours demandeur", "Souhaite rester dans le programme", "Renouvelle en 2026-2027", "Continue cette année",
        "Acceptez-vous que nous transmettions votre dossier à une association partenaire ?",
        "On peut partager tes infos avec un mentor ?", "Accord téléphonique", "Autorisation de diffusion du contact",
        "Partage avec les partenaires", "Autorisation de participation",
    )),
    ("Accord signé des parents", "Refus"), ("Accord signé des parents", "ne veulent pas"),
    ("Pas intéressé", "x"), ("Ne souhaite pas participer", "oui"), ("Accord parents NON", "x"),
    ("Accord du jeune : non", "X"), ("Souhaite un mentor [Non]", "Oui"),
    ("Parents d'accord (Non)", "1"),
    ("Consentement", "Oui, mais retiré le 12/11"), ("Consentement", "OK au départ, refuse maintenant"),
    ("Consentement", "Accord retiré"), ("Date du refus des parents", "12/11/2026"), ("Date de refus parental", "12/11/2026"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), NO_MORE)
def test_words_of_ours_alone_say_that_it_is_over(is_taken, title, cell):
    assert not is_taken(title, cell)


STILL = [
    *(("Observations", said) for said in (
        "a abandonné le lycée", "a refusé un stage", "pas intéressée par les maths", "ne parle pas français", "refus de Parcoursup",
        "ne veut pas arrêter le mentorat", "de plus en plus intéressée", "Besoin de plus de suivi", "père décédé",
        "Mentor a abandonné", "retirée à sa famille", "ne souhaite pas changer de lycée", "N'appeler que la jeune",
        "Ne pas appeler le lundi", "Non",
        "ne veut plus de son mentor", "fin de contrat", "pas de téléphone",
    )),
    *(("Statut", said) for said in ("Sans mentor", "Plus de mentor", "Non affecté", "Ne répond pas", "En attente (refus mère ?)")),
    *((title, "Non") for title in (
        "Aimerais-tu un mentor du même sexe ?", "As-tu déjà eu un mentor ?", "Acceptes-tu de te déplacer ?",
        "Acceptez-vous de recevoir notre newsletter ?", "Souhaite un suivi à distance", "Signalement", "Entretien",
    )),
    ("Pas intéressé", ""), ("Pas intéressé", "non"), ("Fin du mentorat", "30/06/2027"), ("Relance 1", "❌"),
    ("Dernier accompagnement", "arrêté en juin"), ("Transport", "pas besoin"),
    ("Rendez-vous", "annulé le 12/11"), ("Suivi psychologique", "terminé en mars"), ("Accord parents OUI", "x"),
    ("Accord parents NON", ""),
    ("Autorisation des parents (Non)", "false"), ("Consentement", "Oui, mais pas de photos"), ("Situation", "arrêt en juin"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "cell"), STILL)
def test_a_word_that_is_not_ours_tells_of_something_else(is_taken, title, cell):
    assert is_taken(title, cell)


def test_a_remark_beside_the_table_is_heard(import_file):
    lines = [f"{TITLES};;", f"{AWA};;Refus", AWA.replace("Awa", "Léa").replace("awa", "lea") + ";;à rappeler jeudi"]

    assert [lead.first_name for lead in import_file("\n".join(lines)).added] == ["Léa"]


def test_words_without_end_are_read_at_once():
    assert not is_over("refus " * 1000)
    assert not is_over("a" * 5000)


@pytest.mark.parametrize("said", ["Ne pas contacter le père", "Ne pas contacter mon père", "Ne pas écrire à mon papa"])
def test_a_parent_who_is_not_to_be_written_to_is_left_out_and_not_the_jeune(import_file, said):
    titles = f"{TITLES};Nom du père;Tél. du père;Nom de la mère;Tél. de la mère;Commentaire"
    cells = f"Ali Sow;0698765431;Fatou Sow;0698765433;{said}"
    [lead] = import_file(f"{titles}\n{AWA.replace('17', '15')};{cells}").added

    assert (lead.guardian_name, lead.guardian_phone) == ("Fatou Sow", "+33698765433")


@pytest.mark.parametrize(
    ("title", "cell", "is_kept"),
    [("Téléphone", "REFUS", False), ("Téléphone", "ne veut plus", False), ("Téléphone", "a refusé au téléphone 0612345670", False),
     ("Téléphone", "0612345671 (a dit non)", False), ("Date de naissance", "décédé", False), ("Besoin", "refus", False),
     ("Classe", "REFUS", False), ("Téléphone", "refuse de le donner", True), ("Téléphone", "non", True),
     ("Téléphone", "0612345678, refuse les appels", True), ("Besoin", "refus scolaire anxieux", True)],
)  # fmt: skip
def test_a_refusal_is_heard_in_a_cell_for_something_else(import_file, title, cell, is_kept):
    titles = f"{TITLES.replace(';Téléphone', '')};{title}"

    assert bool(import_file(f"{titles}\nSow;Awa;17;awa@example.org;Lyon;69003;{cell}").added) is is_kept


TURNED_DOWN = [
    ("Casier judiciaire", "Non vierge"), ("Honorabilité", "Non conforme"), ("FIJAIS", "Inscrit"), ("Apte", "Non"),
    ("Avis de la commission", "Défavorable"), ("Décision finale", "Refusé"), ("Commentaire", "propos déplacés"),
    ("Extrait de casier judiciaire", "Non vierge"), ("Contrôle FIJAIS", "Inscrit"), ("Attestation d'honorabilité", "Non conforme"),
    ("Attestation d'honorabilité", "Refusée"), ("Commentaire de l'entretien", "Inapte, ne pas confier de mineur"),
    ("Statut de la participation", "Annulée par le bénévole"), ("Décision de l'entretien", "Défavorable"),
    ("Commentaire entretien", "Ne pas confier de mineur"), ("Statut", "Ne convient pas"), ("Statut", "Signalé"),
    ("Statut du profil", "Bloqué"),
    *(("Honorabilité", said) for said in (
        "Non", "NOK", "Négatif", "Échec", "Incapacité", "Incapable au sens du L.133-6", "Interdiction d'exercer", "Alerte",
        "Problème", "KO", "Rejetée",
    )),
    ("Casier judiciaire vierge", "Non"), ("B3 reçu", "Mention"), ("Casier judiciaire", "avec mention"), ("FIJAIS", "oui"),
    ("B3", "condamnation en 2019"), ("Attestation d'honorabilité", "Non"), ("Casier", "2 mentions"), ("Casier vierge", "☐"),
    *(("Statut", said) for said in (
        "Mis en examen", "Pas de contact avec mineurs", "Majeurs uniquement", "Sous enquête", "Ne pas mettre en binôme",
    )),
    *(("Remarques", said) for said in (
        "Ne pas laisser seul avec un mineur", "Gestes déplacés", "comportement déplacé avec une jeune lors de la sortie",
        "mis en examen pour agression", "plainte d'une famille", "Inscrit au FIJAIS", "à ne pas reprendre",
        "fiché FIJAIS", "comportement inadapté", "ne plus mettre en binôme",
    )),
    ("Honorabilité (B3)", "Non conforme"), ("Validé (oui/non)", "non"), ("Accord parental (si mineur)", "Refusé"),
    ("B2", "non vierge"), ("CJ", "non vierge"), ("Extrait CJ n°3", "mention"), ("Incapacité pénale", "oui"),
    ("Avez-vous un casier judiciaire ?", "Oui"), ("Je n'ai pas de casier", "Non"), ("DBS check", "Failed"), ("Signalement", "oui"),
    *((f"Avez-vous déjà fait l'objet d'{what} ?", "Oui") for what in ("un signalement", "une procédure pénale")),
    *((title, "gestes déplacés") for title in ("Incident", "Retour du jeune", "Motif de départ")),
    ("Motif de rupture du binôme précédent", "comportement inadapté avec la jeune"),
    *(("Commentaire", said) for said in (
        "inscrit au fichier des délinquants sexuels", "FIJAISV +", "pédophile", "une mère a porté plainte",
        "sous contrôle judiciaire",
        "sort de prison", "B3 : 1 mention", "n'a pas voulu donner son B3", "condamné pour violences", "jamais avec des mineurs",
    )),
    *(("Statut", said) for said in ("B3 KO", "Enquête en cours", "Banni", "Mise à pied", "Agrément retiré", "Mis à l'écart")),
]  # fmt: skip


def heard(title, cell):
    """What a column says of somebody who would mentor."""
    refuse_answer(title, asks(title), cell, LeadKind.MENTOR)
    refuse_unfit(title, asks(title), cell)
    refuse_alarming(title, cell)


@pytest.mark.parametrize(("title", "cell"), TURNED_DOWN)
def test_a_mentor_who_was_turned_down_is_not_taken(title, cell):
    with pytest.raises(BadValue):
        heard(title, cell)


@pytest.mark.parametrize(
    ("title", "cell"),
    [*(("Casier judiciaire", said) for said in (
        "Vierge", "néant", "OK", "reçu le 12/11/2026", "12/11/2026", "en attente", "à demander", "demandé", "", "Oui", "non reçu",
        "RAS", "vérifié", "casier.pdf", "https://drive.example.org/casier.pdf", "Non fourni", "Non", "pas de mention",
        "aucune condamnation",
    )),
     ("Acceptez-vous d'accompagner un mineur ?", "Non"), ("B3 reçu", "Non"), ("Contrôle d'honorabilité fait", "Non"),
     ("FIJAIS vérifié", "Oui"), ("FIJAIS", "Non"),
     ("Remarques", "Elle préfère ne pas accompagner de mineurs"), ("Remarques", "Intervient auprès d'enfants"),
     ("Remarques", "Pas de voiture, deux enfants"), ("Remarques", "FIJAIS vérifié"), ("Remarques", "non inscrit au FIJAIS"),
     ("Contrôle FIJAIS", "Non inscrit"), ("Casier vérifié", "Oui"), ("Statut de la participation", "En attente de validation"),
     ("Attestation d'honorabilité", "Reçue"), ("Commentaire de l'entretien", "Très motivée"), ("Source", "Signalée par la mairie"),
     *(("Commentaire", said) for said in (
        "n'a jamais été condamné", "aucune condamnation", "inscrite à l'université", "inscrit en M2", "a été victime d'agression",
        "refuse les visios", "plainte déposée contre son voisin",
     )),
     ("Fichier FIJAIS", "négatif"), ("B3", "à renouveler"), ("B3", "demandé 3x"), ("B3", "vu par Mme Petit"),
     *(("Honorabilité", said) for said in ("Valide jusqu'au 12/05/2027", "attestée", "vérifiée par Luc", "à faire")),
     ("Avez-vous un casier judiciaire ?", "Non"), ("Avez-vous un casier judiciaire vierge ?", "Oui"), ("Signalement", "non"),
     ("Expérience", "J'ai accompagné dix ans des jeunes au comportement inadapté dans un foyer")],
)  # fmt: skip
def test_another_mentor_is_taken(title, cell):
    heard(title, cell)


@pytest.mark.parametrize(
    ("said", "is_remarked"),
    [("En pause", True), ("Ancien mentor", True), ("Indisponible jusqu'en mars", True), ("Actif", False), ("Disponible", False),
     ("Motivée. Ne pas mettre en contact avant janvier", True)],
)  # fmt: skip
def test_a_mentor_who_is_away_is_taken_and_remarked(said, is_remarked):
    reading = Reading(["Nom", "Statut"], {"last_name": 0}, LeadKind.MENTOR)

    assert [title for title, _cause in away(reading, ["Sow", said])] == ["Statut"] * is_remarked
    assert away(Reading(["Nom", "Statut"], {"last_name": 0}), ["Sow", said]) == []


def test_boxes_that_a_model_has_to_the_bottom_are_nobody(import_file):
    report = import_file(f"{TITLES};Accord\n{AWA};TRUE\n;;;;;;;FALSE\n;;;;;;;FALSE\n3;;;;;;;")

    assert ([lead.first_name for lead in report.added], report.refused) == (["Awa"], [])


def test_a_name_is_not_a_word_for_a_father(import_file):
    assert [lead.first_name for lead in import_file(f"{TITLES}\nDiop;Papa;17;;papa@example.org;Lyon;69003").added] == ["Papa"]
