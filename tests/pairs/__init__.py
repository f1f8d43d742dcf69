"""Tests of pairs and of the gate before a first meeting."""
