"""The test client: signs in, sends forms, and checks every page that it fetches."""

import secrets
import time
from functools import cached_property
from uuid import UUID
from weakref import ref

from bs4 import BeautifulSoup
from flask import request, request_started, session
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import DateTime, Float, LargeBinary, cast, func, insert, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.accounts.models import User, WebSession
from app.accounts.sessions import digest
from app.database import now, prepared
from app.extensions import db

from .factories import Day

LEFT = "binome.left"  # of a request: the page before it was not fetched
READ = "//text()[not(parent::script or parent::style or parent::template)]"


class Page:
    """A page as a person reads it.

    What a form leads to is fetched when it is first read, or before its browser goes on: never, when nobody keeps it.
    """

    def __init__(self, client, response):
        self.client, self.came = client, response
        if self.leads_elsewhere:
            client.led = ref(self)  # here: a name in a frame below the request would keep the page as long as a traceback
        else:
            self.arrive()

    @property
    def leads_elsewhere(self):
        return self.came.status_code in {301, 302, 303, 307, 308}

    def arrive(self):
        """Go wherever redirections lead, and check the page there."""
        self.client.led = None
        for _redirection in range(5):
            if self.leads_elsewhere:
                self.came = self.client.resolve_redirect(self.came, buffered=True)
        self.response = self.came
        if self.came.content_type.startswith("text/html") and "<html" in self.html:
            check(self)

    @cached_property
    def response(self):
        self.arrive()
        return self.came

    @property
    def status(self):
        return self.response.status_code

    @cached_property
    def html(self):
        return self.response.get_data(as_text=True)

    @cached_property
    def tree(self):
        """The page as its parser gives it."""
        return html.document_fromstring(self.html)

    @cached_property
    def soup(self):
        """The page in a convenient form: it takes ten times as long, so only when it is asked for."""
        return BeautifulSoup(self.html, "lxml")

    @property
    def text(self):
        """What is read, with single spaces, the no-break ones too."""
        return " ".join(" ".join(self.tree.xpath(READ)).split())

    @property
    def heading(self):
        return said(self.tree.find(".//h1"))

    @property
    def errors(self):
        """The sentences at the fields."""
        return [said(p) for p in self.tree.find_class("error") if p.tag == "p"]

    @property
    def flashes(self):
        return [p.text_content() for p in self.tree.find_class("flash") if p.tag == "p"]

    @property
    def rows(self):
        """The rows of the page's table, as lists of texts."""
        return [[said(cell) for cell in row.iter("th", "td")] for row in self.tree.xpath("//tbody//tr")]

    def value(self, name):
        """What a field shows."""
        field = self.tree.xpath("//*[@name = $name]", name=name)[0]
        return field.text_content() if field.tag == "textarea" else field.get("value")


def said(element):
    """What an element says, with single spaces."""
    return " ".join(" ".join(element.xpath(".//text()")).split())


def check(page):
    """What must hold of every page: language, title, one h1, unique ids, a label for each field, the headers."""
    tree, where = page.tree, page.response.request.path
    assert tree.get("lang") == "fr", where
    assert tree.findtext(".//title").strip().endswith("· Binôme"), where
    assert len(tree.findall(".//h1")) == 1, f"{where}: {len(tree.findall('.//h1'))} h1"
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids)), f"{where}: {sorted(i for i in ids if ids.count(i) > 1)}"
    labelled = set(tree.xpath("//label/@for"))
    for field in tree.iter("input", "select", "textarea"):
        hidden = field.get("type") in {"hidden", "submit"}
        assert hidden or field.get("aria-label") or field.get("id") in labelled, f"{where}: {html.tostring(field)}"
    assert not tree.xpath("//@style"), f"{where}: an inline style"
    assert "default-src 'none'" in page.response.headers["Content-Security-Policy"], where


@request_started.connect
def forget_left(_app):
    """What would have been said on a page that nobody fetched is not said on the next."""
    if request.environ.get(LEFT) and "_flashes" in session:
        del session["_flashes"]


class Client(FlaskClient):
    """Fetches pages as a person would."""

    led = None  # a reference to the page that the last form led to, while it is not fetched

    def open(self, *args, buffered=True, **options):
        """What is sent piece by piece is read whole: no file is left open behind the test. A day is reckoned now."""
        if (is_left := self.led is not None) and (page := self.led()):
            is_left = False
            page.arrive()
        self.led, self.environ_base[LEFT] = None, is_left
        if isinstance(data := options.get("data"), dict):
            options["data"] = {name: Day(value.days) if isinstance(value, Day) else value for name, value in data.items()}
        return super().open(*args, buffered=buffered, **options)

    def page(self, path, **options):
        """A page, wherever redirections lead."""
        return Page(self, self.get(path, follow_redirects=True, **options))

    def send(self, path, data=None, **options):
        """Send a form, and read the page that follows. A file goes from memory: nothing is left open behind the test."""
        if isinstance(data, dict) and any(isinstance(value, FileStorage) for value in data.values()):
            boundary, data = encode_multipart(data)
            options["content_type"] = f'multipart/form-data; boundary="{boundary}"'
        return Page(self, self.post(path, data=data or {}, **options))

    def sign_in(self, user: User | UUID):
        """Open a session on an account, as signing in does."""
        self.set_cookie(*session_of(self.application, user))
        return self


def session_of(app, user: User | UUID) -> tuple[str, str]:
    """The cookie, name and value, of somebody who has signed in."""
    key = secrets.token_urlsafe(32)
    with app.app_context():
        account = getattr(user, "id", user)
        db.session.execute(*opened(digest(key), account, time.time(), now() + app.permanent_session_lifetime))
        db.session.commit()
    return app.config["SESSION_COOKIE_NAME"], key


@prepared
def opened(key_hash, account, since, until):
    """The row of a session that has read a page before: the next has nothing to note in it."""
    known = {"_fresh": False, "fs_cc": "set", "csrf_token": "0" * 40}
    noted = [part for pair in known.items() for part in pair]
    data = func.jsonb_build_object("_user_id", User.fs_uniquifier, "fs_paa", cast(since, Float), *noted)
    row = select(cast(key_hash, LargeBinary), User.id, data, cast(until, DateTime(timezone=True))).where(User.id == account)
    return insert(WebSession.__table__).from_select(["key_hash", "user_id", "data", "expires_at"], row)
