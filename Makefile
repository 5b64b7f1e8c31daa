# `make run` and `make test` are all that a newcomer needs; both set up .venv first.
PYTHON ?= $(firstword $(shell command -v python3.11) $(shell command -v python3.12) $(shell command -v python3))
BIN := .venv/bin
WAREHOUSE ?= warehouse-data
DATA ?= ../shared/data

.PHONY: run test lint bench docs lock dictionary wheel clean

# Errors alone: what pip warns of here is nothing that its user could mend.
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
# PyPI's build of torch for Linux brings gigabytes of CUDA that nothing here uses; this place has one without.
CPU_TORCH := --index-url https://download.pytorch.org/whl/cpu --no-deps --timeout 5 --retries 0

# The stamp changes with the lock, so that a new pin is installed at the next call.
.venv/.installed: requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || { \
	  echo "Rasad needs Python 3.11 or 3.12; found: $(or $(PYTHON),none). Name one: make PYTHON=/path/to/python3.11"; \
	  exit 1; }
	@echo "Setting up .venv from requirements.lock, once: about 2.4 GB. One to three minutes where the network is fast;"
	@echo "pip says nothing meanwhile. If it is interrupted, type the same command again."
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@$(INSTALL) $(CPU_TORCH) $$(grep '^torch==' requirements.lock) 2>/dev/null || true
	@$(INSTALL) --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

run: .venv/.installed ## The whole pipeline over the sample articles, three questions in SQL, and a page to look at
	@echo "Reading the sample articles: one to two minutes, most of it for names. Nothing uses the network."
	@$(BIN)/rasad run seeds/articles --warehouse $(WAREHOUSE)
	@for question in seeds/questions/*.sql; do \
	  echo; sed -n 's/^-- //p' $$question; \
	  $(BIN)/rasad sql --warehouse $(WAREHOUSE) --file $$question; \
	done
	@echo; $(BIN)/rasad report report.html --warehouse $(WAREHOUSE)
	@echo "Then: docs/tutorial.md. To type rasad without its folder: source $(BIN)/activate"

# Files in their own order: the slowest have the fewest tests, and would come last if sorted by number.
test: lint ## Everything that CI checks
	@$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/.installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/.installed ## All benchmarks, into docs/benchmarks.md; hours. Some: make bench DATA=FOLDER ONLY=pipeline,page
	@$(BIN)/python -m bench.book --data $(DATA) $(if $(ONLY),--only $(ONLY))

docs: .venv/.installed ## The documentation as a site, in site/; it loads nothing from elsewhere
	@$(BIN)/python -m mkdocs build --quiet --strict
	@echo "Open site/index.html"

dictionary: .venv/.installed ## Write the reference anew: tables, marts, event types, commands, settings, each page from the code itself
	@$(BIN)/python -m schemas.dictionary > docs/data-dictionary.md
	@$(BIN)/python -m warehouse.sql_models > docs/marts.md
	@$(BIN)/python -m tasks.lexicon_page > docs/ontology.md
	@$(BIN)/python -m flows.reference commands > docs/commands.md
	@$(BIN)/python -m flows.reference settings > docs/settings.md

lock: ## Pin everything anew: a fresh environment from pyproject.toml, frozen
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet --upgrade pip
	@.venv-lock/bin/python -m pip install --quiet . --group dev
	@.venv-lock/bin/python -m pip freeze --exclude rasad --exclude pip | sed 's/+cpu//; s/ @ file:.*//' > requirements.lock
	@rm -rf .venv-lock

wheel: .venv/.installed
	@rm -rf dist && $(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null

clean:
	@rm -rf .venv dist site report.html $(WAREHOUSE) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
