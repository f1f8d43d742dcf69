"""What the roles of a team are called."""

from app.translation import lazy_gettext as _l

from .permissions import Role

OF_ASSOCIATIONS = {  # the programme's team has one
    Role.COORDINATOR.value: _l("Chargé ou chargée de mentorat"),
    Role.ADMIN.value: _l("Responsable de l'espace"),
}
ROLES = {**OF_ASSOCIATIONS, Role.OPERATOR.value: _l("Oriente les demandes")}
