"""Tests of tenants: isolation, settings, logos and colours."""
