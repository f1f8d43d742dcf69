"""Invented names, the four associations, and the accounts that the demonstration opens in one click."""

import unicodedata
from dataclasses import dataclass, field

from app.accounts.permissions import Role

PASSWORD = "binome-demonstration"  # noqa: S105  (printed on the demonstration's own page)
PROGRAMME = "programme"


@dataclass(frozen=True)
class Place:
    """An association: who it is, where, and communes (INSEE) that its people live in."""

    slug: str
    name: str
    initials: str
    city: str
    colour: str
    departements: tuple[str, ...]
    communes: tuple[str, ...]
    timezone: str = "Europe/Paris"
    all_france: bool = False
    axes: tuple[str, ...] = ("education", "employment")
    min_age: int = 11
    staff: tuple[tuple[str, str, str, Role], ...] = field(default=())


PLACES = (
    Place("passerelle-rhone", "Passerelle Rhône", "PR", "Lyon", "#3d4a9e", ("69", "01", "38", "42"),
          ("69123", "69266", "38185", "42218", "01053"),
          staff=(("Claire", "Morel", "référente", Role.COORDINATOR), ("Samuel", "Girard", "directeur", Role.ADMIN))),
    Place("tremplin-nord", "Tremplin Nord", "TN", "Lille", "#a13d2d", ("59", "62", "80"),
          ("59350", "59512", "62041", "80021"), min_age=6,
          staff=(("Aurélie", "Dubois", "chargée de mentorat", Role.COORDINATOR), ("Yanis", "Haddad", "responsable", Role.ADMIN))),
    Place("cap-atlantique", "Cap Atlantique", "CA", "Nantes", "#0b5e63", ("44", "49", "85", "35"),
          ("44109", "49007", "85191", "35238"), all_france=True,
          staff=(("Nolwenn", "Le Goff", "référente", Role.COORDINATOR), ("Paul", "Chevalier", "responsable", Role.ADMIN))),
    Place("kap-reunion", "Kap Réunion", "KR", "Saint-Denis", "#8a5a00", ("974",),
          ("97411", "97415", "97416"), timezone="Indian/Reunion", min_age=15,
          staff=(("Mélissa", "Hoarau", "référente", Role.COORDINATOR), ("Jean-Yves", "Payet", "responsable", Role.ADMIN))),
)  # fmt: skip

FIRST = (
    "Inès", "Lucas", "Aïcha", "Noé", "Yasmine", "Théo", "Manon", "Ibrahim", "Chloé", "Hugo", "Fatou", "Élise", "Mehdi", "Jade",
    "Adam", "Léna", "Bilal", "Zoé", "Rayan", "Camille", "Nolan", "Sarah", "Ilyès", "Louna", "Enzo", "Mariam", "Jules", "Nour",
    "Étienne", "Anaïs", "Sofiane", "Clara", "Malo", "Awa", "Tom", "Lina", "Gabin", "Océane", "Idriss", "Emma",
)  # fmt: skip
LAST = (
    "Benali", "Durand", "Ndiaye", "Petit", "Khelifi", "Martin", "Rousseau", "Traoré", "Bernard", "Lefèvre", "Diop", "Moreau",
    "Cherif", "Laurent", "Mansouri", "Fontaine", "Bouzid", "Garnier", "Haddad", "Caron", "Blanc", "Keita", "Renard", "Gauthier",
    "Colin", "Sow", "Perrin", "Amrani", "Lemoine", "Masson", "Brahimi", "Noël", "Guérin", "Camara", "Roy", "Ferreira", "Marchand",
)  # fmt: skip
MENTOR_FIRST = (
    "Karim", "Martine", "Paul", "Hélène", "Jean-Marc", "Sophie", "Abdel", "Catherine", "Thomas", "Leïla", "Bruno", "Isabelle",
    "Vincent", "Nadia", "Olivier", "Françoise", "David", "Mireille", "Antoine", "Salima",
)  # fmt: skip
PARENT_FIRST = (
    "Nadège", "Samir", "Valérie", "Aminata", "Frédéric", "Rachida", "Sylvie", "Youssef", "Nathalie", "Bakary", "Corinne",
)  # fmt: skip
SECTORS = (
    "informatique",
    "comptabilité",
    "soins infirmiers",
    "enseignement",
    "bâtiment",
    "ressources humaines",
    "logistique",
    "droit",
)
OBJECTIVES = (
    "Choisir trois formations", "Écrire mes lettres Parcoursup", "Trouver un stage de deux semaines",
    "Reprendre confiance à l'oral",
    "Réviser le brevet", "Refaire mon CV", "Préparer deux entretiens", "M'organiser pour les devoirs",
)  # fmt: skip
OF_CHILDREN = ["Réviser le brevet", "M'organiser pour les devoirs"]
UNSERVED = ("2A004", "67482", "06088", "31555", "13055")


@dataclass(frozen=True)
class Account:
    """An account of the demonstration: its address, and who it is in words."""

    email: str
    words: str


def address(first: str, last: str) -> str:
    """prenom.nom@example.org, without accents."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().replace(" ", "-").replace("'", ""))
    return "".join(c for c in plain if not unicodedata.combining(c)) + "@example.org"


ACCOUNTS = (
    Account("operatrice@example.org", "Programme (orientation)"),
    Account("claire.morel@example.org", "Coordinatrice, Passerelle Rhône"),
    Account("samuel.girard@example.org", "Responsable, Passerelle Rhône"),
    Account("karim.trabelsi@example.org", "Mentor, Passerelle Rhône"),
    Account("ines.benali@example.org", "Jeune, Passerelle Rhône"),
    Account("aurelie.dubois@example.org", "Coordinatrice, Tremplin Nord"),
)
