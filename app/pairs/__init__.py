"""A pair is one mentor and one jeune who meet one to two hours a month, for six months or more."""
