"""What the title of a column that is not read asks: agreement or its contrary, a status, who one is, a mentor already there."""

import re
from collections.abc import Set

from app.territory.queries import fold

from .endings import asks_whether, is_of_state, is_over
from .title_words import explains

PART = "Partie du tableau"  # the title of the column that we add where a part of a table is of people who are not to be taken
AGREED = frozenset({"accepte", "acceptes", "acceptez", "consens", "consentez", "consentement", "autorise", "autorises", "autorisez",
                    "autorisation", "accord", "rgpd"})  # fmt: skip
PASSED_ON = frozenset({"donnees", "coordonnees", "informations", "rgpd", "consentement", "confidentialite", "transmission",
                       "transmises", "transmise", "transmis", "contacte", "contactee", "contacter",
                       "recontacte", "recontactee", "recontacter"})  # fmt: skip
HIS = r"(?: (?:du |de la |de l )?(?:jeune|eleve|enfant|beneficiaire|candidate?|participante?|etudiante?|mentor|benevole))?"
AGREEMENT = re.compile(
    rf"(?:accord|consentement){HIS}(?: et (?:de |du |des )?(?:sa |la |ses |les )?(?:famille|parents?))?"
    r"|j accepte(?: (?:les|ces) conditions(?: .*)?)?|je consens"
    r"|(?:le |la |l )?(?:jeune|eleve) (?:est (?:il |elle )?)?(?:informee? et )?d accord"
    r"|(?:(?:le |la |l )?(?:jeune|eleve|enfant|personne|beneficiaire|interessee?) )?(?:a t (?:il|elle)|as tu|avez vous)"
    r" (?:bien )?donne (?:son|ton|votre) (?:accord|consentement)(?: .*)?"
    r"|ok (?:du |de la |de l )?(?:jeune|eleve|famille)|(?:le |la |l )?(?:jeune|eleve|famille) ok"
    r"|opt ?in|(?:gdpr )?consent"
    r"|i (?:agree|consent) (?:to|that) (?!.*\b(?:newsletter|marketing)).*\b(?:contact\w*|share\w*|data)\b.*"
    r"|consent to be contacted|(?:can|may) we contact you|contact autorise|(?:traitement|partage|transmission) des donnees"
    r"|donnees personnelles|transmission aux associations"
    r"|(?:est )?(?:ok|d accord) pour etre (?:re)?(?:contacte|appele)e?|(?:je )?souhaite etre (?:re|r)?(?:contacte|appele)e?"
    r"|(?:peut on|pouvons nous) (?:te |vous |le |la |l )?(?:re)?(?:contacter|appeler)(?: .*)?"
    r"|(?:acceptez vous|acceptes tu) d etre (?:re)?(?:appele|contacte)\w*(?: .*)?"
    r"|autorisez vous .* a transmettre .*"
    r"|souhait(?:ez vous|es tu) (?:toujours )?un mentor"
    r"|(?:transmission|diffusion) de (?:ses|mes|leurs) coordonnees|peut on transmettre .*|(?:autorise|autorisation) transmission .*"
    r"|accord (?:ecrit|rl|du tuteur|ase)"
)
WANTED = re.compile(  # whether somebody wants a mentor, in other words than `asks_whether` knows: not yet is no answer
    r"mentorat(?: o n)?|inscrite? au mentorat|demande de mentor(?:at)?|besoin d un mentor"
    r"|reponse(?: sms)?|(?:reponse|retour|avis|decision|position) (?:du |de la |de l |des )?(?:jeunes?|eleves?|familles?|parents?)"
    r"|(?:(?:is |est )?(?:active|actif)|a contacter)"
    r"|envie d un mentor|admise?|eligibilite|toujours d actualite"
    r"|(?:peut |souhait\w+ )?etre contactee?(?: par (?:une|l|votre) .*)?"
)
THEM = r"(?:le |les |la |l |vos |tes |ses |sa |ta |votre )?(?:(?:representant|responsable)e?s? lega\w+|parents?|famille|mere|pere)"
PARENTS_AGREE = re.compile(  # where no is an answer; under « Autorisation parentale », it may not have come yet
    rf"{THEM} (?:l )?(?:est |sont )?(?:ils? |elles? )?(?:informee?s? (?:et )?)?(?:(?:autorise|accepte)(?:nt)?|d accord)"
    r"(?: (?:pour|avec|a) (?:le |la |ce |cette |votre |ta )?(?:mentorat|parrainage|programme|dispositif|demande|participation))?"
    r"|(?:j |nous )?autoris\w+ (?:mon|ma|notre|l|son|sa) (?:enfant|fils|fille|eleve) a"
    r" (?:participer(?: (?:au|a un|a ce) (?:mentorat|parrainage|programme|dispositif))?"
    r"|beneficier d un (?:mentor|mentorat|accompagnement)|etre (?:accompagne|mentore)e?.*)"
)
AGREEING = frozenset({"autorisation", "accord", "consentement", "signature"})
OF_PARENTS = frozenset({"parental", "parentale", "parents", "parent", "famille", "mere", "pere", "maman", "papa", "representant",
                        "representants", "representante", "responsable", "responsables", "tuteur", "tutrice"})  # fmt: skip
SIGNED_WORDS = (  # what else such a title says: how, when, and what for
    "signe signee signes ecrit ecrite oral orale verbal verbale telephonique recu recue rendu rendue obtenu obtenue donne donnee"
    " rgpd papier date legal legaux legale legales mentorat programme dispositif participer participation"
    " du de des d la le les l sa ses son leur vos votre pour et au a t ont il ils elle elles bien si mineur mineure par"
)
SIGNED = frozenset(SIGNED_WORDS.split())
ELSE = frozenset({"newsletter", "lettre", "photo", "photos", "image", "images", "video", "partenaires", "cookies",
                  "commerciaux",
                  "commerciales", "publicite", "marketing", "recevoir", "reseaux", "sms", "whatsapp", "sortie", "sorties",
                  "statistiques", "presse", "enquete", "parental", "parentale", "parents", "parent", "pere", "mere", "manager",
                  "employeur",
                  "autres", "superieur", "hierarchique"})  # fmt: skip
AGAINST = re.compile(
    r"\b(?:refus\w*|oppos\w*|n (?:accepte|autorise|consens)\w* pas|ne (?:consens|souhaite) pas|retrait|retiree?s?|revoqu\w*"
    r"|desaccord|effacement|absence|sans|manquante?|pas d accord)\b"
)
EXPLAINED = (
    re.compile(  # « (vous pouvez vous opposer à tout moment) », and not the answer that a box is ticked for: « (Je refuse) »
        r"\((?!(?:je (?:refuse|m.oppose|n.\w+ pas|ne \w+ pas)|refus)\W*$)|[.;]", re.IGNORECASE
    )
)
NEGATED = re.compile(r"(?:pas|plus|non|ne|n) ")  # « Pas intéressé », ticked
FINISHED = re.compile(r"\b(?:termin|fini|sorti|fin\b|arret|negati|inutile|lost)")  # « Inscription terminée » is whole; « Sorties »
LONGEST_AGAINST = 8  # words of a title that is against
OF_WHOM = "demande|dossier|candidature|commande|inscription|jeune|mentor|benevole|candidate?"
FREE = re.compile(  # where somebody writes
    rf"(?:observations?|notes?|commentaires?|remarques?|precisions?|messages?)(?: (?:de la |du |de )?(?:{OF_WHOM}))?|situation"
)
A_CASIER = r"\b(?:avez vous|as tu|j ai|(?:je )?n ai pas) (?:un|de) casier\b(?! (?:judiciaire )?vierge)"  # whether there is one
RECORD = re.compile(  # what is asked of who would mentor
    rf"(?!.*{A_CASIER})"
    r"(?:.*\b(?:honorabilite|casier|b3|bulletin n ?o? ?[23]|fijaisv?|extrait cj|criminal record|dbs)\b|(?:b2|cj)$)"
)
OFFENCE = re.compile(  # whether who would mentor was condemned, or swears that they never were
    r"\b(?:condamn\w*|poursui(?:tes?|vie?)(?! (?:d |de |ses |vos |tes )?(?:etude|scolarite|formation))|mise? en (?:examen|cause)"
    r"|infractions?|delits?|crimes?|antecedents? judiciaires?"
    rf"|{A_CASIER[2:]}|objet d une? (?:signalement|procedure|enquete|plainte|sanction)|incapacites? penales?|^signalements?$"
    r"|safeguarding concerns?"
    r"|interdi(?:te?|ction) (?:d exercer|d encadrer|d approcher|professionnelle)|mesures? (?:administratives?|judiciaires?))\b"
)
GONE = (  # how a title says that a request is over; before it, or behind, since when and why
    r"desistements?|desistee?|deces|decedee?s?|dcd|defunte?|deceased|annulations?|annulee?s?|abandon(?:nee?)?s?|refus(?:ee?s?)?"
    r"|retiree?s?|supprimee?s?|archivee?s?|anonymisee?s?|cloturee?s?|radiee?s?|desinscriptions?|desinscrite?s?|desabonnee?s?"
    r"|(?:a )?supprimer|(?:suppression|effacement)(?: demandee?)?(?: rgpd)?|npc"
    r"|exclue?s?|exclusion|demission(?:naire)?|renonciation|renonce|radiation|rejetee?s?|bloquee?s?|morte?|perdue? de vue"
    r"|fin (?:de |du |d )?(?:parcours|suivi|mentorat|accompagnement|dispositif|programme)|hors criteres|(?:classee? )?sans suite"
    r"|cloture du dossier|sortie (?:du |de )?dispositif|(?:archived|cancell?ed|withdrawn|rejected|refused|blocked)"
    r"|rgpd (?:supprimer|effacer|anonymiser)|anonymiser|stop|droit a l oubli|corbeille|ineligibles?"
    r"|sortie? du dispositif|ne plus contacter|demande (?:annulee|retiree)|deleted|unsub|blacklistee?|inacti(?:f|ve)"
)
DATE_LEFT, LEFT_SCHOOL = (
    re.compile(r"(?:date|motif) (?:de )?sortie"),  # of a programme; or of school, where a title says so
    re.compile(r"\bderniere? (?:etablissement|formation|ecole|lycee|college|classe|scolarite)\b|\bdecroch"),
)
LEFT_OUT = re.compile(  # a title that needs no question: whoever is ticked there, or since when, is not to be written to
    rf"(?:(?:date|motif|raison|cause|demande)s? (?:de |d |du |de l |de la )?|(?:s )?est |a )?(?:is )?(?:{GONE})"
    r"(?: (?:le|depuis(?: le)?|at|time|date|motif|o n))*"
    r"(?: parentale?| (?:du |des |de la |de l )?(?:famille|parents?|jeunes?|eleves?))?"
    r"|(?:e?mail |sms )?opt(?:ed)? ?out(?: (?:e ?mail|sms|rgpd))?|do ?not ?(?:call|contact)"
    r"|unsubscribed(?: .*)?|(?:e ?mail|sms) ?(?:black|block)list(?:ed)?|(?:black|block)list(?:ed)?(?: (?:e ?mail|sms))?"
    rf"|sortie? le|{DATE_LEFT.pattern}"
    r"|droit d opposition|a (?:annule|refuse)"
    r"|refus (?:de la |du |des |de l )?(?:famille|parents?|jeunes?|eleves?)"
    r"|(?:a )?ne (?:pas|plus) (?:re|r)?(?:contacter|appeler|lancer|solliciter|ecrire|transmettre)(?: (?:le|la) jeune)?"
    r"(?: (?:o n|np[rc]))?"
    r"|ne (?:souhaite|veut) plus etre (?:re)?contactee?|interdiction de contact|has ?opted ?out.*"
    r"|liste noire|(?:date de )?retrait(?: .*)?|opposition(?: .*)?|je m oppose|(?:fiche |ligne )?(?:en )?doublons?|en double"
)
DRAFT = re.compile(r"(?:est un |en |is )?(?:brouillon|draft)|(?:ligne|fiche) de test")
ASKS_WHO = frozenset({"souhaite", "souhaitez", "souhait", "profil", "role", "type", "etes", "vous", "categorie", "public"})
WHO_ONE_IS = re.compile(
    r"(?:vous etes|tu es|je suis|je veux|formulaire|(?:quel est )?(?:votre |ton )?(?:profil|role|categorie|public)"
    r"|type(?: d[e ]*(?:demande|demandeur|profil|public|inscription))?"
    r"|(?:vous remplissez|tu remplis|je remplis) (?:ce |le )?(?:formulaire )?(?:en tant que|comme|pour)"
    r"|(?:je fais|vous faites) (?:la|cette|une|votre) demande(?: pour| en tant que| comme)?|(?:cette|la) demande est pour"
    r"|(?:je |vous )?souhaitez?(?: etre)?|lifecycle ?stage"
    r"|mentore? (?:ou )?mentore?e?|statut|status|qualite(?: du demandeur)?|fonction|groupes?|tags?|etiquettes?|role dans .*"
    r"|i am(?: an?)?|type d adhesion|billet|formule|liste|tarif"
    r"|qui (?:remplit|fait) .*|qui etes vous|votre statut|demande pour|pour qui(?: .*)?"
    r"|(?:la |cette )?(?:demande|inscription) (?:est pour|concerne)|je m inscris pour"
    r"|type de (?:participante?|contact|personne|membre|adherente?|compte)"
    r"|(?:je m |inscrite? |inscription )?(?:inscris )?(?:en tant que|comme))"
    r"(?: .{0,3})?"
)
WHO_FILLS = re.compile(  # the form, or whether it is the jeune; or what they are, at home or at work
    r"(?:identite du )?demandeur|auteure? de la demande|votre situation|poste(?: occupe)?|profession|metier|"
    r"(?:\w+ ){0,3}(?:rempli|complete|fait|saisi|formule|depose)e? par|personne (?:qui|ayant) .*|vous etes (?:son|sa)\b.*"
    r"|qui (?:etes vous|es tu) .*|(?:es tu|etes vous|est ce) (?:bien )?(?:le |la )(?:jeune|eleve|enfant|personne)(?: .*)?"
)
A_MENTOR = r"(?:mentor(?: e)?|parrain|marraine)"  # « mentoré » is the jeune
PAIRED = re.compile(  # who has a mentor already asks for none
    rf"(?:pre)?nom(?: (?:et )?prenom)? (?:du |de la )?{A_MENTOR}"
    r"|(?:mentore?|benevole|parrain|marraine) (?:e )?(?:attribue|affecte|actuel|assigne|designe|lie|en cours)e?"
    r"|(?:matche|apparie|jumele)e? avec"
    r"|(?:a|as tu|avez vous|il a|elle a|deja) (?:deja )?un mentor"
    r"|date (?:de |du )?(?:mise en |debut (?:de |du )?)?binome|(?:deja )?en binome|(?:en )?binome avec|binome"
    r"|(?:matche|apparie|binome (?:forme|cree|constitue))e?(?: le| avec)?|mentor trouve|deja accompagnee?|mentor (?:lie|en cours)"
)
HAS_ONE = re.compile(A_MENTOR)  # a name below it
SENT = re.compile(
    r"submitdate(?: .*)?|date de soumission|submit date"
)  # what a form program fills when somebody sends what they wrote
FIT = re.compile(r"apte|valide|validee|habilitee?|honorable")  # of somebody who would mentor


# In brackets: how to answer, and nothing of what is asked; after a title: that, the year, or what for.
HOW = frozenset({"oui", "non", "o", "n", "ou", "a", "cocher", "cochez", "coche", "case", "si", "mineur", "mineure", "mineurs",
                 "date", "x", "mettre", "un", "une", "ok", "ko", "reponse", "en", "attente", "b3"})  # fmt: skip
AFTER = re.compile(
    r"(?: (?:oui (?:ou )?non|oui|non|o n|reponse"
    r"|(?:au|pour le|par le) (?:mentorat|programme|dispositif)|20\d\d(?: (?:20)?\d\d)?))+$"
)
CHOICES = 2  # slashes, at least, between answers


def asks(title: str) -> frozenset[str]:
    """What a title asks, whatever it says of how to answer (« Accord du jeune (oui/non) », « Décision 2026-2027 »)."""
    return asked(title, fold(title)) | asked(title, plain_title(title))


def plain_title(title: str) -> str:
    """A title, folded, without what only says how it is to be answered, nor for which year."""
    return AFTER.sub("", fold(re.sub(r"\(([^()]*)\)", lambda said: " " if says_how(said[1]) else said[0], title)))


def says_how(said: str) -> bool:
    """Whether brackets only explain, or say the answers to choose from."""
    words = {word for word in fold(said).split() if not word.isdigit()}
    return words <= HOW or said.count("/") >= CHOICES or explains(said)


def says_over(folded: str) -> bool:
    """Whether a title says, with a box to tick or a date, that a request is over: « Pas intéressé », « Dossier clos »."""
    is_said = bool(NEGATED.match(folded)) or not FINISHED.search(folded)
    return is_said and is_over(folded) and not ELSE & set(folded.split())


def asks_parents(words: Set[str]) -> bool:
    """Whether the words of a title ask for what parents agree to, and for nothing else."""
    return bool(words & AGREEING and words & OF_PARENTS) and words <= AGREEING | OF_PARENTS | SIGNED


def asked(title: str, folded: str) -> frozenset[str]:
    """What a title asks of these: agreement, or its contrary; the status of a request; who one is, or would be."""
    words = set(folded.split())
    beginning = fold(EXPLAINED.split(title)[0])
    is_against = bool(AGAINST.search(beginning))
    elsewhere = ELSE - {"partenaires"} if words & {"association", "associations"} else ELSE  # to whom requests are passed on
    elsewhere = elsewhere - {"sms", "whatsapp"} if words & {"telephone", "mail"} else elsewhere
    is_agreement = bool(words & AGREED or is_against) and bool(words & PASSED_ON) and not words & elsewhere
    is_agreement = (is_agreement and "oppose pas" not in beginning) or bool(AGREEMENT.fullmatch(folded))
    is_left_out, is_said_over = bool(LEFT_OUT.fullmatch(folded)), says_over(folded)
    found = {
        "agreement": is_agreement and not is_against and not is_left_out,
        "objection": (is_agreement and is_against) or is_said_over,
        "over": is_said_over,
        "left out": is_left_out or (bool(words & AGREED) and is_against and len(words) < LONGEST_AGAINST),
        "wanted": bool(WANTED.fullmatch(folded) or PARENTS_AGREE.fullmatch(folded)) or asks_whether(folded),
        "parents": asks_parents(words) or bool(PARENTS_AGREE.fullmatch(folded)),
        "status": is_of_state(folded, frozenset({"state"})),
        "step": is_of_state(folded, frozenset({"state", "moment"})),
        "record": bool(RECORD.match(folded)),
        "offence": bool(OFFENCE.search(folded)),
        "free": bool(FREE.fullmatch(folded)),
        "draft": bool(DRAFT.fullmatch(folded)),
        "wish": bool(words & ASKS_WHO),
        "who": bool(WHO_ONE_IS.fullmatch(re.sub(r"^\d+ ", "", fold(re.sub(r"\([^)]*\)", "", title))))),
        "filled": bool(WHO_FILLS.fullmatch(folded)),
        "part": title == PART,
        "paired": bool(PAIRED.fullmatch(folded)),
        "mentor": bool(HAS_ONE.fullmatch(folded)),
        "sent": bool(SENT.fullmatch(folded)),
        "fit": bool(FIT.fullmatch(folded)),
    }
    return frozenset(what for what, is_asked in found.items() if is_asked)
