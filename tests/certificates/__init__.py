"""Certificates: issued, numbered, revoked, verified."""
