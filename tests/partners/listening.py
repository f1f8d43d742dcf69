"""A partner's server, of a few lines: it keeps what it is told, and answers as it is asked to."""

import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ear(BaseHTTPRequestHandler):
    """One delivery."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard.append((self.path, dict(self.headers), body))
        if self.server.drip:
            return self.answer_slowly()
        code = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def do_GET(self):
        self.server.heard.append((self.path, dict(self.headers), ""))
        self.send_error(404)

    def answer_slowly(self):
        """One byte at a time, never long enough for a socket's own patience: for two minutes, or until the caller hangs up."""
        try:
            for letter in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"x" * 2400:
                self.wfile.write(bytes([letter]))
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            self.server.hung_up.set()

    def log_message(self, *_args):
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answers, drip, context):
        super().__init__(("127.0.0.1", 0), Ear)
        self.heard, self.answers, self.drip, self.hung_up = [], list(answers), drip, threading.Event()
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self):
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.server_address[1]}/hook?a=1"

    def handle_error(self, *_args):
        """A caller who hangs up is no fault of ours."""


@contextmanager
def listening(*answers, drip=False, context=None):
    """A server that is open during a block; it answers these codes, then 204."""
    with Server(answers, drip, context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def own_certificate(folder):
    """A certificate for localhost that nobody vouches for: a server's context, and the file that trusts it."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from app.database import now

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now() - timedelta(days=400)).not_valid_after(now() + timedelta(days=3650))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    public = made.public_bytes(serialization.Encoding.PEM)
    (folder / "key.pem").write_bytes(plain + public)
    (folder / "trusted.pem").write_bytes(public)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "key.pem")
    return context, folder / "trusted.pem"
