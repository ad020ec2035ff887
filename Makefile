# Makes what it needs in .venv, and in .venv-pose what mmpose needs. Only make and Python, 3.10 to 3.13, must be there.

PYTHON ?= python3 python3.13 python3.12 python3.11 python3.10

# A stamp carries a checksum of what was installed, so an unchanged list is not installed again.
checksum = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
CORE := .venv/core-$(call checksum,requirements/core.txt setup.py)
TESTS := $(CORE)-tests-$(call checksum,requirements/tests.txt)
ONEDL := .venv/onedl-$(call checksum,requirements/onedl.txt)
WEB := .venv/web-$(call checksum,requirements/web.txt)
POSE := .venv-pose/pose-$(call checksum,requirements/core.txt requirements/pose.txt requirements/openmmlab.txt setup.py)

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
PIP := .venv/bin/python $(PIP_INSTALL)
POSE_PIP := .venv-pose/bin/python $(PIP_INSTALL)

# A folder, and the newest Python 3 that it may be of.
define make_environment
	@[ -x $(1)/bin/pip ] || { \
		for python in $(PYTHON); do \
			if $$python -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, $(2)))' 2>/dev/null; then \
				echo "Making $(1) with $$python"; \
				exec $$python -m venv --clear $(1); \
			fi; \
		done; \
		echo 'No Python 3.10 to 3.$(2) found: install one, or name it, make PYTHON=/path/to/python3'; \
		exit 1; }
endef

.PHONY: help demo test test-benchmarks test-onedl test-web pose-env test-pose lint
.DEFAULT_GOAL := help

help:
	@echo 'make demo    train a teacher and students on generated motions, and compare them'
	@echo 'make test    run the tests (make test ARGS="tests/test_compat.py -x")'
	@echo 'make test-benchmarks    run the tests of tools/benchmark, which no user needs'
	@echo 'make lint    check the style and the types of the code'
	@echo 'make test-onedl    run what depends on mmengine with its fork onedl-mmengine'
	@echo 'make test-web     run the tests of the page in a browser (Debian: apt install chromium-driver)'
	@echo 'make pose-env    make .venv-pose, in which tools/extract_poses.py runs models of mmpose'
	@echo 'make test-pose    run the tests of those models in .venv-pose'
	@echo
	@echo 'Each makes .venv first, with Python 3.10 to 3.13 (PYTHON=/path/to/python3 chooses one).'
	@echo 'A GPU is used where PyTorch sees one.'

demo: $(CORE)
	@echo 'Running the demo'
	.venv/bin/python tools/distill.py configs/partkd/demo.py $(ARGS)

test: $(TESTS)
	@echo 'Running the tests, two at a time'
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --ignore=tests/benchmarks --ignore=tests/pose $(ARGS)

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

pose-env: $(POSE)

test-pose: $(POSE)
	@echo 'Running the tests of models of mmpose'
	OMP_NUM_THREADS=1 .venv-pose/bin/python -m pytest tests/pose $(ARGS)

lint: $(TESTS)
	@echo 'Checking style and types'
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# mmengine 0.10.7 calls functions that Python 3.14 no longer has
$(CORE):
	$(call make_environment,.venv,13)
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

# numpy 1.26, which mmpose's xtcocotools is built with, has no wheels for Python 3.13. mmcv compiles
# several times as fast with less optimization, and without what a debugger wants.
$(POSE):
	$(call make_environment,.venv-pose,12)
	@echo 'Installing requirements/pose.txt in .venv-pose'
	@$(POSE_PIP) -r requirements/pose.txt
	@echo 'Installing requirements/openmmlab.txt in .venv-pose: some minutes, as mmcv is compiled'
	@CFLAGS='-g0 -O1' MMCV_WITH_OPS=1 $(POSE_PIP) --no-deps --no-build-isolation -r requirements/openmmlab.txt
	@$(POSE_PIP) --no-deps --no-build-isolation --editable .
	@rm -f .venv-pose/pose-*
	@touch $@
