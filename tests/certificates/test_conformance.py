"""Every certificate is archivable (PDF/A-3a) and accessible (PDF/UA-1) once sealed: veraPDF says so, and finds a defect."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from app import pdf
from app.certificates import awards
from app.certificates.actions import issue
from app.certificates.models import CertificateKind
from app.extensions import db
from app.storage import load, store
from app.tenants.images import clean_logo
from app.training.models import Completion
from app.web import today
from tests import factories
from tests.verapdf import problems

pytestmark = pytest.mark.waits

# What a certificate of each kind is about.
SOURCES = {
    CertificateKind.TRAINING: lambda pair: db.session.scalars(select(Completion.id)).one(),
    CertificateKind.ENGAGEMENT: lambda pair: pair.id,
    CertificateKind.PARTICIPATION: lambda pair: pair.id,
    CertificateKind.HOURS: lambda pair: pair.mentor_id,
    CertificateKind.YEARLY: lambda pair: pair.mentor_id,
}


@pytest.fixture
def logo():
    """A logo with a transparent part, as it is kept."""
    picture = BytesIO()
    Image.new("RGBA", (200, 80), (61, 74, 158, 120)).save(picture, "PNG")
    return clean_logo(picture.getvalue())


@pytest.mark.parametrize("has_logo", [False, True], ids=["no logo", "logo"])
def test_a_certificate_of_each_kind_conforms(has_logo, logo, in_space, association, people):
    with in_space(association):
        association.logo_key = store(association.id, logo, "png") if has_logo else None
        factories.meeting(people.pair, -10, "held")
        period = awards.Period(today() - timedelta(days=365), today())

        issued = [issue(awards.award(kind, SOURCES[kind](people.pair), period)) for kind in CertificateKind]

        found = problems({certificate.kind: load(certificate.file_key) for certificate in issued})
    assert found == {(kind, flavour): [] for kind in CertificateKind for flavour in ("3a", "ua1")}


def page():
    """A small document with a file attached."""
    html = '<html lang="fr"><head><title>Essai</title></head><body><h1>Essai</h1></body></html>'
    return pdf.render(html, [pdf.Attached("a.json", "Essai", b"{}")], datetime(2026, 11, 24, 12))  # noqa: DTZ001


@pytest.mark.no_database
def test_one_defect_is_found_and_nothing_else(monkeypatch):
    good = page()
    monkeypatch.setattr(pdf, "say_accessible", lambda document: None)
    typeless = good.replace(b"/Subtype /application#2fjson", b"/Subtypo /application#2fjson")

    found = problems({"good": good, "silent": page(), "typeless": typeless})

    broken = {about: [rule.split()[0] for rule in rules] for about, rules in found.items() if rules}
    assert broken == {("silent", "ua1"): ["5-1"], ("typeless", "3a"): ["6.8-1"]}
