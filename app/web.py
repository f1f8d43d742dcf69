"""What pages share: URL converters, rendering, Jinja's filters, headers, request numbers."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_date
from flask import Flask, Response, abort, current_app, flash, g, has_request_context, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import wrap_file

from .colour import legible
from .database import TenantModel, now
from .errors import DomainError
from .extensions import db
from .fields import french_phone
from .tenants.resolve import current_tenant
from .tenants.scope import current_tenant_id
from .translation import gettext as _
from .translation import ngettext

log = structlog.get_logger()
Row = TypeVar("Row", bound=TenantModel)
NO_BREAK = "\u00a0"
FOLDERS = {"static", "bootstrap.static"}
OPEN_FILES = FOLDERS | {"house.guide_picture"}  # no permission, no database, cached by browsers


class SlugConverter(BaseConverter):
    """A space's name in a path."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


class TokenConverter(BaseConverter):
    """A signed link's secret part."""

    regex = r"[A-Za-z0-9_.\-]{1,400}"


class CodeConverter(BaseConverter):
    """A certificate's code as people type it."""

    regex = r"[A-Za-z0-9\-]{1,40}"


def see_other(endpoint: str, **values: Any) -> BaseResponse:
    """Go to a page after an action, so that reloading repeats nothing."""
    return redirect(url_for(endpoint, **values), code=303)


def form_written(response: BaseResponse) -> BaseResponse:
    """Say that a form was stored, by a cookie that names it: only then does the device forget what it kept of it (app.js).

    A script that sends what waited for the network opens the page that the answer leads to, and what is said there is read.
    """
    if "X-Kept" in request.headers:
        return Response(status=204, headers={"Location": response.headers["Location"]})
    if re.fullmatch("[a-z0-9-]{1,120}", draft := request.form.get("draft", "")):
        response.set_cookie("written", draft, max_age=600, secure=request.is_secure, samesite="Lax")
    return response


def flash_done(act: Callable[[], object], said: str) -> None:
    """Do something, and say so on the next page; or nothing of it, and the sentence of the refusal."""
    try:
        with db.session.begin_nested():
            act()
    except DomainError as error:
        flash(str(error), "warning")
    else:
        flash(said)


def render_form(template: str, form: FlaskForm, **context: Any) -> ResponseReturnValue:
    """A page with a form: 422 when something in it must be corrected, and then nothing was stored."""
    return render_template(template, form=form, **context), 422 if form.errors else 200


def find(model: type[Row], record_id: UUID, **options: Any) -> Row | None:
    """A record of this tenant by its id; None when there is none."""
    return db.session.get(model, (current_tenant_id(), record_id), **options)


def get_or_404(model: type[Row], record_id: UUID, **options: Any) -> Row:
    """THE way to find a record from a path: of this tenant, or not found."""
    record = find(model, record_id, **options)
    return record if record is not None else abort(404)


def leads_nowhere() -> NoReturn:
    """Answer with the page of a link, in a letter, that leads nowhere: `row = of_token(token) or leads_nowhere()`."""
    abort(Response(render_template("errors/unknown_link.html"), 404))


def is_uuid(value: str) -> bool:
    """Whether what was typed, or came in a form, is an id."""
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def download(content: bytes | IO[bytes], name: str, mimetype: str) -> Response:
    """Bytes to keep, or a file of them that is sent piece by piece; never shown in place."""
    plain = re.sub(r'[^ -~]|["\\\\]', "", unicodedata.normalize("NFKD", name)) or "fichier"
    real = f"; filename*=UTF-8''{quote(name)}" if plain != name else ""  # RFC 6266
    body = content if isinstance(content, bytes) else wrap_file(request.environ, content)
    return Response(body, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{plain}"{real}'})


# Filters: how figures and dates are written.


def local(moment: datetime) -> datetime:
    """A moment on this space's clock, by which its rules go."""
    return moment.astimezone(current_tenant.zone)


def days_ago(moment: datetime) -> int:
    """How many days ago, on this space's calendar."""
    return (today() - local(moment).date()).days


def reading_zone() -> ZoneInfo:
    """The clock of whoever reads: their own where it is known, else the space's."""
    own: ZoneInfo | None = g.get("reader_zone")
    return own or current_tenant.zone


def shown(moment: datetime) -> datetime:
    """A moment on the clock of whoever reads."""
    return moment.astimezone(reading_zone())


@contextmanager
def read_on(zone: ZoneInfo) -> Iterator[None]:
    """Write hours, inside this block, as somebody who lives there reads them."""
    before = g.get("reader_zone")
    g.reader_zone = zone
    try:
        yield
    finally:
        g.reader_zone = before


@lru_cache(maxsize=4096)
def written(value: date, pattern: str) -> str:
    """A date in French words. Lists show the same few dates again and again."""
    return format_date(value, pattern, locale="fr")


def day(value: date | datetime, kept: bool = False) -> str:
    """mercredi 25 novembre; with the year when it is another one, or on a paper that is kept."""
    zone = reading_zone()
    return day_of(value, zone, None if kept else now().astimezone(zone).year)


@lru_cache(maxsize=4096)
def day_of(value: date | datetime, zone: ZoneInfo, this_year: int | None) -> str:
    value = value.astimezone(zone).date() if isinstance(value, datetime) else value
    pattern = "EEEE d MMMM" if value.year == this_year else "EEEE d MMMM y"
    return written(value, pattern).replace(" 1 ", " 1er ")


def short_day(value: date | datetime | None) -> str:
    """25 nov. 2026."""
    if value is None:
        return ""
    value = shown(value).date() if isinstance(value, datetime) else value
    said = written(value, "d MMM y")
    return said.replace("1 ", "1er ", 1) if value.day == 1 else said


def clock(value: datetime) -> str:
    """17 h 30, with spaces that do not break."""
    return clock_of(value, reading_zone())


@lru_cache(maxsize=4096)
def clock_of(value: datetime, zone: ZoneInfo) -> str:
    value = value.astimezone(zone)
    return f"{value.hour}{NO_BREAK}h" + (f"{NO_BREAK}{value.minute:02}" if value.minute else "")


def duration(minutes: int) -> str:
    """45 min, 1 h, 1 h 30."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NO_BREAK}min"
    return f"{hours}{NO_BREAK}h" + (f"{NO_BREAK}{rest:02}" if rest else "")


def hours_in_words(minutes: int) -> str:
    """24 heures 30, 1 heure, 45 minutes: as a document says it."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NO_BREAK}minute{'s' if rest > 1 else ''}"
    return f"{hours}{NO_BREAK}heure{'s' if hours > 1 else ''}" + (f"{NO_BREAK}{rest:02}" if rest else "")


def month_name(value: date) -> str:
    """novembre 2026."""
    return written(value, "MMMM y")


def iso_day(value: str) -> str:
    """9 mars 2026, from the date that a certificate states."""
    return re.sub(r"^1 ", "1er ", written(date.fromisoformat(value), "d MMMM y"))


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def paragraphs(text: str | None) -> Markup:
    """What somebody typed, with its line breaks and nothing else."""
    lines = [Markup("<p>{}</p>").format(line) for line in re.split(r"\n\s*\n", text or "") if line.strip()]
    return Markup("\n").join(lines)


def device(user_agent: str) -> str:
    """A browser and its machine in words: « Firefox sur Windows »."""
    browsers = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    machines = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "Linux": "Linux",
    }
    browser = next((name for sign, name in browsers.items() if sign in user_agent), _("Un navigateur"))
    machine = next((name for sign, name in machines.items() if sign in user_agent), None)
    return _("%(browser)s sur %(machine)s", browser=browser, machine=machine) if machine else browser


def midnight(day: date) -> datetime:
    """When a day begins on this space's clock."""
    return datetime.combine(day, time(), tzinfo=current_tenant.zone)


def today() -> date:
    """The date on this space's clock."""
    return local(now()).date()


# What templates call many times on each page.


def link(endpoint: str, **values: Any) -> str:
    """url_for, which remembers the links that come again: a space's menu, its files, the pages of its rows."""
    is_file = endpoint in FOLDERS and values.keys() <= {"filename"}
    if has_request_context() and (is_file or all(type(value) is UUID for value in values.values())):
        return known_link(g.get("slug"), endpoint, **values)
    return url_for(endpoint, **values)


@lru_cache(maxsize=8192)
def known_link(_slug: str | None, endpoint: str, **values: Any) -> str:
    if endpoint in FOLDERS:  # browsers keep it for a week: another file has another address
        folder = current_app.static_folder if endpoint == "static" else current_app.blueprints["bootstrap"].static_folder
        values["v"] = hashlib.sha256(Path(str(folder), values["filename"]).read_bytes()).hexdigest()[:10]
    return url_for(endpoint, **values)


# Around every request.


def number_request() -> None:
    """Give the request a number, for the log and for an error page."""
    g.request_id = uuid4().hex[:12]
    g.nonce = secrets.token_urlsafe(16)
    g.started = now()


def add_headers(response: Response) -> Response:
    """Headers of every response, errors included."""
    nonce = g.get("nonce", "")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if response.status_code < 400:
        response.headers.pop("Retry-After", None)  # where calls are counted, the limiter says it of every answer
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if request.endpoint in OPEN_FILES and response.status_code < 400:
        kept = "604800, immutable" if "v" in request.args else "86400"  # a link with a mark changes with the file
        response.headers["Cache-Control"] = f"public, max-age={kept}"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def log_request(response: Response) -> Response:
    """One line a request: never a name, an address, a body or a query string."""
    started = g.get("started")
    log.info(
        "request",
        request_id=g.get("request_id"),
        tenant=str(current_tenant_id()) if "tenant" in g else None,
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((now() - started).total_seconds() * 1000, 1) if started else None,
    )
    return response


def register_converters(app: Flask) -> None:
    """Typed parameters that Werkzeug does not know."""
    app.url_map.converters.update(slug=SlugConverter, token=TokenConverter, code=CodeConverter)


def init_app(app: Flask) -> None:
    """Filters, request numbers and headers."""
    proxies = app.config["BINOME"].proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.before_request(number_request)
    app.after_request(log_request)
    app.after_request(add_headers)
    for function in (
        day,
        short_day,
        days_ago,
        clock,
        duration,
        upper_first,
        lower_first,
        paragraphs,
        french_phone,
        legible,
        device,
        hours_in_words,
        iso_day,
        month_name,
    ):
        app.add_template_filter(function)
    app.jinja_env.globals.update(today=today, now=now, csp_nonce=lambda: g.get("nonce", ""))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_=_, ngettext=ngettext, url_for=link)
