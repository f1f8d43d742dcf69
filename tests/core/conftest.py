"""The fixtures of these tests."""

import pytest

from app.config import Settings

NAMES = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "SECRET_KEY",
    "BINOME_DEMO",
    "BINOME_INSTANCE",
    "PUBLIC_URL",
    "PORT",
    "STORAGE_URL",
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
    "MAIL_USE_TLS",
    "MAIL_SENDER",
    "LIMITER_STORAGE",
)


@pytest.fixture
def environment(monkeypatch):
    """An environment of these variables and no other of ours."""

    def hold(**values):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return Settings.from_environment()

    return hold
