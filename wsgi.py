"""What a WSGI server imports."""

from app import create_app

application = create_app()
