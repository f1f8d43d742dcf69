"""Training is what a mentor follows before any contact: courses made of modules, to read or to attend."""
