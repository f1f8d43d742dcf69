"""An hour is read on one clock by the same person, in the letter as on the page."""

from datetime import datetime

import pytest
import time_machine

from app.mail import Mail
from app.people import applications
from app.territory.zones import clock_of
from tests import factories

PARIS = clock_of("69")


@pytest.mark.parametrize(("departement", "hour"), [("69", "14 h"), ("974", "17 h")])
def test_an_interview_is_at_the_hour_of_the_mentor(client, association, in_space, stored, departement, hour):
    with time_machine.travel(datetime(2027, 1, 11, 9, tzinfo=PARIS)):
        with in_space(association):
            by = factories.staff(association).user_id
            mentor = factories.mentor(association, stage="received", departement_code=departement)
            applications.plan_interview(mentor, datetime(2027, 1, 20, 14, tzinfo=PARIS), "par téléphone", by)
        [letter] = [mail for mail in stored(association, Mail) if mail.subject == "Votre entretien"]
        page = client.sign_in(mentor.user_id).page("/a/passerelle/")

    assert hour in letter.text.replace("\u00a0", " ")
    assert hour in page.text
