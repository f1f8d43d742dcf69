"""Tests of partners: the API, its keys, its webhooks."""
