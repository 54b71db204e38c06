# Every verb sets up what it needs. A fresh machine has Python 3.11+, pip, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { command -v $$p; break; }; done)
UV_VERSION := 0.13.9
BIN := .venv/bin
HOME_DIR ?= var
JOBS ?= 2

# Networks of authorities often have a certificate of their own; the system knows it.
export DAGSTER_DISABLE_TELEMETRY := yes
export UV_SYSTEM_CERTS ?= true

.PHONY: help setup demo test check bench faults collisions docs lock browser servers clean

help: ## These verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: .venv/.ready ## The environment in .venv, from requirements.lock with hashes

.venv/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 eller 3.13 behövs. / Python 3.11, 3.12 or 3.13 is needed." >&2; exit 2; }
	@uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then \
	  test -x .venv/tools/bin/uv || "$(PYTHON)" -m pip install --quiet --disable-pip-version-check --target .venv/tools "uv==$(UV_VERSION)"; \
	  uv=$$PWD/.venv/tools/bin/uv; \
	fi; \
	test -x $(BIN)/python || "$$uv" venv --quiet --allow-existing --python "$(PYTHON)" .venv; \
	"$$uv" pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock; \
	"$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## An invented county, from its extracts to three published releases
	$(BIN)/avbrott demo --home $(HOME_DIR)

test: setup browser servers ## All tests
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup tests

check: setup ## Style, types, direction of imports, generated files, layout, the lock's known faults, Dagster's own checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m avbrott.documentation --check
	$(BIN)/python -m pytest -q tests/unit/test_layout.py
	$(BIN)/python -m tests.lock_audit
	VIRTUAL_ENV=$(CURDIR)/.venv DAGSTER_HOME= $(BIN)/dg check defs

bench: export AVBROTT_SCALE_PAGE ?= docs/performance.md
bench: setup ## Each stage beside a floor in the same run; writes docs/performance.md
	$(BIN)/python -m tests.benchmarks

faults: setup ## Two hundred kills and other faults of a tiny county; what the next run makes good
	$(BIN)/python -m tests.faults

collisions: setup ## Ten million invented persons, and no two pseudonyms alike
	$(BIN)/python -m tests.identity_collisions

docs: setup ## Write the pages that are generated from the contracts
	$(BIN)/python -m avbrott.documentation

lock: setup ## Resolve requirements.lock anew
	@uv=$$(command -v uv || echo .venv/tools/bin/uv); \
	"$$uv" pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --extra dev pyproject.toml --output-file requirements.lock

browser: setup
	@$(BIN)/python -m tests.browser.ensure

servers: setup
	@$(BIN)/python -m tests.servers.ensure

clean: ## Remove what was made here, except the home folder (var)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
