# Everything a person or CI does with this tree. It needs make, Python 3.11 or newer, and pip.

# Left empty, the first Python that is new enough; or name one: make install PYTHON=/opt/bin/python3.13
PYTHON ?=
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--fork-strategy fewest --no-strip-extras --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
# The tests run in so many processes: most of them wait for a real server. A file stays with one of
# them, which makes its costly fixtures once, and in the order of the folders: the longest come first.
TEST_WORKERS ?= 2
SHARED_OUT := --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder
CHECKED := src tests $(wildcard benchmarks torture) web/build_hook.py
NPM := $(BIN)/python web/build_hook.py npm

.PHONY: help install page serve test check bench torture picture lock clean FORCE
.DELETE_ON_ERROR:

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 10

install: .venv/.installed page ## make .venv with everything that Vega needs, and the page

# Built while .venv is made; later only when a file of web/ has changed.
page: .venv/.installed
	@$(BIN)/python web/build_hook.py

serve: install ## install, then run Vega in the foreground; Ctrl-C ends it
	@exec $(BIN)/vega serve

test: .venv/.installed-dev web/node_modules/.installed page ## all tests, with the coverage of vega.core
	$(NPM) test
	$(BIN)/pytest --cov $(SHARED_OUT) $(PYTEST_FLAGS)

check: .venv/.installed-dev web/node_modules/.installed ## format, lint, types, layers, guards
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports
	$(NPM) run check
	$(NPM) run compose
	$(BIN)/hadolint Dockerfile
	$(BIN)/pytest -q tests/guards

bench: .venv/.installed-dev page ## measure; BENCH_SIZE=ci is the short form
	$(BIN)/python -m benchmarks

torture: .venv/.installed-dev page ## cut the power, kill, damage, boot: needs Linux and root; TORTURE_SIZE=ci is the short form
	$(BIN)/python -m torture

picture: .venv/.installed-dev page ## take docs/images/page.png anew from a real Vega; needs chromium
	$(BIN)/python -m tests.acceptance.browser.picture

lock: .venv/.installed-dev ## fit the locks to pyproject.toml; LOCK_FLAGS=--upgrade takes newer versions
	$(LOCK) $(LOCK_FLAGS) --group build -o requirements.lock
	$(LOCK) $(LOCK_FLAGS) --group build --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove .venv and all that tools left behind
	rm -rf .venv build dist .coverage htmlcov .hypothesis .import_linter_cache .*_cache
	rm -rf src/vega/web web/node_modules
	find src tests $(wildcard benchmarks torture) -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written last, so its absence means an install that did not end: that one starts afresh.
# It holds the folder's path, since the scripts in .venv do: a moved folder starts afresh too.
.venv/.installed: requirements.lock pyproject.toml
	@$(call install,requirements.lock,Vega (about 70 MB))
	@echo "$(CURDIR)" >$@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@$(call install,requirements-dev.lock,what tests and checks need (about 50 MB more))
	@echo "$(CURDIR)" >.venv/.installed
	@echo "$(CURDIR)" >$@

# The stamp is written last here too.
web/node_modules/.installed: web/package-lock.json .venv/.installed-dev
	$(NPM) ci --ignore-scripts --no-fund
	@touch $@

WHERE := { $(BIN)/python -c "print(open('.venv/.installed').read().strip())"; } 2>/dev/null
ifneq ($(shell $(WHERE)),$(CURDIR))
.venv/.installed: FORCE
endif

# pip runs from the Python that was found and installs into .venv, which needs no pip of its own:
# Debian's python3 often cannot put one there. A pip older than 22.3 cannot do this; then .venv gets one.
define install
set -e; \
for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11) ""; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
done; \
[ -n "$$python" ] || { echo "Vega needs Python 3.11 or newer; $(or $(PYTHON),python3) says:" \
	"$$($(or $(PYTHON),python3) --version 2>&1). Name another: make install PYTHON=/path/to/python3.12" >&2; \
	exit 1; }; \
echo "Installing $(2) into .venv with $$("$$python" --version) ..."; \
if "$$python" -c 'import pip, sys; sys.exit([*map(int, pip.__version__.split(".")[:2])] < [22, 3])' 2>/dev/null; \
then \
	without=--without-pip; set -- "$$python" -m pip --python $(BIN)/python; \
else \
	without=; set -- $(BIN)/python -m pip; \
fi; \
[ "$$($(WHERE))" = "$(CURDIR)" ] || "$$python" -m venv --clear $$without .venv; \
rm -f .venv/.installed .venv/.installed-dev; \
set -- "$$@" --no-input --disable-pip-version-check install -q; \
"$$@" --require-hashes -r $(1); \
$(BIN)/python web/build_hook.py; \
"$$@" --no-deps --no-build-isolation -e .
endef
