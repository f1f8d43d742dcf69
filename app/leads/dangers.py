"""The words by which people say that a parent is not to be told, may not be written to, or may harm.

They are those of social workers, of schools, of parents and of children, folded; whom each rules out is decided in `ruled_out`.
"""

import re

SHORT = (  # what people shorten, in full
    (re.compile(r"\bV\.?I\.?F\b"), "violences"),  # « violences intrafamiliales »; « vif » is said of a quick child
    (re.compile(r"\b(?:M\.?(?=\s+[A-ZÀ-Ý]|\s*$)|m\.(?=\s)|M[rR]\b\.?|mr\b\.?)"), "monsieur"),
    (re.compile(r"\b(?:mme|mlle)\b\.?", re.IGNORECASE), "madame"),
    (re.compile(r"\bn ?[°º]", re.IGNORECASE), "numéro"),  # it is not « n' »
    (re.compile(r"\((?:s|e|es)\)"), ""),
)
DET = r"(?:(?:le|la|les|l|son|sa|ses|mon|ma|mes|leur|leurs|notre|votre) )?"
PARENT = r"(?:pere|mere|papa|maman|parents)\b"
A_PARENT, OF_PARENT = DET + PARENT, rf"(?:d|de|du|des) {DET}{PARENT}"
ONE_PARENT = DET + r"(?:pere|mere|papa|maman)\b"
NOT_ONE = rf"(?! (?:(?:par|avec|a|au|chez) )?{ONE_PARENT})"  # « Le soir, uniquement la mère » is a choice
WAYS = r"(?:(?:adresse )?(?:e ?mail|mail)|courriel|adresse|telephone|tel|portable)"
BY_WAY = r"par (?:sms|texto|e ?mail|mail|courriel|whatsapp|telephone|message)\b"
CALL = r"(?:appel|contact|joindre|joign|telephon|derang)\w*"
AT_A_TIME = (
    r"(?:(?:avant|apres|entre|a partir de|pendant) (?:\d\w*|(?:le|les|son|ses|leur) (?:travail|cours|heures|service|repas))"
    r"|(?:le|la|les) (?:matin|midi|soir|nuit|week|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
    r"|en (?:journee|soiree|semaine)|au travail|la journee)"
)
ELSEWHERE = (
    r"(?:scolaires?|entre eleves|policieres?|urbaines?|routieres?|(?:au|du) (?:college|lycee|stage|travail|quartier|sport)"
    r"|(?:a|de) l ecole|en (?:classe|stage|ligne|cours)|sur (?:les reseaux|internet|instagram|snapchat)"
    r"|dans (?:la rue|la cour|le quartier|le bus|le metro|les transports|son (?:quartier|pays|college|lycee|stage|ancienne? \w+))"
    r"|par (?:un |une |des |ses |d autres )(?:inconnus?|camarades?|eleves?|voisins?|collegues?|profs?|professeurs?|garcons|filles))"
)
BLOW = (
    r"(?:frapp|menac|agress|viol|maltrait|harcel|abus|insult|sequestr|terroris|brutalis|cogn|humili|tap|gifl|tabass|brul|enferm"
    r"|etrangl)"
)


def any_of(*rules: str) -> re.Pattern[str]:
    """One of these, from the beginning of a word."""
    return re.compile(rf"\b(?:{'|'.join(rules)})")


# Taken out before anything is looked for: what is denied, and what only sounds like danger.
INNOCENT = any_of(
    r"(?:pas|aucune?s?|absence|sans) (?:de |d )?(?:violences?|maltraitances?|danger|menaces?|plaintes?|conflits?)"
    r"(?: (?:connue?s?|signalee?s?|a signaler))?\b",
    r"menacee?s? (?:d (?:expulsion|exclusion|etre (?:expuls|exclu)\w*)|de licenciement|de (?:decrocher|redoubl\w*))",
    r"frappee?s? (?:par|d) (?:une? |la |le |l )?(?:maladie|deuil|cancer|avc|malheur|injustice)",
    r"victimes? d (?:une? )?(?:accident|avc|infarctus|escroquerie|vol|discrimination)\b",
    r"coups? (?:de|d) (?:main|pouce|fil|coeur|oeil|chance|projecteur|stress|fatigue|blues)\b",
    r"de la viole\b|viole de gambe|mort(?:e|s)? de (?:rire|fatigue|trouille)|interdit bancaire|metiers? (?:est )?dangereux",
    r"produits? toxiques?|agent de protection",
    r"(?:gardienn?e?|surveillante?|agente?|direct(?:eur|rice)|infirmiere?|aumonier|professeure?)(?: \w+)? (?:de |en )prison\b",
    r"protection (?:civile|sociale|rapprochee|incendie|universelle|internationale|subsidiaire|temporaire|juridique|maternelle"
    r"|des donnees|de l environnement|de la nature)",
    r"(?:ne |n )?(?:(?:sai\w+|sav\w+) (?:pas|plus|ni) (?:(?:tres )?bien )?(?:ni )?(?:lire|ecrire)|peu\w+ (?:pas|plus|ni) lire)"
    r"(?: (?:et|ni|ou) (?:lire|ecrire))?\b",
    r"(?:ne |n )?sa[iv]\w+ (?:pas|plus)(?: encore| trop| vraiment| bien)? (?:utiliser|se servir|conduire|nager|parler|comment"
    r"|(?:(?:m|l|les?|la|lui|leur|nous) )?(?:expliquer|aider|orienter|conseiller|guider)"
    r"|quoi|quel\w*|vers|ou (?:s orienter|aller|chercher)|ce qu\w*(?: elle| il| je)?"
    r" (?:veu\w+|voudr\w+|souhait\w+|aim\w+|va|peut|peux))",
    r"(?:ne pas |n )(?:hesit|oubli|tard)\w*(?: pas)?\b|(?:sans|pas de) (?:problemes?|soucis?|difficultes?|hesit\w+)",
    r"(?:de|en) plus\b",
    r"plus (?:simple|facile|rapid|pratiqu|dispo|souvent|tard|tot|efficac|mobile|autonom|joignable|de temps|d informations?|que)\w*",
    r"ne repond\w* (?:pas|jamais) (?:aux? )?(?:appels?|messages?|mails?|telephone)\b",
    r"(?:pas|jamais) (?:pu|reussi a|arrive\w* a|parvenue? a) (?:les? |la )?(?:joindre|contacter|appeler)\b",
    r"(?:arriv|parvi|parven|reussi)\w* (?:pas|plus|jamais) a (?:les? |la )?(?:joindre|contacter|appeler)\b",
    rf"n (?:a|ont) (?:pas|plus) (?:de |d )?{WAYS}\b|(?:pas|plus) le droit (?:de|d) (?:travail\w*|conduire|exercer|sejour\w*)",
    r"n est pas autorisee? a (?:travailler|conduire|exercer|sejourner)|pas encore (?:envoye|transmis|communique)\w*",
    rf"(?:ne (?:pas|plus)|inutile (?:de|d)) {CALL}(?: (?:a )?(?:{A_PARENT}|(?:monsieur|madame)(?: \w+)?))? {AT_A_TIME}",
    rf"(?:ne|n) {CALL}(?: {A_PARENT})? que {AT_A_TIME}",
    rf"(?:uniquement|seulement|exclusivement|de preference|plutot) (?:{AT_A_TIME}|{BY_WAY}|en cas d urgence)\b{NOT_ONE}",
    rf"(?:{AT_A_TIME}|{BY_WAY}) (?:uniquement|seulement|exclusivement|de preference|plutot)\b{NOT_ONE}",
    rf"ne (?:peu\w+|pas) (?:pas )?(?:etre |l )?(?:appele\w*|joint\w*|contacte\w*|joindre) {AT_A_TIME}",
    r"oppose (?:pas|rien)\b|(?:n |ne )(?:s )?oppos\w+ pas\b|ne refus\w+ pas\b|pas de refus\b",
    r"(?:pas|plus|aucune?) (?:de )?(?:contacts?|relations?|reseau) (?:pour (?:un|une|des|son|le|trouver)\b|dans (?:le|la|l) |pro)",
    # At school, at work, at an office
    rf"victimes? de harcelement\b(?!.*(?:\b(?:par|part)\b|{PARENT}|famil|maison|domicile|sexuel))",
    r"en danger de (?:decroch|redoubl|descolaris|exclusion)\w*",
    r"plaintes? (?:pour (?:vol|degradations?|escroquerie|usurpation)\b"
    r"|des? (?:l |la |les |ses )?(?:prof|enseign|voisin|camarade)\w*)",
    r"negligences? (?:dans|sur) (?:le|son|les|ses) (?:travail|devoirs|etudes)",
    r"(?:stage|benevol\w*|travail\w*|soigneu\w*) (?:dans|en|au) (?:un |le |les )?refuges?",
    r"refuges? (?:spa|lpo|animalier|pour animaux)",
    r"mis\w* a l abri par (?:le |la )?(?:115|samu|siao|mairie|prefecture)|mesures? de protection (?:aemo|aed|de l enfance)\b",
    r"(?:pas|plus|aucun|sans|perdu) (?:aucun |de |les |ses )*droits? (?:a la |a l |au )?(?:caf|rsa|apl|secu\w*|chomage|ame)\b",
    r"(?:suite a|a|a eu|a connu|apres) (?:un|plusieurs) deces|deces dans (?:la|sa|ma|leur) famille",
)
# Taken out too, unless the words say that a parent did it: what happens elsewhere.
HAPPENED_ELSEWHERE = any_of(
    r"(?:(?:se fai\w*|s est fait\w*) )?"
    r"(?:violences?|coups|battue?s?|victimes? de \w+|danger|(?:agress|menac|insult|harcel|frapp|tap|tabass)\w*)"
    rf"(?: (?:physiques?|verbales?|psychologiques?|et|de|insultes))* {ELSEWHERE}\b"
    rf"(?!.*\b(?:par|de la part d\w*) (?:{A_PARENT}|{DET}(?:beau|belle|frere|oncle|cousin|famille|conjoint|mari|compagnon)\b))",
)
# And, where no parent is named and nobody is looked after: whom they wish to help, and what against.
THE_HARMED = (
    r"(?:(?:contre|sur) (?:les |la )?(?:violences?|maltraitances?|mariages? forces?|excision)"
    r"|(?:femmes|enfants|personnes|gens|mineurs|victimes|toxicomanes|alcooliques)"
    r"(?: (?:victimes?|de|d|en|violences?|danger|inceste|maltraite\w*|battue?s?|violee?s)\b)*)"
)
WISHES = any_of(
    rf"(?:aider|lutter|defendre|secourir|soigner|travailler|atelier|expose|debat)(?: \w+){{0,3}}? {THE_HARMED}",
    r"(?<!par un )(?<!par une )(?<!par l )(?:avocate?|educat\w+|policiere?|gendarme|pompiere?|infirmiere?|psycholog\w+|juge)"
    rf" (?:(?:pour|aupres d\w*) (?:les )?|(?=contre)){THE_HARMED}",
)
LOOKED_AFTER = re.compile(
    r"\b(?:(?:suivi|heberge|accompagne|accueilli|oriente|soutenu|place|confie|cache)(?:e|s|es)?|faut|urgent)\b"
)
LET_BE = (
    r"(?:contact|preven|previen|inform(?!ati)|informations? (?:a|au|aux)\b|dire\b|dites?\b|dis\b|appel|joindre|ecrire|ecriv"
    r"|envo[iy]|savoir|sait\b|savent\b|sache|transmet|sollicit|communiqu|copie\b|apprendre|apprenne|decouvr|approch|passer par"
    r"|mention|evoqu|divulgu|telephoner|laisser (?:de |un )?(?:message|mot|trace)"
    rf"|infos? (?:a|au|aux)\b|repond\w+ (?:a|au|aux) {A_PARENT}|donn\w+ (?:\w+ ){{0,3}}?(?:a|au|aux) {A_PARENT})"
)
NOT_TO = any_of(
    rf"(?:ne|n|pas|plus|rien|jamais|sans|inutile d|inutile de|aucune (?=info))\b.{{0,80}}\b{LET_BE}",
    r"(?:pas|plus) (?:de )?(?:contact|courrier|mail|appel|lettre|message|lien|nouvelle|relation)s?\b",
    r"aucune? (?:contact|lien|nouvelle|relation)|voi(?:t|s|ent) plus\b|rupture de (?:contact|lien)",
    r"(?:pas|plus|jamais|sans) (?:en )?parler\b",
    rf"parl(?:ez|ons|e) (?:pas|jamais|plus|surtout pas)(?: d\w* .*)? (?:a|au|aux) {A_PARENT}",
    r"n en parl\w+ (?:pas|jamais|surtout pas|a personne)|pas un mot (?:a|au|aux)\b|(?:dites|dis|dire) (?:surtout )?(?:rien|pas)\b",
    r"(?:pas|plus) (?:etre )?(?:mis )?au courant|non informee?s?\b|ignor\w+|sans l accord\b|personne ne (?:doit|sait)\b",
    r"a (?:ne pas|eviter|distance|l ecart)\b|eviter (?:de |le |la |tout )|interdi|en aucun cas\b",
    r"(?:doi\w+|devr\w+) (?:surtout )?(?:pas|jamais|rien)\b",
    rf"(?:attention|mefian\w+)(?: vis a vis)? (?:a|au|aux|avec|du|de) {A_PARENT}|attention {A_PARENT}$",
    rf"(?:exclu|ecart|eloign)\w* {A_PARENT}|{PARENT} (?:est )?(?:exclu|ecarte)e?\b|(?:pas|jamais) (?:lui|leur) repondre\b",
    r"(?:non|(?:est|sont|etre) (?:pas|plus)) autorise(?:e|s|es)?\b",
    r"(?:surveill|control|fouill|ecout|li[st]\b)\w* (?:son|sa|ses|mon|ma|mes) (?:telephone|portable|messages?|mails?|courrier|sms)",
    r"cachette\b|en secret\b|secrete?\b|insu\b|cacher\b|(?<!se )cache\b|discretion\b",
    r"connai\w+ (?:pas|plus) (?:l |son |leur |la )?(?:nouvelle )?(?:adresse|numero)\b",
    rf"{PARENT} (?:est|sont) contre\b|(?:refus|oppos|desaccord|hostile)\w*\b(?=.*{PARENT})",
    rf"{PARENT}.*\b(?:refus|oppos|desaccord|hostile)|pas d accord\b",
    r"(?:refus\w+|(?:veu\w+|souhait\w+|voul\w+|voudr\w+) (?:pas|plus)) (?:(?:de|d|a) )?"
    rf"(?:voir|parler|vivre|habiter|rencontrer|retourner|aller|rentrer|que|qu)\b.*{PARENT}",
)
UNFIT = any_of(  # the law, or their state, keeps a parent from being written to
    r"dechue?s?\b|decheance|decede|dcd\b|deces\b|morte?s?\b|defunte?\b|incarcer|prison\b|emprison|detenue?\b|detention\b|ecroue|condamn",
    r"garde a vue|controle judiciaire|mise? en examen|poursuivie? (?:par|pour|en justice)|bracelet (?:electro|anti)|parloir",
    r"connue? (?:de|des) (?:services de )?(?:la )?(?:police|justice)|recherchee? par|en cavale|fichee? s\b|delinquant|proxenete",
    r"pedo(?:phil|crimin)|soupconne|radicalis|sectaire|alcool|toxico|addict|drogu(?!eri)|conflictuel|rompue?s?\b",
    rf"denonce\w* {A_PARENT}|(?:pas|plus) (?:la|de) garde\b|suspendue?",
    r"(?:sans|retrait de l|retiree?|perdu\w*|plus|pas) (?:l )?autorite|autorite (?:parentale )?(?:retire|perdu|enleve)",
    r"droits? (?:parentaux )?(?:de visite|retires?|suspendus?)|visites? (?:mediatise|encadre|accompagne|surveille)",
    r"(?:sans|aucun|plus|perdu) (?:aucun |ses |de |tous ses )*droits?\b|(?:pas|plus) (?:le|de|ses) droits?\b",
    r"privee? d\w* (?:\w+ )?(?:droits?|autorite)",
)
VIOLENT = any_of(  # said of who does it
    r"violente?s?\b|maltraitante?s?\b|maltraite(?:ur|use)s?\b|dangereu(?:x|se)s?\b|menacante?s?\b|agresseu(?:r|se)s?\b",
    r"abusi(?:f|ve)s?\b|incestueu(?:x|se)s?\b|toxiques?\b|homophobes?\b|agressi(?:f|ve)s?\b",
    r"auteur (?:de |des )(?:violences|faits|viols?)\b",
)
AT_HOME = any_of(  # who does it is not said, and may be either
    r"maltrait(?!ant|eu)\w*|incest\w*|violences?\b|intra ?familial|abus sexuel|abusee?s?\b|attouchement|viols?\b|violee?s?\b",
    r"agression sexuelle|agressee? sexuellement|coups\b|chatiment|corporelle|sequestr|emprise\b|feminicide|victimes?\b",
    r"mariages? (?:force|arrange)|mari(?:er|ee) de force|(?:la|le|me) marier\b|menacee? de mariage|retour force\b",
    r"emprisonnee?s? (?:chez|a la maison|par)\b",
    r"excis(?:ion|ee)|mutilation|crime d honneur|menac\w+ de mort|negligences?\b|delaissement|rupture familiale",
    r"(?:femmes?|enfants?|fille|fils|jeune|eleve|mere|est|ete) battue?s?\b|se fai\w+ (?:frapp|tap|batt|agress|insult)",
    r"(?:se fai\w+|s est fait\w*) (?:viol|abus|frapp|tap|batt|tabass)",
    r"(?:est|ete) (?:frapp|tap|agress|menac|abus|insult)ee?s?\b",
    rf"(?:il|elle|on|ils) (?:la|le|les|l|me|m|lui) (?:a |ont )?(?:bat|{BLOW})",
    r"(?:ordonnance|mesure|sous) (?:de |d )?(?:protection|eloignement)|mis\w* a l abri|a l abri\b|fugu\w+|en danger\b|grave danger",
    r"situations? de danger|danger (?:a la maison|au domicile|au foyer|chez)\b|parent (?:est il )?violent\b",
    r"tgd\b|bracelet anti|refuge\b|opp\b|plaintes?\b|informations? preoccupante|se cache(?:nt)?\b|mise? (?:dehors|a la porte)\b",
    r"signalement (?:au|a la|du) (?:procureur|parquet|crip|cellule)|placement (?:judiciaire|provisoire)",
    r"placee? (?:en urgence|sur decision|suite a des|par (?:le juge|la justice|decision))",
    r"interdi\w+ (?:d |de )?(?:approcher|contacter|entrer en contact|contact) (?:avec |de )?(?:la|sa) mere",
    r"peur (?:de rentrer|a la maison|d elle|de lui|d eux)\b|(?:mere|pere|parents|maman|papa) (?:a|ont) (?:tres )?peur$",
    r"peur (?:du|de) (?:son |sa |la )?(?:beau|belle|grand|frere|oncle|conjoint|compagnon|mari)\b",
    r"(?:fui|enfui|sauve)\w* (?:\w+ ){0,4}(?:domicile|foyer|maison|famille|conjoint|mari|chez (?:elle|lui|eux|moi))\b",
    r"localis(?:er|ee?)\b|lieu (?:de vie )?(?:confidentiel|secret|cache)",
    r"adresse (?:a ne pas|confidentielle|secrete|cachee|protegee)\b",
    r"(?:pas|jamais|rien) (?:\w+ ){0,2}(?:donner|communiqu\w+|transmet\w+|divulgu\w+) (?:\w+ ){0,3}(?:adresse|coordonnees|lieu)\b",
)
BESIDE = any_of(  # danger too, where somebody of the family is named
    r"frapp|agress|abus|menac|harcel|insult|humili|terroris|brutalis|gifl|tabass|battue?s?\b|(?<!se )tue\w*|meurtr|assassin",
    r"(?:la|le|l|les|me) (?:a )?(?:bat|battait|battu|tape|cogne)\b|leve\w* la main|protection\b|eloignement\b|danger",
    r"rejet|(?:chassee?|reniee?|abandonnee?|surveillee?|exclue?) par\b",
)
BY_THEM = any_of(  # beside words of danger: from whom it comes. A complaint « par la mère » is not
    rf"(?:contre|a l encontre|de la part|auteur\w*|mefi\w+)(?: de| du)? {A_PARENT}",
    r"(?<!plainte deposee )(?<!plainte portee )(?<!plainte )(?<!signale )(?<!signales )(?<!signalee )(?<!signalees )"
    rf"(?<!denonces )(?<!denoncees )(?<!revelees )par {A_PARENT}",
    r"(?:a l abri|eloigne\w*|eloignement|protegee?|maltraitances?|violences?|menaces?|coups|emprise|abus|agressions?|insultes)"
    rf"(?: (?:physiques?|sexuel\w*|verbales?|psychologiques?))* {OF_PARENT}",
)
FEARED = any_of(  # words that say it alone
    rf"(?:peur|craintes?|terreur) {OF_PARENT}|peur (?:que|qu) {A_PARENT}|(?:crain\w+|redout\w+) {A_PARENT}",
    rf"(?:conflits?(?: \w+)?|rupture|brouille\w*|fache\w*|entend\w* (?:pas|plus|mal)) avec {A_PARENT}",
    rf"(?:fui|enfui|sauve)\w*(?: (?:de|du|d|le|la|l|chez|domicile|maison|foyer))* {A_PARENT}",
    rf"(?:protege\w*|eloigne\w*) {OF_PARENT}|{PARENT} (?:lui |me |leur )fai\w+ (?:tres )?peur",
    rf"{PARENT} (?:l|m|les) (?:a|ont|avait) (?:reni|rejet|chass|abandonn)",
    rf"{PARENT} (?:(?:qui|la|le|les|l|m|lui|me) )*{BLOW}(?:e|es|ent|ait|aient|er)?\b(?! par\b)",
    rf"{PARENT} (?:(?:qui|la|le|les|l|m|lui|me) )*(?:a|ont|avait) {BLOW}",
    rf"{PARENT} (?:(?:qui|la|le|les|l|me|m|a|ont) )+(?:bat|battent|battait|battu)\b",
)
