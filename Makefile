# Two commands matter: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Wheels are kept here, so that the second clone on a machine installs without a network.
WHEELS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kapture/wheels
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Two more than there are processors: some tests wait for a clock.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
# Whatever the shell says, compiled modules are kept: half of the start of a test run was compiling them anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test thorough cover lint format e2e faults bench lock clean

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-8s %s\n", $$1, $$2}'

run: $(VENV)/runtime ## start the whole product (PORT, KAPTURE_HOME move it)
	@$(BIN)/python -W ignore -m kapture.local.run

test: $(VENV)/dev ## run the test suite, each rule for some
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

thorough: ## the same for every person, file and example, and what waits for clocks
	@THOROUGH=1 $(MAKE) --no-print-directory test

cover: ## the thorough run with branch coverage, which fails below 95 %
	@THOROUGH=1 $(MAKE) --no-print-directory test ARGS="--cov --cov-report=term:skip-covered $(ARGS)"

lint: $(VENV)/dev ## ruff, mypy, import contracts, templates, migrations, deployment checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check $$(git ls-files 'templates/*.html' 'templates/**/*.html')
	$(BIN)/python -W ignore -m kapture.local.check

format: $(VENV)/dev ## rewrite code and templates in house style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	-$(BIN)/djade $$(git ls-files 'templates/*.html' 'templates/**/*.html')

e2e: $(VENV)/dev ## browser tests (needs Debian's chromium, or CHROMIUM=path)
	$(BIN)/python -m pytest tests/e2e --timeout 600 $(ARGS)

faults: $(VENV)/dev ## kill workers, wipe Redis, deliver twice: with real processes
	$(BIN)/python -m pytest tests/faults tests/trends/faults $(ARGS)
	THOROUGH=1 CONTRACT_EXAMPLES=100 $(BIN)/python -m pytest tests/contract $(ARGS)

bench: $(VENV)/dev ## measured ratios, each against its own floor in one run
	$(BIN)/python -m pytest tests/bench -s $(ARGS)

lock: ## renew the locked dependencies from pyproject.toml
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml \
		--group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove what was installed and built (not the data in .kapture)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

# Install from the kept wheels; fetch them first where they are not complete. The lock names everything, so nothing is
# left to resolve (--no-deps): older pips refuse a pinned package that somebody asks for with extras once a newer one is out.
LOCKED := --no-deps --require-hashes
define install
	@mkdir -p $(WHEELS)
	@$(PIP) install --no-index --find-links $(WHEELS) $(LOCKED) -r $(1) 2>/dev/null \
		|| { echo "fetching packages…"; $(PIP) download -d $(WHEELS) $(LOCKED) -r $(1) \
		&& $(PIP) install --no-index --find-links $(WHEELS) $(LOCKED) -r $(1); }
	@$(PIP) check
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Kapture needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(BIN)/python
	$(call install,requirements.txt)
	@touch $@

$(VENV)/dev: requirements-dev.txt | $(BIN)/python
	$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/runtime
