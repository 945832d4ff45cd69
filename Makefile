# Everything from nothing. `make demo` and `make test` are all a newcomer needs; CONTRIBUTING.md tells the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format lock bench soak fuzz pictures clean system

help:
	@echo "make demo    watch one press bring a neighbour to the door"
	@echo "make test    set everything up and run the whole suite"
	@echo "make check   format, lint, types, import rules, docs"
	@echo "make bench   measurements, side by side in one run"
	@echo "make soak    10,000 simulated evenings of trouble; SEEDS=… for more or fewer"
	@echo "make fuzz    change what strangers send a little, a minute for each target; SECONDS=… for more, by coverage where atheris is installed"
	@echo "make pictures take the demo's picture in the README anew"
	@echo "make lock    resolve the dependencies again"

# The environment is made anew when the lock changes, when it was left half made, when its Python is gone, when the tree has
# moved, and when another PYTHON is asked for. requirements/set_up.py makes it; nothing is resolved.
WHOLE := $(shell $(BIN)/python -I -c 'import alarmd, os, sys; \
	print(sys.version_info[:2] if os.path.dirname(os.path.dirname(alarmd.__file__)) == os.getcwd() else "")' 2>/dev/null)
ifeq ($(origin PYTHON),file)
WANTED := $(WHOLE)
else
WANTED := $(shell $(PYTHON) -I -c 'import sys; print(sys.version_info[:2])' 2>/dev/null)
endif
ifneq ($(and $(WHOLE),$(filter $(subst $() ,,$(WANTED)),$(subst $() ,,$(WHOLE)))),)
ANEW :=
else
ANEW := anew
endif

.PHONY: anew
anew:

$(STAMP): requirements/dev.txt requirements/set_up.py pyproject.toml $(ANEW)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here; alarmd needs Python 3.11 or newer: make PYTHON=python3.12, or install it (on Debian: sudo apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "alarmd needs Python 3.11 or newer, $(PYTHON) is `$(PYTHON) --version 2>&1`; try make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) with what requirements/dev.txt locks; a minute the first time"
	@$(PYTHON) -I requirements/set_up.py $(VENV)
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

# atheris is not in the lock: it has no wheels for Python 3.11. Without it the mutations are seeded, and nothing looks at the coverage.
SECONDS ?= 60
fuzz: $(STAMP)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# What is locked stays as it is as long as it fits; UPGRADE=--upgrade looks for newer ones, UPGRADE='--upgrade-package NAME' for one.
# Wheels only: building one would fetch what nobody has locked.
UPGRADE ?=
LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --no-strip-extras --only-binary :all: \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE)
# Also where pyproject.toml asks for what is not locked yet, and the environment is therefore not whole.
lock:
	@test -x $(BIN)/uv || $(PYTHON) -I requirements/set_up.py $(VENV) || test -x $(BIN)/uv
	$(LOCK) pyproject.toml --group dev -o requirements/dev.txt
	$(LOCK) pyproject.toml --constraints requirements/dev.txt -o requirements/run.txt
	$(LOCK) --group pyproject.toml:build --constraints requirements/dev.txt -o requirements/build.txt

pictures: $(STAMP)
	$(BIN)/python -m tests.browser.renew_demo_picture

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
