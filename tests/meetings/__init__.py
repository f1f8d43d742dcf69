"""Meetings: planned, logged, cancelled, and who reads what."""
