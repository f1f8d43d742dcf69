"""Every setting, read from the environment once, checked, in one frozen object."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from . import embedded

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
CHEAP_HASH = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}  # for tests only


PUBLIC = re.compile(r"https?://[\w.-]+(?::\d+)?/?")
BARE_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[\w.-]+")


class CannotStart(SystemExit):
    """What Binôme does not start with. Its sentence, which says what to do, is all that a command or a server prints."""


class BadSetting(CannotStart):
    """A setting is missing or contradicts another one; the sentence says which and what to write."""


@dataclass(frozen=True)
class Settings:
    """What the environment says; `flask()` gives the same in Flask's words."""

    database_url: str
    database_owner_url: str
    secret_key: str
    demo: bool = False
    testing: bool = False
    https: bool = False
    public_url: str = "http://127.0.0.1:8000"
    instance: Path = ROOT / "instance"
    storage_url: str = ""
    mail_server: str = "127.0.0.1"
    mail_port: int = 25
    mail_username: str | None = None
    mail_password: str | None = None
    mail_use_tls: bool = False
    mail_sender: str = "ne-pas-repondre@binome.example.org"
    limiter_storage: str = "memory://"
    proxies: int = 0
    render_workers: int = 0
    shortest_form: int = 3  # seconds: nobody fills a whole public form faster

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment.

        Without DATABASE_URL the embedded PostgreSQL of `instance/` is used, and a key is kept there.
        Raises BadSetting when a setting is missing or two of them contradict each other, CannotStart when that PostgreSQL does not.
        """
        env = os.environ
        instance = instance_folder(env)
        demo = env.get("BINOME_DEMO") == "1"
        url, owner_url, key = env.get("DATABASE_URL"), env.get("DATABASE_OWNER_URL"), env.get("SECRET_KEY")
        if url:
            if demo:
                raise BadSetting("BINOME_DEMO=1 ouvre tous les comptes : refusé avec DATABASE_URL.")
            if not key:
                raise BadSetting("SECRET_KEY est obligatoire avec DATABASE_URL : 32 caractères au hasard ou plus.")
        else:
            url, owner_url, kept = own_database(instance)
            key = key or kept
        if len(key) < 32:
            raise BadSetting("SECRET_KEY est trop courte : 32 caractères au hasard ou plus.")
        public_url = env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}")
        if not PUBLIC.fullmatch(public_url):
            raise BadSetting("PUBLIC_URL est l'adresse entière du site, comme https://mentorat.exemple.fr : les liens la portent.")
        return cls(
            database_url=with_driver(url),
            database_owner_url=with_driver(owner_url or url),
            secret_key=key,
            demo=demo,
            https=public_url.startswith("https://"),
            public_url=public_url.rstrip("/"),
            instance=instance,
            storage_url=env.get("STORAGE_URL", ""),
            limiter_storage=env.get("LIMITER_STORAGE", "memory://"),
            proxies=whole(env, "TRUSTED_PROXIES", "0"),
            render_workers=whole(env, "RENDER_WORKERS", "1"),
            **mail_settings(env),
        )

    def flask(self) -> dict[str, Any]:
        """The same settings under the names that Flask and its extensions read."""
        return {
            "BINOME": self,
            "TESTING": self.testing,
            "SECRET_KEY": self.secret_key,
            "MAX_CONTENT_LENGTH": 4 * MEGABYTE + 64 * 1024,  # a file of 4 MB, and the form around it
            "MAX_FORM_MEMORY_SIZE": MEGABYTE,
            "SESSION_COOKIE_NAME": "__Host-binome" if self.https else "binome",
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
            "PREFERRED_URL_SCHEME": "https" if self.https else "http",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 8, "max_overflow": 4, "hide_parameters": True},  # an error quotes nobody
            "WTF_CSRF_TIME_LIMIT": None,
            "BABEL_DEFAULT_LOCALE": "fr",
            "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
            "BOOTSTRAP_SERVE_LOCAL": True,
            "MAIL_SERVER": self.mail_server,
            "MAIL_PORT": self.mail_port,
            "MAIL_USERNAME": self.mail_username,
            "MAIL_PASSWORD": self.mail_password,
            "MAIL_USE_TLS": self.mail_use_tls,
            "MAIL_DEFAULT_SENDER": ("Binôme", self.mail_sender),
            "MAIL_SUPPRESS_SEND": self.demo or self.testing,
            "RATELIMIT_STORAGE_URI": self.limiter_storage,
            "RATELIMIT_ENABLED": not self.testing,
            "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": CHEAP_HASH if self.testing else {},
            "RATELIMIT_HEADERS_ENABLED": True,
        }


def instance_folder(env: Mapping[str, str]) -> Path:
    """Where an instance keeps what is its own: its whole path, for not every process starts in the same place."""
    return Path(env.get("BINOME_INSTANCE") or ROOT / "instance").resolve()


def own_database(instance: Path) -> tuple[str, str, str]:
    """The embedded PostgreSQL, started: its address, the owner's, and the key of the instance. Raises CannotStart."""
    try:
        urls = embedded.start(instance, until_exit=True)
        return urls.application, urls.owner, kept_key(instance / "secret-key")
    except embedded.EmbeddedError as error:
        raise CannotStart(str(error)) from None


def mail_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """How letters leave. Raises BadSetting."""
    sender = env.get("MAIL_SENDER", "ne-pas-repondre@binome.example.org")
    if not BARE_ADDRESS.fullmatch(sender):
        raise BadSetting(f"MAIL_SENDER est une adresse seule, comme ne-pas-repondre@exemple.fr, pas « {sender} ».")
    return {
        "mail_server": env.get("MAIL_SERVER", "127.0.0.1"),
        "mail_port": whole(env, "MAIL_PORT", "25"),
        "mail_username": env.get("MAIL_USERNAME"),
        "mail_password": env.get("MAIL_PASSWORD"),
        "mail_use_tls": is_yes(env, "MAIL_USE_TLS"),
        "mail_sender": sender,
    }


def whole(env: Mapping[str, str], name: str, usual: str) -> int:
    """A setting in figures. Raises BadSetting."""
    value = env.get(name, usual)
    if not value.isdecimal():
        raise BadSetting(f"{name} s'écrit en chiffres, pas « {value} ».")
    return int(value)


def is_yes(env: Mapping[str, str], name: str) -> bool:
    """A setting that is 1 or 0: any other word would pass for a no. Raises BadSetting."""
    value = env.get(name, "0")
    if value not in {"0", "1", ""}:
        raise BadSetting(f"{name} vaut 1 ou 0, pas « {value} ».")
    return value == "1"


def with_driver(url: str) -> str:
    """Name the driver that Binôme uses, whatever way the operator wrote the URL."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise BadSetting("DATABASE_URL doit commencer par postgresql:// : Binôme n'a qu'un moteur.")
    return f"postgresql+psycopg://{rest}"


def kept_key(path: Path) -> str:
    """The key of this instance, made at the first start and readable by its owner only.

    It takes its place whole: a power cut leaves no file without its key, and one that was left so is written again.
    """
    with embedded.locked(path.parent):
        if path.exists() and (kept := path.read_text().strip()):
            return kept
        key, draft = secrets.token_hex(32), path.with_name("secret-key-draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        record = os.open(path.parent, os.O_RDONLY)
        os.fsync(record)  # its name too
        os.close(record)
        return key
