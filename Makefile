# make run    the site on this computer, http://127.0.0.1:8000/ (README.md says what it needs)
# make test   all checks and tests (CI runs the same)
# make lint   only the checks that read the code
# make pictures  the pictures of docs/beheer.md, as the admin looks now
# make bench  what a page costs, into docs/performance.md and docs/design.md; shorter: make bench BENCH=--quick
# make fix    format code and templates
# make lock   after a change of dependencies in pyproject.toml; make upgrade takes newer versions too

PORT ?= 8000
PYTHON ?= python3
PY := .venv/bin/python
MANAGE := $(PY) manage.py

# What the checks run with, whatever var/env says: as in production, without a database of anyone's.
CHECK_ENV := SECRET_KEY=only-for-checks-0123456789-abcdefghijklmnopqrstuvwxyz-987654321 \
    ALLOWED_HOSTS=localhost HTTPS=on DEBUG=off DATABASE_URL=sqlite://:memory:

.PHONY: run prepare test pictures bench lint fix lock upgrade clean
.DEFAULT_GOAL := run

# ---- run

run: prepare
	@echo "Het portaal staat op http://127.0.0.1:$(PORT)/ (stoppen: Ctrl+C)"
	@GUNICORN_LOG_LEVEL=$${GUNICORN_LOG_LEVEL:-warning} BIND=127.0.0.1:$(PORT) \
	    exec $(PY) -m gunicorn --config deploy/gunicorn.conf.py

prepare: .venv/.runtime var/env
	@$(PY) -c 'import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); \
	    s.bind(("127.0.0.1", $(PORT)))' 2>/dev/null \
	    || { echo "Poort $(PORT) is al in gebruik: stop dat programma, of kies een andere met make run PORT=8001."; exit 1; }
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable --verbosity 0
	@$(MANAGE) import_content --verbosity 0
	@$(MANAGE) rebuild_search --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@$(MANAGE) create_accounts

# The settings of this computer: made once, then yours. settings.py reads them.
var/env: | .venv/.runtime
	@mkdir -p var
	@umask 077 && $(PY) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(48))' > $@.new
	@printf 'ALLOWED_HOSTS=127.0.0.1,localhost\nHTTPS=off\n' >> $@.new
	@mv $@.new $@

# ---- the virtual environment; the stamps tell which lock is in it

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    || { echo "Python 3.11 of nieuwer is nodig: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "Python mist de module venv: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

# Only the existence of .venv/bin/python counts (|): it is a link to the system's Python, with its date.
.venv/.runtime: requirements/runtime.txt | .venv/bin/python
	@echo "Pakketten installeren (alleen de eerste keer, of na een wijziging) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/bin/python
	@echo "Pakketten installeren (alleen de eerste keer, of na een wijziging) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/.runtime

# uv only makes the lock, so it is not in it. No address of a registry gets into the files.
upgrade: LOCK_ARGS := --upgrade
lock upgrade: | .venv/bin/python
	@test -x var/uv/bin/uv || { $(PY) -m venv var/uv && var/uv/bin/python -m pip install --quiet uv==0.13.9; }
	@for file in runtime dev; do \
	    UV_CUSTOM_COMPILE_COMMAND="make lock" var/uv/bin/uv pip compile --quiet $(LOCK_ARGS) pyproject.toml \
	        --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	        $$(test $$file = runtime || echo "--group dev --constraints requirements/runtime.txt") \
	        --output-file requirements/$$file.txt || exit 1; \
	done

# ---- test: every part runs, also after a failing one; the end names those that failed

LINTS := ruff mypy templates
PARTS := $(LINTS) migrations deploy static sqlite postgres browser

test: TODO := $(PARTS)
lint: TODO := $(LINTS)
test lint: .venv/.dev
	@failed=; \
	for part in $(TODO); do \
	    printf '\n== %s\n' "$$part"; \
	    $(MAKE) --no-print-directory test-$$part || failed="$$failed $$part"; \
	done; \
	if [ -n "$$failed" ]; then printf '\nMislukt:%s\n' "$$failed"; exit 1; fi

.PHONY: $(PARTS:%=test-%)
$(PARTS:%=test-%): .venv/.dev

test-ruff:
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

test-mypy:
	@$(CHECK_ENV) $(PY) -m mypy .

test-templates:
	@$(PY) -m djlint templates --check && $(PY) -m djlint templates --lint

test-migrations:
	@$(CHECK_ENV) $(MANAGE) makemigrations --check --dry-run

test-deploy:
	@$(CHECK_ENV) $(MANAGE) check --deploy --fail-level WARNING

# Finds a name in CSS that points nowhere, and gives the tests the hashed names of production.
test-static:
	@$(CHECK_ENV) $(MANAGE) collectstatic --noinput --verbosity 0

test-sqlite:
	@env -u DATABASE_URL $(PY) -m pytest -n 2 -m "not browser"

# 69: with_postgres.sh found no PostgreSQL, and said so.
test-postgres:
	@tests/with_postgres.sh $(PY) -m pytest -n 2 -m "not browser" || { code=$$?; \
	    [ $$code -eq 69 ] && [ "$$CI" != true ] && echo "Deze tests zijn overgeslagen."; }

test-browser:
	@lacking=; \
	[ -x /usr/bin/chromium ] || lacking=" chromium"; \
	command -v npm >/dev/null || lacking="$$lacking nodejs npm"; \
	if [ -z "$$lacking" ]; then \
	    $(MAKE) --no-print-directory node_modules/.stamp && env -u DATABASE_URL $(PY) -m pytest -n 2 -m browser; \
	else echo "Op deze machine ontbreekt nog iets (apt-get install$$lacking)."; \
	    [ "$$CI" != true ] && echo "Deze tests zijn overgeslagen."; fi

# What judges the pages in the browser tests; none of it is served.
node_modules/.stamp: package-lock.json
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

pictures: .venv/.dev
	@rm -rf docs/beheer && mkdir docs/beheer
	@env -u DATABASE_URL PICTURES=docs/beheer $(PY) -m pytest -q tests/test_editor_browser.py

bench: .venv/.dev
	@$(PY) -m benchmarks.run $(BENCH)
	@$(PY) -m benchmarks.browser $(filter --quick,$(BENCH))

fix: .venv/.dev
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format . ; $(PY) -m djlint templates --reformat --quiet

clean:
	rm -rf .venv node_modules var/static var/uv .pytest_cache .mypy_cache .ruff_cache
