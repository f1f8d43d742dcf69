"""What the API refuses, as RFC 9457 problems, in French or in English as the caller asks."""

import json
from typing import Any

from flask import Response, current_app, request

# Code: HTTP status, then title and sentence in French, the same in English.
PROBLEMS: dict[str, tuple[int, str, str, str, str]] = {
    "unauthorized": (401, "Clé absente ou inconnue", "Envoyez « Authorization: Bearer » suivi d'une clé active.",
                     "Missing or unknown key", "Send “Authorization: Bearer” followed by a live key."),
    "forbidden": (403, "Portée insuffisante", "Cette clé ne permet pas cette action.",
                  "Insufficient scope", "This key does not allow this action."),
    "not-found": (404, "Demande introuvable", "Aucune demande de ce partenaire n'a cet identifiant.",
                  "Request not found", "No request of this partner has this identifier."),
    "no-address": (404, "Adresse inconnue", "Cette adresse n'existe pas. La description : /api/v1/openapi.json.",
                   "Unknown address", "This address does not exist. The description: /api/v1/openapi.json."),
    "answered": (409, "Demande close", "Cette demande a sa réponse, ou a pris fin : elle ne se retire plus ici.",
                 "Request closed", "This request has its answer, or has ended: it is not taken back here any more."),
    "method": (405, "Méthode refusée", "Cette adresse ne connaît pas cette méthode.",
               "Method not allowed", "This address does not know this method."),
    "media-type": (415, "Format refusé", "Le corps doit être du JSON : Content-Type: application/json.",
                   "Unsupported media type", "The body must be JSON: Content-Type: application/json."),
    "bad-json": (400, "JSON illisible", "Le corps n'est pas un objet JSON.", "Unreadable JSON", "The body is not a JSON object."),
    "bad-request": (400, "Appel illisible", "Cette adresse ou ces en-têtes ne se lisent pas.",
                    "Unreadable call", "This address or these headers cannot be read."),
    "no-idempotency-key": (400, "Idempotency-Key absente", "Envoyez l'en-tête Idempotency-Key : de 1 à 255 caractères visibles.",
                           "Missing Idempotency-Key", "Send the Idempotency-Key header: 1 to 255 visible characters."),
    "in-progress": (409, "Appel en cours", "Un appel avec cette clé d'idempotence est en cours : réessayez dans une seconde.",
                    "Call in progress", "A call with this idempotency key is in progress: try again in a second."),
    "key-reused": (422, "Clé d'idempotence déjà prise", "Cette clé d'idempotence a servi à un autre corps.",
                   "Idempotency key reused", "This idempotency key was used with another body."),
    "invalid": (422, "Demande incomplète ou fausse", "Corrigez les champs cités, puis renvoyez.",
                "Incomplete or wrong request", "Correct the fields below, then send again."),
    "too-large": (413, "Corps trop lourd", "Le corps dépasse la taille permise.",
                  "Body too large", "The body is larger than allowed."),
    "too-many": (429, "Trop d'appels", "Attendez, puis réessayez.", "Too many calls", "Wait, then try again."),
    "mailbox": (429, "Boîte pleine pour aujourd'hui", "Vingt demandes par jour au plus écrivent à une même adresse e-mail.",
                "Mailbox full for today", "Twenty requests a day at most write to one e-mail address."),
    "failure": (500, "Panne", "Rien n'est enregistré à moitié. Réessayez.", "Failure", "Nothing is stored by half. Try again."),
    "pause": (503, "Courte pause", "Rien n'est perdu. Réessayez dans une minute.",
              "Short pause", "Nothing is lost. Try again in a minute."),
}  # fmt: skip
BY_STATUS = {
    400: "bad-request", 401: "unauthorized", 403: "forbidden", 404: "no-address", 405: "method", 409: "in-progress",
    413: "too-large",
    415: "media-type", 429: "too-many", 500: "failure", 503: "pause",
}  # fmt: skip
MOST_ERRORS = 50  # that are said at once
AGAIN = {"in-progress": "1", "mailbox": "3600"}  # in how many seconds
# What is wrong with a field.
SENTENCES: dict[str, tuple[str, str]] = {
    "required": ("Ce champ est nécessaire.", "This field is required."),
    "unknown": ("Ce champ n'existe pas.", "This field does not exist."),
    "type": ("Ce n'est pas le bon type de valeur.", "This is not the right type of value."),
    "choice": ("Cette valeur n'est pas dans la liste.", "This value is not in the list."),
    "length": ("C'est vide, ou trop long.", "It is empty, or too long."),
    "name": ("Ce n'est pas un nom.", "This is not a name."),
    "email": ("Cette adresse n'est pas complète.", "This address is not complete."),
    "slip": ("Ce domaine n'existe pas : relisez ce qui suit le @.", "No such domain exists: read again what follows the @."),
    "phone": ("Ce numéro n'est pas complet.", "This number is not complete."),
    "date": ("Cette date n'est pas possible : AAAA-MM-JJ.", "This date is not possible: YYYY-MM-DD."),
    "age": ("Le programme accompagne de 6 à 29 ans.", "The programme accompanies people from 6 to 29."),
    "mentor-age": ("On est mentor ou mentore de 14 à 100 ans.", "Mentors are 14 to 100."),
    "commune": ("Ce code INSEE n'est celui d'aucune commune (ce n'est pas le code postal).",
                "This is no commune's INSEE code (which is not its postal code)."),
    "commune-name": ("La commune de ce code a un autre nom : est-ce un code postal ?",
                     "The commune of this code has another name: is it a postal code?"),
    "reach": ("Ni numéro, ni adresse e-mail, ni lien ici.", "No number, e-mail address or link here."),
    "reachable": ("Donnez une adresse e-mail ou un téléphone.", "Give an e-mail address or a telephone number."),
    "guardian": ("Avant 18 ans, nommez qui représente la personne, avec un moyen de la joindre.",
                 "Below 18, name who represents the person, with a way to reach them."),
    "own": ("C'est l'adresse de la personne : donnez celle de qui la représente.",
            "This is the person's own address: give that of who represents them."),
    "agreed": ("La personne doit avoir donné son accord.", "The person must have agreed."),
}  # fmt: skip


class Problem(Exception):
    """The API refuses; `errors` are pairs of a field's place and a sentence's code, `status` another HTTP status than its usual."""

    def __init__(self, code: str, errors: list[tuple[str, str]] | None = None, status: int | None = None) -> None:
        super().__init__(code)
        self.code, self.errors, self.status = code, errors or [], status


def speaks_english() -> bool:
    """Whether the caller prefers English."""
    return request.accept_languages.best_match(["fr", "en"], default="fr") == "en"


def answer(problem: Problem) -> Response:
    """The problem as application/problem+json."""
    status, title, detail, title_en, detail_en = PROBLEMS[problem.code]
    status = problem.status or status
    english = speaks_english()
    body: dict[str, Any] = {
        "type": f"{current_app.config['BINOME'].public_url}/api/v1/#{problem.code}",
        "title": title_en if english else title,
        "status": status,
        "detail": detail_en if english else detail,
    }
    if problem.errors:
        body["errors"] = [
            {"pointer": pointer, "detail": SENTENCES.get(code, SENTENCES["type"])[english]}
            for pointer, code in problem.errors[:MOST_ERRORS]
        ]
    if len(problem.errors) > MOST_ERRORS:
        body["detail"] += " More is wrong." if english else " D'autres encore sont faux."
    response = Response(json.dumps(body), status, mimetype="application/problem+json")
    response.headers["Content-Language"] = "en" if english else "fr"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Binome"'
    if problem.code in AGAIN or status == 503:
        response.headers["Retry-After"] = AGAIN.get(problem.code, "60")
    return response
