"""A tenant is an association, or the programme: a space of its own that nobody else can look into."""
