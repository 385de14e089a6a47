.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up down status secrets containers containers-demo test test-fast test-pages pictures check format bench bench-pages lock messages
SHELL := /bin/bash
BIN := .venv/bin
# Half of a test's time is waiting, so there are more workers than cores; -n0 in ARGS runs in one process (for --pdb).
PARALLEL = $(KEEP_COMPILED) $(BIN)/pytest -n $(or $(WORKERS),4) --dist loadscope --no-loadscope-reorder
# The tests start Python hundreds of times: compiled files that are kept save a second each.
KEEP_COMPILED := env -u PYTHONDONTWRITEBYTECODE
MEASURED := --cov --cov-report=

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what the system needs to run (quick when done)
	@python3 -m deploy.local.setup

setup-dev: ## Install also what tests and checks need
	@python3 -m deploy.local.setup --dev

demo: setup ## Set up, start everything, play one assessment round, leave it running
	@$(BIN)/nilai demo

up: setup ## Start everything
	@$(BIN)/nilai up

down: ## Stop everything; the data stay in .local/
	@if [ -x $(BIN)/nilai ]; then $(BIN)/nilai down; fi

status: ## Show what runs
	@if [ -x $(BIN)/nilai ]; then $(BIN)/nilai status; else echo "Nothing runs: \`make up\` sets it up and starts it." >&2; exit 1; fi

secrets: ## Make the passwords that docker-compose.yml needs, once
	@python3 -m deploy.compose.passwords

containers: ## Start everything in containers (as .env says, else to try it out) and wait until all are healthy
	@python3 -m deploy.compose.containers

containers-demo: setup ## Play the round against containers started with deploy/compose/try.env
	@sh deploy/compose/demo.sh

test: setup-dev ## Run all tests on servers of their own, and judge what they cover (ARGS="-k words": some, unjudged)
	@began=$$(date +%s); $(BIN)/python -m deploy.local with-servers -- $(PARALLEL) $(or $(ARGS),$(MEASURED)) \
	&& $(if $(ARGS),true,$(BIN)/python -m tests.architecture.coverage_gate); \
	code=$$?; echo "make test took $$(( $$(date +%s) - began )) s."; exit $$code

test-fast: setup-dev ## Run the tests that need no server
	@began=$$(date +%s); $(PARALLEL) -n 2 -m fast -q $(ARGS); \
	code=$$?; echo "make test-fast took $$(( $$(date +%s) - began )) s."; exit $$code

test-pages: setup-dev ## Run the tests of pages in a browser; pictures of them lie in .local/screenshots
	@$(BIN)/python -m deploy.local with-servers -- $(KEEP_COMPILED) $(BIN)/pytest tests/pages $(ARGS)

pictures: setup-dev ## Draw the guides' pictures from the screenshots that test-pages kept
	@$(BIN)/python -m tests.pages.pictures

check: setup-dev ## Check format, style, types, imports and generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.demo.flow --check
	$(BIN)/python -m tests.architecture.licences --quiet

format: setup-dev ## Put the sources into their format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev ## Measure the hop of an event beside Celery's
	@$(BIN)/python -m deploy.local with-servers -- $(BIN)/python -m tests.bench.hop $(ARGS)

bench-pages: setup-dev ## Measure how long the server takes for each page, with 640 agencies
	@$(BIN)/python -m deploy.local with-servers -- $(KEEP_COMPILED) $(BIN)/pytest tests/bench/pages.py -qs $(ARGS)

lock: setup ## Renew the lock files (needs the package index)
	@sh deploy/local/lock.sh

messages: setup-dev ## Add what pages say anew to the catalogues, and list what lacks its Indonesian
	@$(BIN)/python -m shared.web.catalogues
