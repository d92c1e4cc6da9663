# Two commands do everything on a fresh machine: `make run` and `make test`. Both say what they do.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test check bench soak soak-wall soak-loop load fuzz stlouis lock check-lock help clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: $(VENV)/.installed ## the app on 127.0.0.1:8501, with the sample county if there is no database
	@$(BIN)/python manage.py ensure-database --commit --serve

test: $(VENV)/.installed-dev ## the whole check: style, types, layers, and every test
	@bash tools/system_packages.sh
	@bash tools/check.sh

bench: $(VENV)/.installed-dev ## the benchmarks: ratios against named baselines, printed with machine and commit
	@source tools/postgres_for_tests.sh; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

soak: soak-loop soak-wall ## both of what takes long: the event loop against its model, a wall screen in a browser

soak-wall: $(VENV)/.installed-dev ## a wall screen through an accelerated day in a real browser: memory charted (15 minutes)
	@bash tools/system_packages.sh
	@$(BIN)/python tools/soak_wall.py

load: $(VENV)/.installed-dev ## 20 users take steps at once, ten minutes on SQLite and ten on PostgreSQL; then 50 sessions for half an hour
	@bash tools/system_packages.sh
	@$(BIN)/python tools/load_loop.py
	@source tools/postgres_for_tests.sh; $(BIN)/python tools/load_loop.py --postgres
	@$(BIN)/python tools/load_sessions.py

soak-loop: $(VENV)/.installed-dev ## 50,000 random steps of the event loop with crashes in between, held against a model (half an hour)
	@$(BIN)/python tools/soak_loop.py

fuzz: $(VENV)/.installed-dev ## 2,000 broken files through the import: no traceback, no partial batch, memory bounded (half an hour)
	@$(BIN)/python tools/fuzz_import.py

lock: $(VENV)/.installed ## requirements.lock (versions and hashes of what runs) and docs/licences.md, made anew; needs a package index
	@$(BIN)/python tools/lock_requirements.py
	@$(BIN)/python tools/list_licences.py

check-lock: $(VENV)/.installed ## installs requirements.lock with --require-hashes into a fresh environment and throws it away
	@$(BIN)/python tools/lock_requirements.py --check
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" && \
	  "$$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  "$$folder/bin/python" -m pip check

stlouis: $(VENV)/.installed ## a real city in a database of its own (var/stlouis), served on 127.0.0.1:8501
	@GOVDESK_VAR=var/stlouis GOVDESK_ZONE=America/Chicago bash tools/bring_up_stlouis.sh
	@GOVDESK_VAR=var/stlouis GOVDESK_ZONE=America/Chicago GOVDESK_LANGUAGE=en $(BIN)/python manage.py serve

$(VENV)/bin/python:
	@echo "make: creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || { echo "make: Python 3.11 or newer is needed (PYTHON=…)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); echo "make: installing python3-venv"; bash tools/apt.sh python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.installed: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "make: installing what runs (about 1 GB, a minute with warm caches)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "make: installing what runs and what checks"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

clean: ## remove the environment (never the database in var/)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
