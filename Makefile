PY  ?= python3
V   := .venv
PIP := $(V)/bin/python -m pip --disable-pip-version-check -q
UV_COMPILE := .uv/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: run test check faults gateway lock
run: $(V)/.ok
	@$(V)/bin/lendanear serve $(ARGS)

test: $(V)/.dev-ok
	$(V)/bin/python -m pytest -q -n auto

check: $(V)/.dev-ok
	$(V)/bin/ruff check .
	$(V)/bin/ruff format --check .
	$(V)/bin/mypy
	$(V)/bin/lint-imports

$(V)/.ok: requirements.lock pyproject.toml
	@echo "lendanear: making a place of its own for Python packages in $(V)"
	@$(PY) -m venv $(V)
	@echo "lendanear: installing the locked packages; the first time this takes some minutes"
	@$(PIP) install --require-hashes -r requirements.lock
	@echo "lendanear: installing lendanear itself"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(V)/.dev-ok: requirements-dev.lock $(V)/.ok
	@echo "lendanear: installing what the tests need; the first time this takes some minutes"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

faults: $(V)/.dev-ok
	LENDANEAR_FAULT_INSTANTS=200 $(V)/bin/python -m pytest -q -n 2 -o faulthandler_timeout=0 \
	  tests/server/test_kill_instants.py tests/server/test_several_processes.py

gateway:
	@tests/gateway/setup.sh

lock:
	test -x .uv/bin/uv || ($(PY) -m venv .uv && .uv/bin/pip install -q uv)
	$(UV_COMPILE) --extra build -o requirements.lock
	$(UV_COMPILE) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
