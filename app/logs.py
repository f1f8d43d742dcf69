"""One JSON line an event, on standard error."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from .config import Settings


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
            without_words,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if settings.testing else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Lossy(sys.stderr))),
        cache_logger_on_first_use=not settings.testing,
    )


def without_words(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: of the error of an event, what `told` says of it."""
    error = event.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
    return {**event, "exception": told(error)} if error else event


def told(error: BaseException | None) -> str:
    """Where an error came from, and those that led to it, by their names: their words may quote what somebody typed."""
    said, seen = list[str](), set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        said.append("".join([*traceback.format_tb(error.__traceback__), f"{type(error).__module__}.{type(error).__qualname__}"]))
        error = error.__cause__ or error.__context__
    return "\n\n".join(reversed(said))


def without_quotes(record: logging.LogRecord) -> bool:
    """Keep of a library's line what it says, and of its error what `told` does."""
    if record.exc_info:
        record.exc_text = told(record.exc_info[1])
    return True
