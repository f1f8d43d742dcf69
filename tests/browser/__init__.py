"""A few whole journeys in a real Chromium, each page of which is checked by axe-core."""
