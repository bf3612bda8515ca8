# Two commands are enough: `make run` and `make test`. Each sets up what the machine lacks, once.
# Why it works this way: docs/decisions/0001-two-commands.md

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PORT ?= $(or $(TRACKER_PORT),8000)
PYTEST := $(BIN)/python -m pytest
CATALOGUE := tracker/translations/messages.pot

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-browser test-crash check format bench bench-grouping docs setup setup-test setup-check lock \
        translations

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: setup ## set up, fill a demo street and serve it; another port: PORT=8080 make run
	@TRACKER_PORT=$(PORT) TRACKER_DEMO="$${TRACKER_DEMO:-1}" exec $(BIN)/flask --app wsgi serve

test: setup-test ## set up and run every test: real Chromium, SQLite and a real PostgreSQL
	@$(PYTEST) -n auto --dist worksteal

test-fast: setup-test ## without browser and crash tests, on SQLite alone
	@$(PYTEST) -n auto --dist worksteal --database sqlite --ignore tests/browser --ignore tests/crash

test-browser: setup-test ## the journeys in a real Chromium
	@$(PYTEST) tests/browser

test-crash: setup-test ## the tests that kill processes, at full length
	@LONG=1 $(PYTEST) tests/crash

check: setup-check ## form, lint, types, import direction; all are run, whichever fails
	@failed=0; \
	$(BIN)/ruff format --check --quiet . || { echo "Not in form; run: make format"; failed=1; }; \
	$(BIN)/ruff check --quiet . || failed=1; \
	$(BIN)/mypy --no-error-summary || failed=1; \
	imports=$$($(BIN)/lint-imports --no-logo) || { echo "$$imports"; failed=1; }; \
	[ $$failed -eq 0 ] && echo "Checked: form, lint, types, import direction."

format: setup-check ## bring the code into form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: setup-test ## measure pages and writes beside the floor of this machine, the look for due promises, Lighthouse
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.sweep
	@$(BIN)/python -m bench.lighthouse

bench-grouping: setup-test ## measure how well reports are grouped, and what it costs; given files: FILES="a.jsonl b.jsonl"
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.grouping $(FILES)

setup: ## what `make run` needs, and nothing more
	@$(PYTHON) scripts/set_up.py run

setup-test:
	@$(PYTHON) scripts/set_up.py test

setup-check:
	@$(PYTHON) scripts/set_up.py check

docs: setup ## write what README.md and docs/settings.md take from the code
	@$(BIN)/python scripts/write_docs.py

translations: setup ## collect every sentence for the translators
	@$(BIN)/pybabel -q extract --mapping-file pyproject.toml --keyword _lazy --omit-header --add-location=file \
	    --sort-output --no-wrap --output-file $(CATALOGUE) .
	@$(BIN)/pybabel -q update --input-file $(CATALOGUE) --output-dir tracker/translations --no-fuzzy-matching \
	    --ignore-obsolete --ignore-pot-creation-date --no-wrap
	@$(BIN)/pybabel -q compile --directory tracker/translations

# The resolver must see the public index alone: what one machine has configured does not belong into a lock.
PIP_COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_INDEX_URL -u PIP_CONSTRAINT \
    PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
    $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-options

lock: setup-check ## pin requirements/*.in anew; everything newer: make lock UPGRADE=--upgrade
	@for name in runtime test check; do \
	    $(PIP_COMPILE) $(UPGRADE) --output-file requirements/$$name.txt requirements/$$name.in || exit 1; \
	done
