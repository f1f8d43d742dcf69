"""Sending files as a browser does, without the temporary files that Werkzeug's own client leaves open."""

from io import BytesIO

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def send(client, path, typed=None, **files):
    """Send a form with files, each given as bytes, and read the page that follows."""
    sent = {name: FileStorage(BytesIO(content), f"{name}.bin", name) for name, content in files.items()}
    boundary, body = encode_multipart({**(typed or {}), **sent})
    return client.send(path, body, content_type=f"multipart/form-data; boundary={boundary}")
