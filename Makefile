# Everything from nothing. `make demo` and `make test` are all a newcomer needs; CONTRIBUTING.md tells the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format lock bench soak clean system

help:
	@echo "make demo    watch one press bring a neighbour to the door"
	@echo "make test    set everything up and run the whole suite"
	@echo "make check   format, lint, types, import rules, docs"
	@echo "make bench   measurements, side by side in one run"
	@echo "make soak    10,000 simulated evenings of trouble; SEEDS=… for more or fewer"
	@echo "make lock    resolve the dependencies again"

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "alarmd needs Python 3.11 or newer; try make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)
	$(BIN)/alarmd demo

# mosquitto, Chromium and Node.js come from the distribution; without them their tests are left out (in CI that is a failure).
system:
	@tests/system-packages

test: $(STAMP) system
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python -m bench

SEEDS ?= 10000
soak: $(STAMP)
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml
lock: $(STAMP)
	$(LOCK) -o requirements/run.txt
	$(LOCK) --group dev -o requirements/dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
