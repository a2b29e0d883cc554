# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Every start of Python would compile our modules anew where the surroundings forbid keeping what it compiled.
export PYTHONDONTWRITEBYTECODE :=
PORT ?= 5000
export PORT

.DEFAULT_GOAL := help
.PHONY: help run serve test lint audit sbom bench soak assets clean

help: ## list what make can do
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(STAMPS)/run $(STAMPS)/assets ## install, build, load the demonstration, serve on http://127.0.0.1:$(PORT)
	@TANDEM_DEMO=1 $(BIN)/python -m serving

serve: $(STAMPS)/run $(STAMPS)/assets ## serve with gunicorn, without the demonstration
	@$(BIN)/python -m serving

test: $(STAMPS)/dev $(STAMPS)/assets $(STAMPS)/identity-provider ## run the whole test suite: both databases, browser, accessibility
	@$(BIN)/python tests/get_chromium.py
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadgroup $(PYTEST_ARGS)

lint: $(STAMPS)/dev ## check style, types, the direction of imports and what is known to be unsafe
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r assessment reports questionnaires app.py serving.py

audit: $(STAMPS)/dev ## ask a vulnerability service about every installed package
	@$(BIN)/python tests/audit_packages.py

sbom: $(STAMPS)/dev $(STAMPS)/sbom $(STAMPS)/npm ## write the bill of materials (CycloneDX) to build/
	@mkdir -p build
	@$(VENV)/sbom/bin/cyclonedx-py environment --sv 1.6 --of JSON -o build/sbom-python.json $(BIN)/python
	@npm sbom --sbom-format cyclonedx --sbom-type application > build/sbom-web.json
	@echo "build/sbom-python.json and build/sbom-web.json"

bench: $(STAMPS)/dev $(STAMPS)/assets ## print each speed as a ratio to its floor
	@$(BIN)/python -m benchmarks

soak: $(STAMPS)/dev $(STAMPS)/assets ## the long forms of the crash and load checks
	@$(BIN)/python tests/get_chromium.py
	@$(BIN)/python -m pytest -m soak $(PYTEST_ARGS)
	@$(BIN)/python -m benchmarks.growth --sizes 1000000

assets: $(STAMPS)/assets ## build styles, scripts and fonts

clean: ## remove what was built (not the instance folder)
	rm -rf $(VENV) node_modules static build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	  || { echo "Tandem needs Python 3.11 to 3.14; $(PYTHON) is another or does not run. Try: make PYTHON=python3.13 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/run: requirements.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.txt requirements-dask.txt $(STAMPS)/run
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

# In a place of its own: what it brings along slows every start of Python here, and is none of our materials.
$(STAMPS)/sbom: requirements-sbom.txt | $(STAMPS)/run
	@$(PYTHON) -m venv $(VENV)/sbom
	@$(VENV)/sbom/bin/pip install --quiet -r requirements-sbom.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/npm: package.json package-lock.json | $(STAMPS)/run
	@npm ci --silent --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@

# A real identity provider, which the tests start; nothing of it is served.
PROVIDER := tests/accounts/identity_provider
$(STAMPS)/identity-provider: $(PROVIDER)/package.json $(PROVIDER)/package-lock.json | $(STAMPS)/run
	@cd $(PROVIDER) && npm ci --silent --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@

ASSET_SOURCES := $(shell find assets -type f)
$(STAMPS)/assets: $(STAMPS)/npm $(ASSET_SOURCES)
	@node assets/build.mjs
	@$(BIN)/python -m whitenoise.compress --quiet static
	@mkdir -p $(STAMPS) && touch $@
