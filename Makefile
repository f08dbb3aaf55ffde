# The commands of the README; each installs what it needs into .venv first. ARGS are handed on: make studio ARGS="--port 2030"
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo studio page mcp test check bench architecture clean

demo: .venv/demo
	$(BIN)/valuesim run

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
	$(BIN)/python bench/run.py
	$(BIN)/python bench/references.py

architecture: .venv/bin/python
	$(BIN)/python docs/draw_architecture.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/studio .venv/page .venv/mcp: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(notdir $@)]'
	@touch $@ .venv/demo

.venv/dev: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/demo .venv/studio .venv/page .venv/mcp

clean:
	rm -rf .venv
