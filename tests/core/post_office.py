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
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split()[0].upper()
            if verb == "MAIL" and len(self.server.letters) in self.server.hang_ups:
                self.server.hang_ups.discard(len(self.server.letters))
                return
            if verb == "DATA":
                self.take()
            elif verb == "RCPT" and (code := self.server.refused.get(line.partition("<")[2].partition(">")[0])):
                self.say(f"{code} not here")
            elif verb == "MAIL" and self.server.refusals:
                self.server.refusals -= 1
                self.say("451 come back later")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 fine")

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

    def __init__(self, refusals, refused, hang_ups, pause):
        super().__init__(("127.0.0.1", 0), Desk)
        self.letters, self.refusals, self.refused, self.hang_ups, self.pause = [], refusals, refused or {}, set(hang_ups), pause

    @property
    def port(self):
        return self.server_address[1]


@contextmanager
def post_office(refusals=0, refused=None, hang_ups=(), pause=0):
    """A server that is open during a block.

    It answers 451 to the first `refusals` messages, a code to each address of `refused`, hangs up once when it has kept each of
    these numbers of letters, and takes `pause` seconds for each.
    """
    with PostOffice(refusals, refused, hang_ups, pause) as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
            thread.join()
