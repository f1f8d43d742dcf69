# The only entrances: `make help` lists them. Everything else is Python.
# The system's own Python is compiled with optimisations, where one compiled by hand often is not: a tenth of the time.
PYTHON ?= $(or $(shell for one in /usr/bin/python3 python3; do $$one -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done),python3)
VENV := .venv
BIN := $(VENV)/bin
# What is imported is compiled once, also where the machine asks for no trace: every process after it starts sooner.
export PYTHONDONTWRITEBYTECODE :=
# What we print and read is UTF-8, whatever the terminal's language is set to.
export PYTHONUTF8 := 1

.PHONY: help run test check bench setup setup-test

help:  ## List what can be typed
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup  ## Start everything with the demonstration, on http://127.0.0.1:8000 (PORT=… overrides)
	@exec $(BIN)/python -m app.serve

test: setup-test  ## Set up, then run every test, and the checks beside them
	@exec $(BIN)/python -m tests

check: setup-test  ## Style, types, layers, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --quiet --lint app/templates

bench: setup-test  ## Measure and print a table
	@exec $(BIN)/python -m bench

setup:
	@$(PYTHON) scripts/setup.py $(VENV) embedded

setup-test:
	@$(PYTHON) scripts/setup.py $(VENV) embedded,dev browser
