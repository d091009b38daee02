# The two that matter: `make demo` shows what biotune does, `make test` proves it.
# Both make their own environment in .venv; nothing else on the machine is touched.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contracts bench soak sample-data docs clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 16

demo: $(VENV)/.run  ## the dashboard on sample sessions (BIOTUNE_NO_BROWSER=1, BIOTUNE_PORT=…)
	$(BIN)/python -m biotune demo

test: $(VENV)/.dev  ## every test, with coverage
	$(BIN)/python -m pytest --cov --cov-report=term

check: lint types contracts test  ## what CI runs: lint, types, import contracts, tests

lint: $(VENV)/.dev  ## style and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell biotune dashboard tests docs sample_data/*.py *.md

types: $(VENV)/.dev  ## static types
	$(BIN)/mypy

contracts: $(VENV)/.dev  ## who may import whom
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## speed, as ratios, both sides in one run
	@for each in tests/benchmarks/bench_*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

soak: $(VENV)/.dev  ## what takes long: full-size calibration, hundreds of kills
	@for each in tests/soak/[a-z]*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

sample-data: $(VENV)/.run  ## make the sample sessions again, byte for byte
	$(BIN)/python sample_data/make.py

clean:           ## remove the environment and what tools leave behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[sim]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[sim,postgres,cluster,dev]'
	@touch $@ $(VENV)/.run
