# Makes what it needs in .venv. Only make and Python, 3.10 to 3.13, must be there.

PYTHON ?= python3 python3.13 python3.12 python3.11 python3.10
# mmengine 0.10.7 calls functions that Python 3.14 no longer has
IS_FIT := 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))'

# A stamp carries a checksum of what was installed, so an unchanged list is not installed again.
checksum = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
CORE := .venv/core-$(call checksum,requirements/core.txt setup.py)
TESTS := $(CORE)-tests-$(call checksum,requirements/tests.txt)
ONEDL := .venv/onedl-$(call checksum,requirements/onedl.txt)
WEB := .venv/web-$(call checksum,requirements/web.txt)

PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test test-benchmarks test-onedl test-web lint
.DEFAULT_GOAL := help

help:
	@echo 'make demo    train a teacher and students on generated motions, and compare them'
	@echo 'make test    run the tests (make test ARGS="tests/test_compat.py -x")'
	@echo 'make test-benchmarks    run the tests of tools/benchmark, which no user needs'
	@echo 'make lint    check the style and the types of the code'
	@echo 'make test-onedl    run what depends on mmengine with its fork onedl-mmengine'
	@echo 'make test-web     run the tests of the page in a browser (Debian: apt install chromium-driver)'
	@echo
	@echo 'Each makes .venv first, with Python 3.10 to 3.13 (PYTHON=/path/to/python3 chooses one).'
	@echo 'A GPU is used where PyTorch sees one.'

demo: $(CORE)
	@echo 'Running the demo'
	.venv/bin/python tools/distill.py configs/partkd/demo.py $(ARGS)

test: $(TESTS)
	@echo 'Running the tests, two at a time'
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --ignore=tests/benchmarks $(ARGS)

test-benchmarks: $(TESTS)
	@echo 'Running the tests of the benchmarks, two at a time'
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 tests/benchmarks $(ARGS)

test-onedl: export PYTHONPATH = .venv/onedl
test-onedl: $(TESTS) $(ONEDL)
	@echo 'Running the tests of mmengine with onedl-mmengine in its place'
	@.venv/bin/python -c 'from mmengine.runner.checkpoint import _safe_torch_load'  # the fork's own
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest tests/test_compat.py tests/test_mmengine.py $(ARGS)

test-web: export PYTHONPATH = .venv/web
test-web: $(TESTS) $(WEB)
	@echo 'Running the tests of the page in a browser'
	@command -v chromedriver >/dev/null || { echo 'There is no chromedriver: apt install chromium-driver'; exit 1; }
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest tests/web $(ARGS)

lint: $(TESTS)
	@echo 'Checking style and types'
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

$(CORE):
	@[ -x .venv/bin/pip ] || { \
		for python in $(PYTHON); do \
			if $$python -c $(IS_FIT) 2>/dev/null; then \
				echo "Making .venv with $$python"; \
				exec $$python -m venv --clear .venv; \
			fi; \
		done; \
		echo 'No Python 3.10 to 3.13 found: install one, or name it, make PYTHON=/path/to/python3'; \
		exit 1; }
	@echo 'Installing requirements/core.txt in .venv: a minute or two, most of it for PyTorch'
	@$(PIP) -r requirements/core.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@rm -f .venv/core-*
	@touch $@

$(ONEDL): $(CORE)
	@echo 'Installing requirements/onedl.txt in .venv/onedl, where only make test-onedl looks'
	@$(PIP) --no-deps --upgrade --target .venv/onedl -r requirements/onedl.txt
	@rm -f .venv/onedl-*
	@touch $@

$(WEB): $(CORE)
	@echo 'Installing requirements/web.txt in .venv/web, where only make test-web looks'
	@$(PIP) --upgrade --target .venv/web -r requirements/web.txt
	@rm -f .venv/web-*
	@touch $@

$(TESTS): $(CORE)
	@echo 'Installing requirements/tests.txt in .venv'
	@$(PIP) -r requirements/tests.txt
	@rm -f $(CORE)-tests-*
	@touch $@
