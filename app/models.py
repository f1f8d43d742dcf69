"""Every model, for whoever needs all the tables: migrations and tests."""

from .accounts import models as accounts
from .certificates import models as certificates
from .database import Base
from .followup import models as followup
from .followup import thread_models as threads
from .leads import models as leads
from .mail import Mail
from .meetings import models as meetings
from .meetings import notice_models as notices
from .pairs import agreement_models as agreements
from .pairs import matching_models as matching
from .pairs import models as pairs
from .partners import models as partners
from .people import application_models as applications
from .people import check_models as checks
from .people import models as people
from .programme import models as programme
from .tenants import models as tenants
from .territory import models as territory
from .training import models as training
from .training import session_models as sessions

__all__ = [
    "Base", "Mail", "accounts", "agreements", "applications", "certificates", "checks", "followup", "leads", "matching", "meetings",
    "notices", "pairs", "partners", "people", "programme", "sessions", "tenants", "territory", "threads", "training",
]  # fmt: skip
