"""« Bilan » of the programme: figures recounted by hand, the edges of a period, nobody named, its file, wrong periods."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.extensions import db
from app.leads.models import LeadEvent, Orientation
from app.programme.report import report
from tests import factories

PAGE = "/a/programme/associations/bilan"
SINCE, UNTIL = date(2027, 1, 1), date(2027, 3, 31)
PARIS = ZoneInfo("Europe/Paris")


def at(month, day, hour=12):
    return datetime(2027, month, day, hour, tzinfo=PARIS)


@pytest.fixture
def quarter(in_space, programme, association, elsewhere):
    """Requests of a first quarter, at its edges, before, after, and joined; what was sent to two associations."""

    def asked(when, state="accepted", kind="mentee", **changes):
        changes.setdefault("needs", [])
        moment = {"accepted_at": changes.pop("taken")} if "taken" in changes else {}
        return factories.lead(kind, state, requested_at=when, answer_by=UNTIL, last_name="Marqué", **moment, **changes)

    with in_space(programme):
        first = asked(at(1, 1, 0), taken=at(1, 5), needs=["school", "employment"])
        second = asked(at(3, 31, 23), taken=at(4, 14), needs=["school"], departement_code="38")
        asked(at(2, 2), kind="mentor", taken=at(2, 12), source="appel")
        asked(at(2, 3), "waiting")
        asked(at(2, 4), "oriented")
        asked(at(2, 5), "waitlisted")
        asked(at(2, 6), "withdrawn")
        asked(at(2, 7), "joined")
        for reason in ("gone", "nobody"):
            ended = asked(at(2, 8), "lapsed")
            for rank, why in enumerate(("need", reason)):
                db.session.add(LeadEvent(lead_id=ended.id, what="ended", reason=why, created_at=at(2, 9 + rank)))
        asked(datetime(2026, 12, 31, 23, 59, tzinfo=PARIS), taken=at(1, 2))
        asked(at(4, 1, 0), "waiting")
        for lead, tenant, state, reason in (
            (first, association, "declined", "late"), (first, elsewhere, "accepted", None), (second, elsewhere, "accepted", None),
        ):  # fmt: skip
            db.session.add(
                Orientation(lead_id=lead.id, association_id=tenant.id, kind="mentee", state=state, decline_reason=reason,
                            answer_by=UNTIL, created_at=at(2, 1))
            )  # fmt: skip
        db.session.flush()


def test_the_figures_are_those_of_the_period(quarter, in_space, programme):
    with in_space(programme):
        found = report(SINCE, UNTIL)

    assert [number for _words, number in found.headlines] == [8, 2, 1, 1, 1, 1, 1, 2, 1, 10, 3, 1]
    assert list(found.months) == [(date(2027, 1, 1), 1, 2), (date(2027, 2, 1), 7, 1), (date(2027, 3, 1), 1, 0)]
    spread = {heading: list(lines) for heading, lines in found.spread}
    assert spread["Besoin des jeunes (plusieurs possibles)"] == [("Scolarité", 2), ("Emploi", 1)]
    assert spread["Département"][1:] == [("Isère (38)", 1)]
    assert sorted(spread["Par où elles sont venues"]) == [("le formulaire en ligne", 8), ("un appel", 1)]
    assert spread["Confiées à chaque association"] == [("Ailleurs", 2), ("Passerelle", 1)]
    assert spread["Acceptées par chaque association"] == [("Ailleurs", 2)]
    assert sorted(number for _words, number in spread["Arrêtées, et pourquoi"]) == [1, 1]


def test_the_page_names_nobody_and_shows_the_same(quarter, operator):
    page = operator.page(f"{PAGE}?du={SINCE}&au={UNTIL}")

    assert page.heading == "Bilan des demandes"
    assert "Marqué" not in page.html
    assert ["Demandes de jeunes", "8"] in page.rows
    assert ["Janvier 2027", "1", "2"] in page.rows


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_says_the_same(quarter, operator, form):
    response = operator.get(f"{PAGE}/{form}?du={SINCE}&au={UNTIL}")

    assert response.headers["Content-Disposition"] == f'attachment; filename="bilan-{SINCE}-{UNTIL}.{form}"'
    if form == "csv":
        lines = response.get_data(as_text=True).splitlines()
        assert "Demandes de jeunes;8" in lines
        assert "Mois;Arrivées ce mois-là;Acceptées ce mois-là" in lines
        assert "Février 2027;7;1" in lines


def test_without_a_request_everything_is_nought(operator):
    page = operator.page(PAGE)

    assert page.status == 200
    assert ["Demandes de jeunes", "0"] in page.rows


@pytest.mark.parametrize(
    "period", ["du=&au=", "du=2027-02-30&au=2027-03-01", "du=2027-03-01&au=2027-02-01", "du=0001-01-01&au=9999-12-31"]
)
@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/csv"])
def test_a_period_that_cannot_be_is_said_at_its_field(operator, path, period):
    page = operator.page(f"{path}?{period}")

    assert (page.status, bool(page.errors)) == (422, True)


def test_the_associations_page_leads_there(operator):
    assert operator.page("/a/programme/associations").soup.find("a", href=PAGE)
