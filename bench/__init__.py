"""What `make bench` measures: six pages against a floor, and the making of a certificate.

The site runs as `make run` starts it, on a durable PostgreSQL of its own that is thrown away at the end. The floor is a bare Flask
view in the same server that runs one query and returns as many bytes: what Flask, gunicorn and PostgreSQL cost by themselves. Both
run in turn on the same machine at the same time, so their ratio means something even where the milliseconds do not.
"""
