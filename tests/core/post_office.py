"""A mail server of a few lines: it keeps what it is given, refuses whom it is told to, hangs up, takes its time."""

import socketserver
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes, policy


class Desk(socketserver.StreamRequestHandler):
    """One conversation."""

    def handle(self):
        self.say("220 desk")
        self.converse()

    def converse(self):
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split()[0].upper()
            if verb == "MAIL" and len(self.server.letters) in self.server.hang_ups:
                self.server.hang_ups.discard(len(self.server.letters))
                return
            if verb == "QUIT" and not self.server.goodbye:
                return
            if verb == "STARTTLS":
                self.whisper()
                return
            if verb == "DATA":
                self.take()
            elif verb == "EHLO" and self.server.tls:
                self.say("250-desk\r\n250 STARTTLS")
            elif verb == "RCPT" and (code := self.server.refused.get(line.partition("<")[2].partition(">")[0])):
                self.say(f"{code} not here")
            elif verb == "MAIL" and self.server.refusals:
                self.server.refusals -= 1
                self.say("451 come back later")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 fine")

    def whisper(self):
        """Go on so that nobody reads along."""
        self.say("220 go on")
        with self.server.tls.wrap_socket(self.request, server_side=True) as self.request:
            self.setup()
            self.converse()

    def say(self, answer):
        self.wfile.write(f"{answer}\r\n".encode())

    def take(self):
        self.say("354 go on")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        time.sleep(self.server.pause)
        self.server.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.say("250 kept")


class PostOffice(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 20

    def __init__(self, refusals, refused, hang_ups, pause, goodbye, tls):
        super().__init__(("127.0.0.1", 0), Desk)
        self.goodbye, self.tls = goodbye, tls
        self.letters, self.refusals, self.refused, self.hang_ups, self.pause = [], refusals, refused or {}, set(hang_ups), pause

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, *_args):
        """A caller who hangs up is no fault of ours."""


@contextmanager
def post_office(refusals=0, refused=None, hang_ups=(), pause=0, goodbye=True, tls=None):
    """A server that is open during a block.

    It answers 451 to the first `refusals` messages, a code to each address of `refused`, hangs up once when it has kept each of
    these numbers of letters, and takes `pause` seconds for each. Without `goodbye` it hangs up on who takes leave; with a `tls`
    context it speaks so that nobody reads along.
    """
    with PostOffice(refusals, refused, hang_ups, pause, goodbye, tls) as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
            thread.join()
