# `make run` and `make test` are all that a newcomer needs; both set up .venv first.
PYTHON ?= $(firstword $(shell command -v python3.11) $(shell command -v python3))
BIN := .venv/bin
WAREHOUSE ?= warehouse-data
DATA ?= ../shared/data

.PHONY: run test lint bench docs lock dictionary wheel clean

# The stamp changes with the lock, so that a new pin is installed at the next call.
.venv/.installed: requirements.lock pyproject.toml
	@echo "Setting up .venv from requirements.lock: one to three minutes, about 2.5 GB, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: .venv/.installed ## The whole pipeline over the sample articles, three questions in SQL, and a page to look at
	@echo "Reading the sample articles: about a minute, most of it for names. Nothing uses the network."
	@$(BIN)/rasad run seeds/articles --warehouse $(WAREHOUSE)
	@for question in seeds/questions/*.sql; do \
	  echo; sed -n 's/^-- //p' $$question; \
	  $(BIN)/rasad sql --warehouse $(WAREHOUSE) --file $$question; \
	done
	@echo; $(BIN)/rasad report report.html --warehouse $(WAREHOUSE)

test: lint ## Everything that CI checks
	@$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile

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
