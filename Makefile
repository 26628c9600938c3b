# Everything a person or a machine does here, by name. `make help` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup system demo test check format trace bench docs vectors soak wheel trywheel clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(READY)  ## make the virtual environment from the pinned requirements

system:  ## install what the tests need of the operating system (SoftHSM2, Java)
	@{ command -v softhsm2-util && command -v java; } >/dev/null || tools/install-system-packages

demo: $(READY)  ## licence, fund, print, read back and verify ten mailpieces
	$(BIN)/franking demo --dir franking-demo

test: $(READY) system  ## run the tests
	$(BIN)/python -m pytest -n auto

check: $(READY)  ## format, lint, types, import arrows, clause trace
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.trace --quiet

format: $(READY)  ## rewrite the source in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

trace: $(READY)  ## print the matrix clause → code → test
	$(BIN)/python -m tools.trace

bench: $(READY) system  ## measure, as ratios to a limit or a peer in the same run
	$(BIN)/python -m benchmarks

vectors: $(READY)  ## regenerate our own test vectors
	$(BIN)/python -m tools.make_vectors

docs: $(READY)  ## regenerate the reference pages that are made from the code
	$(BIN)/python -m tools.make_docs

soak: $(READY) system  ## long random runs: property tests, the ledger, power cuts and kills
	FRANKING_LEDGER_OPERATIONS=2000000 $(BIN)/python -m pytest tests/property --hypothesis-profile=soak
	FRANKING_TORTURE=20 $(BIN)/python -m pytest tests/integration \
		-k "power_loss or kill or cut_short or abuse or failing"

wheel: $(READY)  ## build the wheel
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation

trywheel: wheel  ## install the built wheel into an empty environment and run the demo from it
	$(PYTHON) -m venv --clear build/wheel-env
	build/wheel-env/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	build/wheel-env/bin/pip install --quiet --disable-pip-version-check --no-deps dist/*.whl
	cd build && wheel-env/bin/franking demo --dir wheel-demo

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist franking-demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
