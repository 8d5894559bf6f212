# The two commands are `make demo` and `make test`; both work on a fresh machine with Python 3.11+.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Two at a time on servers that are started here; one after the other on one that is named.
WORKERS := $(if $(filter CRMMIGRATE_TEST_%,$(.VARIABLES)),0,2)

.PHONY: demo test servers test-servers check bench docs lock clean wheel faults

$(STAMP): pyproject.toml requirements/dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/crmmigrate compile
	touch $(STAMP)

demo: $(STAMP)  ## Migrate the bundled example into the embedded CRM
	rm -rf build/demo
	$(BIN)/crmmigrate demo build/demo

test: demo  ## Run the demo, then the test suite
	$(BIN)/python -m pytest -n 2

build/servers/%/.installed: requirements/servers-%.lock
	$(PYTHON) -m venv build/servers/$*
	build/servers/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $< \
		> build/servers/$*.log 2>&1 || { cat build/servers/$*.log; exit 1; }
	touch $@

servers: $(patsubst requirements/servers-%.lock,build/servers/%/.installed,$(wildcard requirements/servers-*.lock))  ## Install real CRM servers, each in an environment of its own

test-servers: $(STAMP)  ## Test adapters against real CRM servers on the loopback interface
	-$(MAKE) --keep-going servers
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder tests/servers

SCHEDULES ?= 1300
faults: $(STAMP)  ## Nightly: 5,000 fault schedules for loads; SCHEDULES=60 runs some 230
	CRMMIGRATE_FAULT_SCHEDULES=$(SCHEDULES) $(BIN)/python -m pytest -q -n 2 tests/testing/test_faults.py tests/testing/test_links_disturbed.py tests/testing/test_deletes_disturbed.py tests/testing/test_conflicts_disturbed.py tests/servers/test_faults.py tests/servers/test_proxied.py

check: $(STAMP)  ## What CI checks besides the tests
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

$(VENV)/.bench: $(STAMP) requirements/bench.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	touch $(VENV)/.bench

bench: $(VENV)/.bench  ## Measure against peers and plain reads and writes, in the same run
	$(BIN)/python benchmarks/run.py

docs: $(STAMP)  ## Generate the reference pages
	$(BIN)/python scripts/generate_docs.py

lock: $(STAMP)  ## Resolve the dependencies anew
	$(BIN)/python scripts/lock.py

wheel: $(STAMP)  ## Build the wheel
	$(BIN)/python -m hatchling build -t wheel

clean:
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
