# Everything from a bare clone: `make run`, `make test`. Needs Python 3.11 or newer with venv, nothing else.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
RUN := .venv/bin/python
INSTALLED := .venv/installed

.PHONY: run test lint bench clean lock

run: $(INSTALLED)
	@exec $(RUN) -I -S config/leash.py $$PPID 15 - "$(CURDIR)/$(RUN)" manage.py up

test: $(INSTALLED)
	@$(RUN) -m tests.chromium
	@$(RUN) manage.py build_assets --verbosity 0
	$(RUN) -m pytest -n 2

lint: $(INSTALLED)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy .
	.venv/bin/lint-imports
	git ls-files -z --cached --others --exclude-standard 'templates/*.html' | xargs -0r .venv/bin/djade --target-version 5.2 --check
	$(RUN) -m tests.test_conventions

bench: $(INSTALLED) .venv/agentdojo/installed .venv/langgraph/installed
	$(RUN) -m benchmarks $(if $(CLAIMS),--claims "$(CLAIMS)")

clean:
	rm -rf .venv .workroom .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

lock: $(INSTALLED)
	$(RUN) -m pip install --quiet uv
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --python-version 3.11 --no-emit-index-url --no-header \
		requirements.in -o requirements.lock

.venv/%/installed: benchmarks/requirements-%.txt $(INSTALLED)
	@echo "Packages: $*, into an environment of its own"
	@test -x .venv/$*/bin/python || $(RUN) -m venv .venv/$*
	@.venv/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

$(INSTALLED): requirements.lock
	@test -n "$(PYTHON)" || { echo "Workroom needs Python 3.11 or newer; found: $$(python3 --version 2>&1)." >&2; exit 1; }
	@echo "Packages: installing what requirements.lock names into .venv (about a minute the first time)"
	@test -x $(RUN) && $(RUN) -c 'import pip' 2>/dev/null || $(PYTHON) -m venv .venv || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $@
