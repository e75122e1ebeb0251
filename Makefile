# Comity's commands. Bare `make` lists them.

PYTHON ?= python3
PORT ?= 8000

BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH_INSTALLED := .venv-bench/.installed
THREADS ?= 4
WORKERS ?= 2

# What a production installation would set, so that `check --deploy` judges that and not the DEBUG default.
PRODUCTION = env COMITY_DEBUG=false COMITY_ALLOWED_HOSTS=comity.example DATABASE_URL=sqlite:///:memory: \
	COMITY_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"

.PHONY: help run test test-full fuzz check bench lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: export COMITY_DEBUG = true
run: $(INSTALLED) ## install, migrate, make the demo, print the tour and serve on 127.0.0.1:8000 (PORT changes it)
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null \
		|| { echo "Port $(PORT) is taken; take another one: make run PORT=8001" >&2; exit 1; }
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo --tour $(PORT)
	@$(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --no-ws \
		--workers 1 --blocking-threads $(THREADS) config.wsgi:application

test: check ## run every check, every test on SQLite, and the database tests again on PostgreSQL
	env -u DATABASE_URL $(BIN)/pytest --numprocesses $(WORKERS)
	$(BIN)/python -m tests.postgres -- $(BIN)/pytest --numprocesses $(WORKERS) -m database

test-full: export COMITY_TEST_SCALE = full
test-full: test ## the same with 300 races, 100 kills and 20,000 generated examples

fuzz: export COMITY_TEST_SCALE = full
fuzz: $(INSTALLED) ## the generated tests alone, with 20,000 new examples, and how often each voice agreed
	$(BIN)/pytest -m fuzz tests/engine

check: $(INSTALLED) ## lint, types, import order, migrations, deployment settings, policies and their cases
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PRODUCTION) $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/comity check
	$(BIN)/comity test

bench: $(BENCH_INSTALLED) ## measure the engine beside its peers and its targets (BENCH holds options; see docs/benchmarks.md)
	.venv-bench/bin/python -m benchmarks $(BENCH)

lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: ## resolve pyproject.toml again into requirements/*.txt, newest versions, with hashes
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/pip install --quiet --upgrade uv
	$(LOCK) --output-file requirements/base.txt pyproject.toml
	$(LOCK) --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt pyproject.toml
	$(LOCK) --output-file requirements/bench.txt pyproject.toml requirements/bench.in

LOCK = .lock-venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate

$(INSTALLED): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Comity needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "Installing the locked dependencies into .venv (about a minute, only when they change)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat --editable .
	@touch $@

$(BENCH_INSTALLED): requirements/bench.txt
	@echo "Installing what Comity is measured against into .venv-bench (about half a minute, only when it changes)"
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@
