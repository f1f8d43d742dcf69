"""Tests of the files of mentors and mentees."""
