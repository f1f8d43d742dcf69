"""Tests of requests: the public forms, orientation, hand-over, the inbox and the weekly file."""
