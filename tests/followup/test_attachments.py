"""A file with a message: known by what it contains, cleaned, refused with a sentence, given back to whoever may read the thread."""

import io

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from app.accounts.models import Membership
from app.database import now, uuid7
from app.extensions import db
from app.followup.settings import choose
from app.followup.threads import LARGEST, messages_of, thread_of
from app.pairs.closing import begin_closing, close_pair
from app.storage import load, store
from app.web import today
from tests import factories
from tests.training.test_uploads import NO_KIND, NO_PDF, RUNS, bomb, on_open, pdf, picture

from .situations import SPACE, message, situation

SCRIPT = b"<script>alert(document.cookie)</script>"


@pytest.fixture
def attach(post):
    """Send a message with a file, as one of the two."""

    def send(content, name, who="mentor", page="mes-messages", **values):
        return post(who, "Voici le document", page, file=FileStorage(io.BytesIO(content), name), **values)

    return send


@pytest.fixture
def kept(in_space, association, people):
    """The last message of a thread."""

    def read(side="mentor"):
        with in_space(association):
            rows = messages_of(thread_of(people.pair, side))
            return rows[-1] if rows else None

    return read


def link(row, space=SPACE):
    return f"{space}/messages/{row.id}/piece-jointe"


KINDS = [
    (picture("PNG"), "photo.png", "image/png", "photo.png"),
    (picture("JPEG"), "../../photo.JPG", "image/jpeg", "photo.jpg"),
    (picture("WEBP"), "photo", "image/webp", "photo.webp"),
    (picture("PNG"), "facture.pdf", "image/png", "facture.png"),  # it says one thing and is another: known by what it is
    (pdf(), "Relevé de notes (2026).pdf", "application/pdf", "Relevé de notes 2026.pdf"),
    (b"\x00\x00\x00\x18ftypmp42" + bytes(64), "film.mp4", "video/mp4", "film.mp4"),
    (b"ID3" + bytes(64), "<script>.mp3", "audio/mpeg", "script.mp3"),
    (picture("PNG"), "?!.png", "image/png", "piece-jointe.png"),
    (picture("PNG"), "x" * 300 + ".png", "image/png", "x" * 60 + ".png"),
]


@pytest.mark.parametrize(("content", "name", "media_type", "kept_name"), KINDS, ids=[one[1][:20] for one in KINDS])
def test_a_file_is_known_by_what_it_contains(content, name, media_type, kept_name, attach, kept, mentor, people):
    assert attach(content, name).status == 200

    row = kept()
    assert (row.media_type, row.file_name) == (media_type, kept_name)
    answer = mentor.get(link(row))
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert mentor.page(f"{SPACE}/mes-messages/{people.pair.id}").soup.find("a", href=link(row)).get_text().strip() == kept_name


def test_a_picture_keeps_nothing_but_its_pixels(attach, kept, admin):
    exif = Image.Exif()
    exif[0x010E] = "Lyon, 12 rue de la Paix"
    content = picture("JPEG", (3000, 30), exif=exif)
    assert b"rue de la Paix" in content

    attach(content, "photo.jpg")

    drawn = admin.get(link(kept())).data
    assert b"rue de la Paix" not in drawn
    assert Image.open(io.BytesIO(drawn)).size == (1600, 16)


BAD = [
    (SCRIPT, "page.html", NO_KIND),
    (SCRIPT, "photo.png", NO_KIND),
    (b"\x89PNG\r\n\x1a\n" + SCRIPT, "photo.png", NO_KIND),
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "dessin.svg", NO_KIND),
    (b"MZ\x90\x00" + bytes(200), "photo.jpg", NO_KIND),
    (b"PK\x03\x04" + bytes(200), "devoir.docx", NO_KIND),
    (b"%PDF-1.7\n" + SCRIPT, "cours.pdf", NO_PDF),
    (pdf(on_open), "cours.pdf", RUNS),
    (b"", "vide.pdf", "Ce fichier est vide."),
    (bomb(6500, 6500), "photo.png", "Cette image a trop de pixels : 40 millions au plus."),
]


@pytest.mark.parametrize("page", ["mes-messages", "conversation"])
@pytest.mark.parametrize(("content", "name", "sentence"), BAD, ids=range(len(BAD)))
def test_another_file_is_refused_with_a_sentence_and_nothing_leaves(
    content, name, sentence, page, attach, kept, in_space, association, people, letters
):
    with in_space(association):
        choose(people.admin.user_id, both_write=True)

    answer = attach(content, name, page=page)

    assert (answer.status, answer.errors) == (422, [" ".join(sentence.split())])
    assert answer.value("body").strip() == "Voici le document"  # what was typed is still there
    assert (kept(), kept("both"), letters()) == (None, None, [])


@pytest.mark.parametrize(("size", "is_refused"), [(5_000_000, False), (LARGEST, False), (LARGEST + 1, True)])
def test_a_file_has_a_largest_size(size, is_refused, attach, kept):
    page = attach(b"ID3" + bytes(size - 3), "son.mp3")

    assert (page.status, page.errors) == ((422, ["Ce fichier est trop lourd."]) if is_refused else (200, []))
    assert (kept() is None) is is_refused
    if is_refused:
        assert page.value("body").strip() == "Voici le document"


@pytest.mark.parametrize("body", ["", "x" * 4001])
def test_a_file_alone_is_no_message(body, post, kept):
    page = post("mentor", body, file=(io.BytesIO(picture()), "photo.png"))

    assert (page.status, kept()) == (422, None)


def test_the_same_form_with_its_file_twice_is_one(attach, bodies):
    for _time in range(2):
        attach(picture(), "photo.png", once="une-fois")

    assert len(bodies()) == 1


# Who may read it.


@pytest.fixture
def shared(in_space, association, people):
    """A message with a picture in each of the four threads; the two write to each other."""
    with in_space(association):
        choose(people.admin.user_id, both_write=True)

    def made(side):
        with in_space(association):
            author = "mentor" if side == "both" else side
            return message(association, people.pair, side, author, content=picture(), name="photo.png")

    return {side: made(side) for side in ("mentor", "mentee", "guardian", "both")}


READERS = {
    "admin": {"mentor", "mentee", "guardian", "both"},
    "coordinator": {"mentor", "mentee", "guardian", "both"},
    "mentor": {"mentor", "both"},
    "mentee": {"mentee", "both"},
}


@pytest.mark.parametrize("who", READERS)
def test_a_file_is_given_back_to_whoever_may_read_the_thread(who, shared, signed):
    client = signed(who)

    got = {side for side, row in shared.items() if client.get(link(row)).status_code == 200}
    refused = {client.get(link(row)).status_code for side, row in shared.items() if side not in got}

    assert (got, refused) == (READERS[who], {404} if len(READERS[who]) < 4 else set())


def test_staff_who_are_the_mentor_read_what_the_mentor_reads(shared, signed, in_space, association, people):
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, "coordinator")
    client = signed("mentor")

    assert {side for side, row in shared.items() if client.get(link(row)).status_code == 200} == READERS["mentor"]


def test_of_a_conversation_that_was_closed_the_two_read_nothing_more(shared, signed, in_space, association, people):
    with in_space(association):
        choose(people.admin.user_id, both_write=False)

    assert [signed(who).get(link(shared["both"])).status_code for who in ("mentor", "mentee", "coordinator")] == [404, 404, 200]


def test_after_a_precaution_neither_opens_what_the_other_sent(shared, signed, in_space, association, people):
    with in_space(association):
        begin_closing(db.session.merge(people.pair), "unforeseen", "safety", people.admin.user_id)

    assert [signed(who).get(link(shared["both"])).status_code for who in ("mentor", "mentee", "coordinator")] == [404, 404, 200]


def test_nobody_else_reads_it(shared, client, app, in_space, association, elsewhere):
    with in_space(association):
        others = [factories.mentor(association, trained=True).user_id, factories.mentee(association).user_id]
    with in_space(elsewhere):
        stranger = factories.staff(elsewhere, "admin").user_id

    for row in shared.values():
        assert client.get(link(row)).status_code == 302  # to sign in
        for user_id in (*others, stranger):
            assert app.test_client().sign_in(user_id).get(link(row)).status_code == 404
        assert app.test_client().sign_in(stranger).get(link(row, "/a/ailleurs")).status_code == 404


def test_who_left_reads_nothing_more(shared, signed, in_space, association, people):
    with in_space(association):
        db.session.get(Membership, (association.id, people.coordinator.user_id, "coordinator")).ended_at = now()

    assert signed("coordinator").get(link(shared["mentor"])).status_code == 404


def test_when_the_pair_is_over_its_files_can_still_be_read(shared, mentor, in_space, association, people):
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    assert mentor.get(link(shared["mentor"])).status_code == 200


def test_a_message_without_a_file_gives_none(post, kept, mentor):
    post("mentor")

    assert mentor.get(link(kept())).status_code == 404
    assert mentor.get(f"{SPACE}/messages/{uuid7()}/piece-jointe").status_code == 404


def test_a_call_for_help_leaves_whatever_is_joined_to_it(attach, kept, monkeypatch):
    """A film of the telephone weighs more than any page takes: the words leave, the file does not."""
    monkeypatch.setattr("app.followup.blueprint.LARGEST", 1000)
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(20_000)
    monkeypatch.setattr("app.followup.threads.LARGEST", 10_000)

    refused = attach(film, "film.mp4", "mentee")
    page = attach(film, "film.mp4", "mentee", "aide")

    assert (refused.status, refused.heading) == (413, "Ce fichier est trop lourd")
    assert "Revenir au formulaire" in refused.text
    assert page.status == 200
    assert "Votre message est parti, sans le fichier. Ce fichier est trop lourd." in page.flashes
    assert (kept("mentee").is_urgent, kept("mentee").file_key) == (True, None)


def test_a_call_for_help_sent_again_with_the_bytes_of_another_file_takes_nothing_away(signed, post, kept, in_space, association):
    shared, client = picture("PNG"), signed("mentee")
    post("mentee", "Voici la photo", client=client, file=(io.BytesIO(shared), "photo.png"))
    with in_space(association):
        first, course = kept("mentee").file_key, store(association.id, load(kept("mentee").file_key), "png")
    post("mentee", "Au secours", "aide", client=client, once="same")
    post("mentee", "Au secours", "aide", client=client, once="same", file=(io.BytesIO(shared), "b.png"))

    with in_space(association):
        assert load(first) == load(course)
