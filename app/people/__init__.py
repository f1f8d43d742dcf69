"""People are the files that an association keeps: of its mentors, and of the jeunes it accompanies."""
