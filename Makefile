# make           the virtual environment, then ./bin/orch works        make demo   a tour in a throw-away directory
# make test      all tests                                             make install PREFIX=~/.local
# make bench     how fast it is, against its targets                   make crash soak test-install test-agents   what takes longer than `make test`
PREFIX ?= /usr/local
DESTDIR ?=
VENV = .venv
PY = $(VENV)/bin/python
READY = $(VENV)/ready
TOOLS = $(VENV)/ready-test
PIP = $(PY) -m pip install --quiet --disable-pip-version-check
# Two for each processor: a test waits for processes and the disk half of its time.
WORKERS = $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1))))
TEST = $(PY) -m pytest -q -rs -n $(WORKERS) --dist worksteal

.PHONY: all demo test bench crash soak test-install test-agents lint types man completion install uninstall dist sizes clean

all: $(READY)

# The libraries only: bin/orch runs the package from this checkout, so that there is no second copy to go stale.
$(READY): pyproject.toml shell/requirements.py shell/environment.py
	@python=$$(sh shell/needs.sh) && echo "setting up $(VENV) ..." && $$python shell/environment.py $(VENV)
	@$(PY) shell/requirements.py > $(VENV)/requirements.txt
	@$(PIP) -r $(VENV)/requirements.txt
	@$(PY) -m compileall -q orch
	@touch $@

$(TOOLS): $(READY)
	@echo "getting what the tests need ..."
	@$(PY) shell/requirements.py test > $(VENV)/requirements.txt
	@$(PIP) -r $(VENV)/requirements.txt
	@touch $@

demo: $(READY)
	@sh shell/needs.sh >/dev/null && sh shell/demo.sh

test: $(TOOLS)
	@$(TEST)

# A quarter of an hour; BENCH="--quick --only hot --json FILE" for less. tests/bench/README.md says how to read it.
bench: $(TOOLS)
	@$(PY) -m tests.bench $(BENCH)

# A kill at every durable step, not only at every so many.
crash: $(TOOLS)
	@CRASH_STRIDE=1 $(TEST) tests/crash

# Two hundred tasks, four ticks at once.
soak: $(TOOLS)
	@SOAK=200 $(TEST) tests/soak

# Every way to install, each in clean surroundings; it asks the package index.
test-install: $(TOOLS)
	@$(PY) -m pytest -q tests/install

# The agents' own programs, with a model on loopback; 1.4 GB from npm's registry at the first time. Not below /tmp, which every
# sandbox lets its agent write to.
test-agents: $(TOOLS) $(VENV)/agents/ready
	@SANDBOXES=/var/tmp $(TEST) tests/agents

$(VENV)/agents/ready: tests/agents/package.json
	@command -v npm >/dev/null || { echo "npm is missing; install it: sudo apt-get install -y npm" >&2; exit 1; }
	@mkdir -p $(VENV)/agents && cp tests/agents/package.json $(VENV)/agents/
	@npm install --prefix $(VENV)/agents --no-audit --no-fund --loglevel=error
	@touch $@

lint: $(TOOLS)
	@$(PY) -m ruff check .
	@for script in bin/orch .ci/run shell/*.sh; do sh -n $$script || exit 1; done

types: $(TOOLS)
	@$(PY) -m mypy

man: $(READY)
	@$(PY) shell/man.py
	@if command -v mandoc >/dev/null; then mandoc -T lint -W warning man/*.[157]; else echo "mandoc is not here: pages not checked"; fi

completion: $(READY)
	@$(PY) shell/completion/generate.py

install:
	@python=$$(sh shell/needs.sh) && PYTHON=$$python DESTDIR="$(DESTDIR)" sh shell/install.sh "$(PREFIX)"

uninstall:
	@DESTDIR="$(DESTDIR)" sh shell/install.sh --remove "$(PREFIX)"

dist: $(TOOLS)
	@$(PIP) build
	@$(PY) -m build --outdir dist .

sizes:
	@sh shell/sizes.sh

clean:
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
