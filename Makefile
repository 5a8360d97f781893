# make           the virtual environment, then ./bin/orch works        make demo   a tour in a throw-away directory
# make test      all tests                                             make install PREFIX=~/.local
# make bench     how fast it is, against its targets
PREFIX ?= /usr/local
DESTDIR ?=
VENV = .venv
PY = $(VENV)/bin/python
READY = $(VENV)/ready
LIB = $(DESTDIR)$(PREFIX)/lib/orch
BIN = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share
PIP = -m pip install --quiet --disable-pip-version-check

.PHONY: all demo test bench lint types man completion install uninstall dist sizes clean

all: $(READY)

# The libraries only: bin/orch runs the package from this checkout, so that there is no second copy to go stale.
$(READY): pyproject.toml shell/requirements.py shell/needs.sh
	@python=$$(sh shell/needs.sh) && echo "setting up $(VENV) ..." && $$python -m venv --clear $(VENV)
	@$(PY) shell/requirements.py test > $(VENV)/requirements.txt
	@$(PY) $(PIP) -r $(VENV)/requirements.txt
	@$(PY) -m compileall -q orch
	@touch $@

demo: $(READY)
	@sh shell/demo.sh

test: $(READY)
	@echo "bats: $$($(VENV)/bin/bats --count tests/bats) tests"
	@$(VENV)/bin/bats $$(command -v parallel >/dev/null && echo --jobs 4) tests/bats
	@$(PY) -m pytest -q -n auto --dist worksteal

# A quarter of an hour; BENCH="--quick --only hot --json FILE" for less. tests/bench/README.md says how to read it.
bench: $(READY)
	@$(PY) -m tests.bench $(BENCH)

lint: $(READY)
	@$(PY) -m ruff check .
	@for script in bin/orch .ci/run shell/*.sh; do sh -n $$script || exit 1; done

types: $(READY)
	@$(PY) -m mypy

man: $(READY)
	@$(PY) shell/man.py
	@if command -v mandoc >/dev/null; then mandoc -T lint -W warning man/*.[157]; else echo "mandoc is not here: pages not checked"; fi

completion: $(READY)
	@$(PY) shell/completion/generate.py

# lib/orch is this checkout's package with a virtual environment of its own; the launcher finds both through its link.
install:
	@python=$$(sh shell/needs.sh) && mkdir -p "$(LIB)" "$(BIN)" && $$python -m venv --clear "$(LIB)/.venv"
	@"$(LIB)/.venv/bin/python" shell/requirements.py > "$(LIB)/requirements.txt"
	@"$(LIB)/.venv/bin/python" $(PIP) -r "$(LIB)/requirements.txt"
	@rm -rf "$(LIB)/orch" "$(LIB)/bin" && cp -R bin orch prompts shell "$(LIB)/"
	@"$(LIB)/.venv/bin/python" -m compileall -q "$(LIB)/orch"
	@for program in bin/*; do ln -sf "../lib/orch/$$program" "$(BIN)/"; done
	@for page in man/*.[157]; do test ! -e $$page || { d="$(SHARE)/man/man$${page##*.}"; mkdir -p "$$d"; cp $$page "$$d/"; }; done
	@sh shell/completion/place.sh "$(SHARE)"
	@echo "installed: $(PREFIX)/bin/orch"

uninstall:
	@for program in bin/*; do rm -f "$(DESTDIR)$(PREFIX)/$$program"; done
	@for page in man/*.[157]; do rm -f "$(SHARE)/man/man$${page##*.}/$${page##*/}"; done
	@sh shell/completion/place.sh --remove "$(SHARE)"
	@rm -rf "$(LIB)"

dist: $(READY)
	@$(PY) $(PIP) build
	@$(PY) -m build --outdir dist .

sizes:
	@sh shell/sizes.sh

clean:
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
