"""Tests of accounts: the door, sessions, invitations and the team."""
