"""Tests of what a mentor follows before any contact."""
