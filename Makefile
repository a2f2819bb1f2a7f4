# make study: a fresh machine to a report. make test: the same environment with the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable

.PHONY: study test lint clean

study: $(VENV)/study
	$(BIN)/python run_study.py run frozen_layers --data reviews --train-size 400 --set frozen_layers=0,2,4,6

test: $(VENV)/test
	$(BIN)/python -m pytest

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/study: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) ".[offline]"
	touch $@

$(VENV)/test: $(VENV)/study
	$(PIP) ".[test]"
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
