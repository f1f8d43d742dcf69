"""Where a word may be sent: to anybody's server by https, never inside a network, whatever a name means later."""

import socket
import threading
from contextlib import suppress

import pytest
from sqlalchemy import select

from app.extensions import db
from app.jobs import TryAgain
from app.partners import webhooks
from app.partners.models import Delivery, Partner

PRIVATE = "Cette adresse mène à un réseau privé\u00a0: elle n'est pas permise."
HTTPS = "L'adresse doit commencer par https:// et nommer un serveur."
UNKNOWN = "Ce serveur est introuvable."
INCOMPLETE = "Cette adresse n'est pas complète."
PUBLIC = "93.184.215.14"


@pytest.fixture
def names(monkeypatch):
    """What names mean: `names(server=["93.184.215.14"])`; each question is noted."""
    asked, known = [], {}
    real = socket.getaddrinfo

    def answer(host, port, *args, **options):
        asked.append(host)
        if host not in known:
            return real(host, port, *args, **{**options, "flags": socket.AI_NUMERICHOST})
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    def know(**found):
        known.update({f"{name}.example.org": addresses for name, addresses in found.items()})
        return asked

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return know


@pytest.fixture
def sentence(app, names):
    """Why an address is refused; None when it is not."""
    names(server=[PUBLIC], both=[PUBLIC, "10.0.0.1"], inside=["192.168.1.1"], nothing=[])

    def refusal(url):
        with app.test_request_context("/"):
            try:
                webhooks.target_of(url)
            except webhooks.BadAddress as error:
                return str(error)
        return None

    return refusal


@pytest.mark.parametrize("url", [
    "https://server.example.org", "https://server.example.org/hook?a=1&b=2", "https://server.example.org:8443/",
    "HTTPS://SERVER.example.org/", f"https://{PUBLIC}/", "https://[2606:4700::1111]/", "https://server.example.org/#part",
])  # fmt: skip
def test_anybodys_server_may_be_told(sentence, url):
    assert sentence(url) is None


@pytest.mark.parametrize("url", [
    "http://server.example.org/", "ftp://server.example.org/", "file:///etc/passwd", "gopher://server.example.org/", "https://",
    "//server.example.org", "server.example.org", "https:///hook", "https:", "", "javascript:alert(1)", "https://:443/",
    "https://user@server.example.org/", "https://user:word@server.example.org/", "https://:word@server.example.org/",
    "https://sérver.example.org/", "https://server.example.org/é", "https://server.example.org/" + "x" * 600,
])  # fmt: skip
def test_an_address_is_https_and_names_a_server(sentence, url):
    assert sentence(url) == HTTPS


@pytest.mark.parametrize("url", [
    "https://[::1", "https://server.example.org:port/", "https://server.example.org:99999/", "https://[nothing]/",
])  # fmt: skip
def test_an_address_that_cannot_be_read_is_not_complete(sentence, url):
    assert sentence(url) == INCOMPLETE


@pytest.mark.parametrize(
    "url", ["https://unknown.example.org/", f"https://{'x' * 64}.example.org/", "https://a b/", "https://a..b/"]
)
def test_a_server_that_nobody_knows_is_not_found(sentence, url):
    assert sentence(url) == UNKNOWN


def test_a_name_whose_meaning_nobody_says_in_time_is_not_found(app, monkeypatch):
    """The resolver's own patience would hold a page, or a worker."""
    over = threading.Event()
    monkeypatch.setattr(webhooks, "NAMING", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_how: over.wait(5) or [])

    with app.test_request_context("/"), pytest.raises(webhooks.BadAddress, match=UNKNOWN):
        webhooks.target_of("https://server.example.org/")
    over.set()


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "10.0.0.1", "172.16.0.1", "192.168.0.1",
    "100.64.0.1", "169.254.169.254", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[ff02::1]", "[2001:db8::1]", "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[::127.0.0.1]",
    "[fec0::1]", "[::ffff:0:7f00:1]", "inside.example.org", "both.example.org", "nothing.example.org",
])  # fmt: skip
def test_nothing_leads_inside_a_network(sentence, host):
    assert sentence(f"https://{host}/hook") in {PRIVATE, UNKNOWN}


def test_this_machine_has_a_name_too(app):
    with app.test_request_context("/"), pytest.raises(webhooks.BadAddress, match="réseau privé"):
        webhooks.target_of("https://localhost/")


@pytest.fixture
def waiting(in_space, partner_of, association, names, run_jobs):
    """A word that waits for a partner whose server was anybody's when its address was saved."""
    names(server=[PUBLIC])
    partner, _key = partner_of(association)
    with in_space(association):
        kept = db.session.get_one(Partner, (association.id, partner.id))
        webhooks.set_webhook(kept, "https://server.example.org/hook")
        webhooks.send(kept, "webhook.test", {})


@pytest.fixture
def reached(monkeypatch):
    """Where a delivery knocked; nobody opens."""
    found = []

    def knock(address, **_options):
        found.append(address)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", knock)
    return found


@pytest.mark.usefixtures("waiting")
def test_a_name_that_leads_inside_later_is_not_followed(names, reached, run_jobs, stored, association):
    names(server=["169.254.169.254"])
    with suppress(TryAgain):
        run_jobs()

    assert reached == []
    assert [(d.state, d.error) for d in stored(association, Delivery)] == [("waiting", PRIVATE)]


@pytest.mark.usefixtures("waiting")
def test_the_address_that_was_checked_is_the_one_that_is_knocked_at(names, reached, run_jobs, stored, association):
    asked = names()
    asked.clear()
    with suppress(TryAgain):
        run_jobs()

    assert asked == ["server.example.org"]
    assert reached == [(PUBLIC, 443)]
    assert [d.error for d in stored(association, Delivery)] == ["Pas de réponse\u00a0: TimeoutError."]


@pytest.mark.usefixtures("waiting")
def test_a_refused_address_leaves_the_one_that_was_kept(in_space, association, stored):
    with in_space(association), pytest.raises(webhooks.BadAddress):
        webhooks.set_webhook(db.session.scalars(select(Partner)).one(), "https://10.0.0.1/")

    assert stored(association, Partner)[0].webhook_url == "https://server.example.org/hook"
