.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up down status secrets containers-demo test check format bench lock
SHELL := /bin/bash
BIN := .venv/bin

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
	@$(BIN)/nilai status

secrets: ## Make the passwords that docker-compose.yml needs, once
	@python3 -m deploy.compose.passwords

containers-demo: setup ## Play the round against containers started with deploy/compose/try.env
	@sh deploy/compose/demo.sh

test: setup-dev ## Run all tests against a real MongoDB and a real RabbitMQ of their own (ARGS="-k words")
	@$(BIN)/python -m deploy.local with-servers -- $(BIN)/pytest $(ARGS)

check: setup-dev ## Check format, style, types, imports and generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.demo.flow --check

format: setup-dev ## Put the sources into their format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev ## Measure the hop of an event beside Celery's
	@$(BIN)/python -m deploy.local with-servers -- $(BIN)/python -m tests.bench.hop $(ARGS)

lock: setup ## Renew the lock files (needs the package index)
	@sh deploy/local/lock.sh
