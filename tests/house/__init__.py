"""What must hold of every route, table, template, import and migration, whatever is added to the house."""
