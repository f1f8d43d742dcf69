"""One JSON line an event, on standard error."""

import logging
import smtplib
import sys
from contextlib import suppress
from typing import TextIO, cast

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from .config import Settings

QUOTING = DBAPIError, psycopg.Error, smtplib.SMTPException  # the database quotes values, a mail server whom it refuses


class Lossy:
    """A stream that drops what it cannot write: a full disk under the log keeps no request from being stored."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, words: str) -> None:
        with suppress(OSError):
            self.stream.write(words)

    def flush(self) -> None:
        with suppress(OSError):
            self.stream.flush()


def configure(settings: Settings) -> None:
    """Write our events as JSON; keep libraries' warnings."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(without_quotes)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if settings.testing else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Lossy(sys.stderr))),
        cache_logger_on_first_use=not settings.testing,
    )


def quotes_data(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, is of those whose words may quote what somebody typed, or an address."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        if isinstance(error, QUOTING):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def without_quotes(record: logging.LogRecord) -> bool:
    """Keep of a library's line the name of such an error, and nothing that it quotes."""
    if record.exc_info and quotes_data(record.exc_info[1]):
        record.msg, record.args = f"{record.getMessage()} ({type(record.exc_info[1]).__name__})", ()
        record.exc_info = record.exc_text = None
    return True
