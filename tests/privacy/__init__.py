"""Tests of what is kept of somebody, and how it is erased."""
