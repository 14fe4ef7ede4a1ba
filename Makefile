# make demo        build demo_docs and serve it, cells live
# make demo-build  stop after the build
# make test        every check and every test, real browser included
# make vendor      bundle third-party JavaScript anew (installing does so too)
# make clean       remove everything that these made
#
# Needed: Python 3.11 or newer, and the package registries. PYTHON=... picks the interpreter, PORT=... the demo's port.

VENV := .venv
BIN := $(VENV)/bin
SITE := build/demo
PORT ?= 8000
# What installing bundles into the package.
FRONTEND := hatch_build.py package.json package-lock.json $(wildcard frontend/*.* frontend/*/*.*)

# node and npm of the virtual environment come first: the same ones everywhere.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DELETE_ON_ERROR:
.PHONY: demo demo-build test lint types js pytest browser vendor clean

demo: demo-build
	$(BIN)/python tools/serve.py $(SITE) --port $(PORT)

demo-build: $(VENV)/.demo
	$(BIN)/python -m sphinx -b html -j auto -d build/doctrees demo_docs $(SITE)

test: lint types js pytest

lint: $(VENV)/.test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

types: $(VENV)/.test
	$(BIN)/python -m mypy

js: node_modules/.stamp
	npm run --silent check
	npm test --silent

pytest: $(VENV)/.test browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup

browser: $(VENV)/.test
	$(BIN)/python tools/find_browser.py --install

# One environment: the stamps tell which extras it has.
$(VENV)/.demo: pyproject.toml tools/setup.sh $(FRONTEND)
	tools/setup.sh $(VENV) demo
	@touch $@

$(VENV)/.test: pyproject.toml tools/setup.sh $(FRONTEND)
	tools/setup.sh $(VENV) test
	@touch $@ $(VENV)/.demo

node_modules/.stamp: package.json package-lock.json $(VENV)/.test
	npm ci --no-audit --no-fund
	@touch $@

vendor: $(VENV)/.test
	$(BIN)/python frontend/bundle.py

clean:
	rm -rf build sphinxext_liveviz/static/liveviz/vendor $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
