"""Refusals that a person can read, and the pages that say that something went wrong."""

from collections.abc import Callable
from contextlib import suppress
from math import ceil
from time import time

import structlog
from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from psycopg.errors import DeadlockDetected, ForeignKeyViolation, UniqueViolation
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from .database import rollback
from .extensions import limiter
from .refusal import DomainError as DomainError  # noqa: PLC0414  (packages take it from here)
from .translation import gettext as _
from .translation import lazy_gettext as _l
from .translation import ngettext


class Application(Flask):
    """Flask, without its own line about an error."""

    def log_exception(self, exc_info: object) -> None:
        """Flask would write the page's address, which may hold a secret link; crash() writes what there is to know."""


log = structlog.get_logger()
Answer = Callable[[Exception], Response | None]
_answers: list[Answer] = []


LATE = (  # a form of a session that has ended since, or of another site
    _l("Cette page est restée ouverte trop longtemps"),
    _l("Rien n'est parti. Ouvrez-la de nouveau, puis envoyez encore une fois."),
)


def sentence_for(code: int) -> tuple[str, str]:
    """Title and sentence of an error page."""
    sentences = {
        400: (_("Ce qui a été envoyé n'a pas pu être lu"), _("Revenez à la page précédente et essayez encore.")),
        403: (
            _("Vous n'avez pas accès à cette page"),
            _("Revenez à l'accueil. Si vous en avez besoin, demandez à l'équipe de votre espace."),
        ),
        404: (
            _("Cette page n'existe pas"),
            _("Le lien est peut-être incomplet, ou la page a changé d'adresse."),
        ),
        405: (
            _("Cette page n'existe pas"),
            _("Le lien est peut-être incomplet, ou la page a changé d'adresse."),
        ),
        409: (
            _("Cela vient de changer"),
            _("Quelqu'un a agi en même temps que vous. Revenez voir où cela en est."),
        ),
        413: too_heavy(),
        429: (_("Trop d'essais à la suite"), wait()),
        503: (_("Binôme fait une courte pause"), again()),
    }
    return sentences.get(
        code,
        (
            _("Quelque chose s'est mal passé"),
            _("Rien n'a été enregistré à moitié. Essayez encore dans une minute."),
        ),
    )


def too_heavy() -> tuple[str, str]:
    """The title and sentence of what is larger than its page takes: a file, or what was typed."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return _("Ce que vous avez écrit est trop long"), _("Rien n'est parti. Revenez au formulaire, et envoyez moins à la fois.")
    size = g.get("largest_file", request.max_content_length or 0) // 1_048_576
    return _("Ce fichier est trop lourd"), _("Choisissez un fichier de %(size)s mégaoctets au plus.", size=size)


def again() -> str:
    """How to go on after a pause: the browser still holds a form that was sent, and this page alone sends it again."""
    if request.method != "POST":
        return _("Rien n'est perdu. Essayez encore dans une minute.")
    return _("Rien n'est perdu : attendez une minute, puis rechargez cette page. Si le navigateur demande s'il faut renvoyer le "
             "formulaire, dites oui : ce que vous avez tapé repart.")  # fmt: skip


def wait() -> str:
    """How long to wait after too many tries: until the count that was passed begins anew."""
    passed = limiter.current_limit
    if passed is None:
        return _("Attendez quelques minutes, puis essayez encore.")
    minutes = ceil((passed.reset_at - time()) / 60)
    if minutes > 60:
        return _("Attendez %(num)d heures, puis essayez encore.", num=ceil(minutes / 60))
    return ngettext("Attendez une minute, puis essayez encore.", "Attendez %(num)d minutes, puis essayez encore.", minutes)


def error_page(code: int) -> tuple[str, int]:
    """The page of an error."""
    return page_saying(code, *sentence_for(code)), code


def page_saying(code: int, title: object, sentence: object, **said: object) -> str:
    """A page that asks nothing of the database, not even who reads it: it may be what went wrong."""
    return current_app.jinja_env.get_template("errors/error.html").render(code=code, title=title, sentence=sentence, **said)


def answered_by(function: Answer) -> Answer:
    """Let a package answer errors in its own words where it wants to: it gives None for those that are not its own."""
    _answers.append(function)
    return function


def own_answer(error: Exception) -> Response | None:
    """What a package answers to this error; None when the page does."""
    return next((response for answer in _answers if (response := answer(error)) is not None), None)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Any HTTP error: the same calm page; redirects pass."""
    cause = getattr(error, "original_exception", None)
    if cause is not None:  # of the one commit, which comes after the page: a refusal of the database like any other
        return crash(cause)
    code = error.code or 500
    if code < 400:
        return error
    if error.response is not None:
        return error.response
    own = own_answer(error)
    if own is not None:
        return own
    body = page_saying(code, *LATE, is_late=opens_again()) if isinstance(error, CSRFError) else error_page(code)[0]
    response = error.get_response()
    response.set_data(body)
    response.content_type = "text/html; charset=utf-8"
    return response


def opens_again() -> bool:
    """Whether the address that a form was sent to is also that of its page, where the device may have kept what was typed."""
    return request.url_rule is not None and "GET" in (request.url_rule.methods or ())


def domain_error(error: DomainError) -> ResponseReturnValue:
    """A refusal that no form showed: the sentence, and the way back."""
    return page_saying(409, _("Ce n'est pas possible pour l'instant"), str(error)), 409


def crash(error: Exception) -> ResponseReturnValue:
    """What nobody foresaw: a page with the request's number, and a line in the log without anybody's data.

    What two people stored at the same instant, or somebody has just erased, is no accident: who came second is told so.
    """
    log.error("request.crashed", error=type(error).__name__, method=request.method, request_id=g.get("request_id"),
              exc_info=error)  # fmt: skip
    with suppress(SQLAlchemyError):  # what follows may read, and a transaction that failed answers nothing
        rollback()
    return own_answer(error) or error_page(code_of(error))


def code_of(error: Exception) -> int:
    """503 while the database is away, 409 for who came second, else 500."""
    is_crossed = isinstance(error, DBAPIError) and isinstance(error.orig, UniqueViolation | ForeignKeyViolation | DeadlockDetected)
    if is_crossed or isinstance(error, StaleDataError):
        return 409
    return 503 if is_away(error) else 500


def is_away(error: Exception) -> bool:
    """Whether the database is gone, or was while this was asked: it comes back."""
    return isinstance(error, OperationalError | PendingRollbackError | PoolTimeout) or bool(
        getattr(error, "connection_invalidated", False)
    )


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(Exception, crash)
