# `make demo` and `make test` are all that a fresh machine needs: each sets up .venv first if it is not there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Processes that run tests side by side; each takes one core and 1 to 2 GiB.
WORKERS ?= 2
# Built with the pinned setuptools, not with one fetched for the build.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --constraint constraints.txt

.PHONY: help demo test readme-test browser-test lint types check demo-clean clean
.DEFAULT_GOAL := help

help:
	@echo "make demo         the whole way on embedded data: prepare, train, evaluate, export, predict, read (runs/demo/)"
	@echo "make test         all tests but those that need a browser"
	@echo "make check        lint, types, test and browser-test"
	@echo "make demo-clean   remove what the demo made"

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "stancekit needs Python 3.11 or later; try: make PYTHON=python3.12 ..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing stancekit into $(VENV) (a few minutes, once)"
	@$(PIP) setuptools
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing the development tools"
	@$(PIP) --editable '.[dev]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/python scripts/demo.py

# A file stays in one process, with the models that its tests share; the long files come first, so that neither waits for the other.
test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not browser and not readme"

readme-test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -m readme

browser-test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -m browser

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	@$(BIN)/mypy

check: lint types test browser-test

demo-clean:
	rm -rf runs/demo data/processed/demo

clean: demo-clean
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
