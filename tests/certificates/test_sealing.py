"""The seal of a file: anybody's software accepts it, the smallest change breaks it; keys that change, and an association's own."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
import time_machine
from asn1crypto.pkcs12 import Pfx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from sqlalchemy import select, text

from app.certificates import sealing
from app.certificates.documents import as_pdf
from app.certificates.models import AssociationSeal, SigningKey
from app.database import unit_of_work
from app.extensions import db
from app.vault import Unreadable, locked, unlocked
from app.web import today

from .papers import attached
from .seals import bought, certificate, holds, key_of, poppler_says, signed_places
from .situations import certified
from .tokens import verifies
from .uploads import send

SEAL = "/a/passerelle/attestations/sceau"
TEXTS = "/a/passerelle/attestations/textes"


@pytest.fixture
def keys(in_space, association):
    """Every key of the platform, the latest first."""

    def read():
        with in_space(association):
            return sealing.public_keys()

    return read


def test_two_programs_accept_the_seal(engagement, file_of, keys):
    content = file_of(engagement)
    (key,) = keys()

    said = poppler_says(content)

    assert holds(content, key.certificate)
    assert engagement.sealed_by == key.name
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "Signature Type: ETSI.CAdES.detached" in said
    assert "Binôme, sceau des attestations" in said


def test_each_of_a_hundred_changes_of_one_byte_breaks_it(engagement, file_of, keys):
    content, (key,) = file_of(engagement), keys()
    chance = random.Random(20261124)  # noqa: S311  (the same places each time)
    places = chance.sample(signed_places(content), 100)

    accepted = []
    for place in places:
        changed = bytearray(content)
        changed[place] ^= chance.randrange(1, 256)
        if holds(bytes(changed), key.certificate):
            accepted.append(place)

    assert len(signed_places(content)) > len(content) - 10_000
    assert accepted == []


def test_what_is_added_after_it_shows(engagement, file_of, keys):
    content, (key,) = file_of(engagement), keys()
    writer, added = IncrementalPdfFileWriter(BytesIO(content)), BytesIO()
    writer.root["/Lang"] = pdf_string("en")
    writer.update_root()

    writer.write(added)

    assert not holds(added.getvalue(), key.certificate)
    assert not holds(content + b"\n%%EOF\n", key.certificate)


def test_another_key_of_the_same_name_is_not_taken_for_it(engagement, file_of):
    other = sealing.new_pair()[1]

    assert not holds(file_of(engagement), other)


def test_before_its_seal_a_file_is_made_again_byte_for_byte(in_space, association, engagement, file_of, keys):
    with in_space(association):
        again = as_pdf(engagement.facts, association, f"http://localhost/verifier/{engagement.code}", keys()[0])

    assert hashlib.sha256(again).hexdigest() == engagement.rendered_sha256
    assert hashlib.sha256(file_of(engagement)).hexdigest() == engagement.sha256 != engagement.rendered_sha256


# Keys that change.


def test_a_new_key_seals_what_comes_and_the_old_one_stays_known(client, in_space, association, worked, engagement, file_of, keys):
    with in_space(association):
        sealing.rotate_key()
    with in_space(association):
        later = certified("hours", worked)

    new, old = keys()

    assert (old.private_key, new.retired_at) == (None, None)
    assert old.retired_at is not None
    assert holds(file_of(engagement), old.certificate)
    assert holds(file_of(later), new.certificate)
    assert not holds(file_of(later), old.certificate)
    assert (engagement.sealed_by, later.sealed_by) == (old.name, new.name)
    assert verifies(attached(file_of(engagement), "attestation.jwt"), client.get(f"/verifier/cles/{old.name}").json)


def test_the_technical_team_changes_the_key_with_a_command(app, engagement, keys):
    done = app.test_cli_runner().invoke(args=["certificates", "new-key"])

    new, old = keys()
    assert done.output == f"La clé {new.name} scelle désormais les attestations.\n"
    assert (old.name, new.retired_at) == (engagement.sealed_by, None)


def test_a_new_key_seals_again_when_the_old_one_cannot_be_read(app, in_space, association, worked, monkeypatch, file_of, keys):
    with in_space(association):
        sealing.current_key()
    monkeypatch.setitem(app.config, "SECRET_KEY", "y" * 40)

    app.test_cli_runner().invoke(args=["certificates", "new-key"])

    with in_space(association):
        assert holds(file_of(certified("engagement", worked)), keys()[0].certificate)


def test_a_key_that_is_destroyed_seals_nothing_any_more(in_space, association, engagement, keys):
    with in_space(association):
        sealing.rotate_key()

    with in_space(association), pytest.raises(AssertionError):
        sealing.private_part(keys()[-1])


@pytest.mark.committed
def test_two_that_come_first_at_once_get_the_same_key(real_app):
    both = Barrier(6)

    def ask(_rank):
        with unit_of_work(real_app, None):
            both.wait()
            return sealing.current_key().name

    with ThreadPoolExecutor(6) as pool:
        names = set(pool.map(ask, range(6)))

    with unit_of_work(real_app, None):
        assert db.session.scalars(select(SigningKey.name)).all() == list(names)


def test_a_key_lies_nowhere_in_clear(in_space, association, engagement):
    with in_space(association):
        key = sealing.private_part(sealing.current_key())
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    whole = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    kept = everything_kept(in_space, association)

    assert engagement.sealed_by.encode() in kept
    assert secret not in kept
    assert whole not in kept


def everything_kept(in_space, tenant):
    """The bytes of every row of the tables of keys."""
    with in_space(tenant):
        rows = [db.session.execute(text(f"SELECT * FROM {table}")).all() for table in ("signing_keys", "association_seals")]
    values = [value for table in rows for row in table for value in row]
    return b"\n".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in values)


def test_under_another_secret_key_nothing_is_issued_and_it_is_said(app, in_space, association, worked, issued, monkeypatch):
    with in_space(association):
        sealing.current_key()
    monkeypatch.setitem(app.config, "SECRET_KEY", "y" * 40)

    with pytest.raises(sealing.BadSeal, match="La clé de scellement ne se lit plus"), in_space(association):
        certified("engagement", worked)

    assert issued() == []


def test_what_is_locked_for_one_use_is_not_read_for_another(app):
    with app.app_context():
        kept = locked(b"secret", "signing-key")

        assert unlocked(kept, "signing-key") == b"secret"
        with pytest.raises(Unreadable):
            unlocked(kept, "association-seal")
        with pytest.raises(Unreadable):
            unlocked(kept[:-1], "signing-key")


# An association's own certificate.


@pytest.fixture
def seal(in_space, association):
    """The association's certificate, if there is one."""

    def read():
        with in_space(association):
            return db.session.scalar(select(AssociationSeal))

    return read


@pytest.mark.parametrize("kind", ["EC", "RSA"])
@pytest.mark.parametrize("passphrase", ["sésame", ""])
def test_an_associations_own_certificate_seals_what_comes(
    kind, passphrase, client, admin, in_space, association, worked, file_of, keys
):
    content, own = bought(kind, passphrase)

    page = send(admin, SEAL, {"passphrase": passphrase}, pkcs12=content)

    assert page.flashes == ["Les prochaines attestations seront scellées avec votre certificat."]
    assert "Vos attestations sont scellées avec le certificat de l'association, valable jusqu'au" in page.text
    with in_space(association):
        certificate = certified("engagement", worked)
        paper = file_of(certificate)
    assert certificate.sealed_by == f"own:{hashlib.sha256(own).hexdigest()[:32]}"
    assert holds(paper, own)
    assert "Signature is Valid." in poppler_says(paper)
    assert verifies(attached(paper, "attestation.jwt"), client.get(f"/verifier/cles/{keys()[0].name}").json)


def test_the_page_of_a_certificate_says_whose_seal_it_is(admin, coordinator, in_space, association, worked):
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=bought()[0])
    with in_space(association):
        certificate = certified("engagement", worked)

    assert "Sceau de l'association" in coordinator.page(f"/a/passerelle/attestations/{certificate.id}").text


NEITHER = "Ce fichier n'est pas un certificat PKCS#12, ou sa phrase secrète n'est pas celle-là."
NO_PAIR = "Ce fichier ne contient pas à la fois un certificat et sa clé."
TOO_BIG = "Ce fichier est trop gros pour un certificat : 64 ko au plus."


def slow(content, rounds=1_000_000_000):
    """The same file, which says that its key is derived so many times."""
    file = Pfx.load(content)
    file["mac_data"]["iterations"] = rounds
    return file.dump(force=True)


REFUSED = {
    "wrong passphrase": (lambda: bought(passphrase="autre")[0], NEITHER),
    "expired": (lambda: bought(days=(-400, -1))[0], "Ce certificat est périmé."),
    "expired a moment ago": (lambda: bought(days=(-400, -1e-5))[0], "Ce certificat est périmé."),
    "not valid yet": (lambda: bought(days=(2, 400))[0], "Ce certificat n'est pas encore valable."),
    "no key": (lambda: bought(has_key=False)[0], NO_PAIR),
    "a key of another kind": (lambda: bought("Ed25519")[0], NO_PAIR),
    "garbage": (lambda: hashlib.shake_256(b"bruit").digest(3000), NEITHER),
    "nothing": (lambda: b"", NEITHER),
    "a certificate alone": (lambda: bought()[1], NEITHER),
    "cut in two": (lambda: bought()[0][:500], NEITHER),
    "a megabyte": (lambda: b"\x30" * 1024 * 1024, TOO_BIG),
    "a byte too much": (lambda: b"\x30" * (64 * 1024 + 1), TOO_BIG),
    "a key that takes a billion rounds": (lambda: slow(bought("RSA")[0]),
                                          "Ce certificat est protégé d'une manière trop longue à ouvrir : exportez-le de nouveau."),
    "a key that is too short": (lambda: bought("RSA-1024")[0],
                                "La clé de ce certificat est trop courte pour qu'on s'y fie : 2 048 bits au moins."),
    "more than a file can hold": (lambda: bought(others=[certificate(key_of("RSA"), name="x" * 60) for _rank in range(40)])[0],
                                  "Ce certificat ne peut pas signer de document."),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_seal_is_refused_with_a_sentence_and_changes_nothing(case, admin, seal):
    make, sentence = REFUSED[case]
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=bought("RSA")[0])
    before = seal()

    page = send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=make())

    after = seal()
    assert (page.status, page.errors) == (422, [sentence])
    assert (after.id, after.pkcs12, after.passphrase, after.not_after) == (
        before.id,
        before.pkcs12,
        before.passphrase,
        before.not_after,
    )


@pytest.mark.parametrize("case", ["wrong passphrase", "expired", "garbage"])
def test_what_cannot_seal_is_not_kept_where_there_was_nothing(case, admin, seal):
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=REFUSED[case][0]())

    assert seal() is None


def test_a_certificate_without_a_file_is_asked_for(admin, seal):
    page = admin.send(SEAL, {"passphrase": "x"})

    assert (page.status, page.errors) == (422, ["Choisissez le fichier."])


def test_neither_the_file_nor_its_passphrase_lies_in_clear_or_comes_out_again(admin, in_space, association):
    content, _own = bought("EC", "sésame ouvre-toi")
    page = send(admin, SEAL, {"passphrase": "sésame ouvre-toi"}, pkcs12=content)

    kept = everything_kept(in_space, association)

    assert b"Passerelle" in kept
    assert content not in kept
    assert "sésame".encode() not in kept
    assert "sésame" not in page.html + admin.page(TEXTS).html + admin.page(SEAL).html


def test_the_last_day_of_a_certificate_is_a_day_of_it(in_space, association, admin, seal):
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=bought()[0])

    with in_space(association):
        last = seal().not_after
        key = sealing.current_key()
        on_the_day, after = sealing.current_sealer(last, key), sealing.current_sealer(last + timedelta(days=1), key)

        assert on_the_day.name.startswith("own:")
        assert after.name == sealing.current_key().name


def test_a_certificate_seals_nothing_once_its_hour_is_past(in_space, association, admin, seal):
    content, own = bought()
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=content)
    ends = x509.load_der_x509_certificate(own).not_valid_after_utc

    with in_space(association), time_machine.travel(ends, tick=False):
        assert sealing.current_sealer(seal().not_after, key := sealing.current_key()).name == key.name


def test_the_platform_seals_again_once_the_certificate_is_removed(admin, in_space, association, worked, seal, file_of, keys):
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=bought()[0])

    page = admin.send(f"{SEAL}/retrait")

    assert page.flashes == ["Les prochaines attestations seront scellées par Binôme."]
    assert seal() is None
    assert admin.send(f"{SEAL}/retrait").status == 200
    with in_space(association):
        assert holds(file_of(certified("engagement", worked)), keys()[0].certificate)


def test_another_association_does_not_seal_with_it(admin, in_space, elsewhere):
    send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=bought()[0])

    with in_space(elsewhere):
        assert not sealing.current_sealer(today(), sealing.current_key()).name.startswith("own:")


def test_a_coordinator_sets_no_seal(coordinator, seal):
    assert send(coordinator, SEAL, {"passphrase": "sésame"}, pkcs12=bought()[0]).status == 403
    assert seal() is None


def test_a_passphrase_that_would_stop_the_process_is_refused(admin, seal):
    page = send(admin, SEAL, {"passphrase": "p\0w"}, pkcs12=bought()[0])

    assert (page.status, page.errors) == (422, [NEITHER])
    assert seal() is None


def test_no_damaged_byte_of_a_certificate_gets_past_the_sentence(admin):
    content = bought()[0]

    for place in range(0, len(content), 31):
        broken = content[:place] + bytes([content[place] ^ 0x13]) + content[place + 1 :]
        assert send(admin, SEAL, {"passphrase": "sésame"}, pkcs12=broken).status in {200, 422}
