"""A lead is a request: somebody asks for a mentor, or offers to be one."""
