"""The bare instances of the extensions; create_app() gives them the application."""

from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

# Models inherit from database.Base, which type checkers understand; this gives engine and session.
db = SQLAlchemy(session_options={"expire_on_commit": False}, disable_autonaming=True)
mailer = Mail()
babel = Babel()  # type: ignore[no-untyped-call]
bootstrap = Bootstrap5()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address)
