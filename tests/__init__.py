"""The tests, on the real engine: one database per process, each test rolled back."""
