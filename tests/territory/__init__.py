"""Tests of the territory: official communes, found from what people type."""
