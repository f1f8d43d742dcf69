"""An account is one person's way in, for all the spaces they belong to; a membership is a role in one space."""
