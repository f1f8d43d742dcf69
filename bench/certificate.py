"""A certificate as PDF, cold then warm: `python -m bench.certificate` measures in a process of its own and prints JSON."""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median

WARM = 20


@dataclass(frozen=True)
class Making:
    """Milliseconds of the import, of the first file and of one more, the number of those, and the file's bytes."""

    imported: float
    first: float
    warm: float
    count: int
    size: int


def measure_certificate() -> Making:
    """Measure in a fresh process, on the site of this environment. Raises RuntimeError with what that process said."""
    done = subprocess.run([sys.executable, "-m", "bench.certificate"], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"The certificate was not made:\n{done.stderr[-2000:]}")
    return Making(**json.loads(done.stdout))


def measure_here() -> Making:
    """Make one certificate of the demonstration again and again; the bytes must be the same each time."""
    (application, imported) = timed(make_application)
    from sqlalchemy import select

    from app.certificates.actions import verification_link
    from app.certificates.documents import as_pdf
    from app.certificates.models import Certificate
    from app.database import unit_of_work
    from app.extensions import db
    from app.tenants.resolve import enter_tenant, tenant_named

    with unit_of_work(application, None):
        tenant = tenant_named("passerelle-rhone")
        assert tenant is not None
    with unit_of_work(application, tenant.id):
        enter_tenant(tenant)
        certificate = db.session.scalars(select(Certificate).order_by(Certificate.number).limit(1)).one()
        facts, link = certificate.facts, verification_link(certificate.code)
        content, first = timed(lambda: as_pdf(facts, tenant, link))
        again = [timed(lambda: as_pdf(facts, tenant, link)) for _number in range(WARM)]
    assert all(same == content for same, _ms in again), "the same facts give the same bytes"
    return Making(imported, first, median(ms for _content, ms in again), WARM, len(content))


def make_application():
    """The application, with all that importing it costs."""
    from app import create_app

    return create_app()


def timed(action):
    """What an action gives, and its milliseconds."""
    began = time.perf_counter()
    result = action()
    return result, (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(asdict(measure_here())))
