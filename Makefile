# make study: a fresh machine to a report. make test: the same environment with the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable

.PHONY: study test lint clean notebook-records

study: $(VENV)/study
	$(BIN)/python run_study.py run frozen_layers --data reviews --train-size 400 --set frozen_layers=0,2,4,6

test: $(VENV)/test
	$(BIN)/python -m pytest -n 2 -m "not slow"
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The small studies from whose records the notebooks run.
RECORDS := analysis/notebooks/records
notebook-records: $(VENV)/study
	$(BIN)/python run_study.py run frozen_layers --data reviews --train-size 300 --set frozen_layers=0,2,4,6 --seeds 8 --out $(RECORDS)/frozen_layers
	$(BIN)/python run_study.py run exam --data reviews --train-size 100 --epochs 3 --seeds 5 --out $(RECORDS)/exam
	$(BIN)/python run_study.py run memory_budget --data reviews --train-size 100 --epochs 1 --seeds 3 --out $(RECORDS)/memory_budget
	$(BIN)/python run_study.py run few_shot --data reviews --set shots=4,8,16 --seeds 3 --out $(RECORDS)/few_shot
	$(BIN)/python run_study.py run continued_pretraining --data reviews --train-size 300 --set pretraining.steps=0,100 --set pretraining.objective=masked --seeds 3 --out $(RECORDS)/continued_pretraining
	$(BIN)/python run_study.py run hyperparameters --data reviews --train-size 200 --trials 24 --seeds 3 --out $(RECORDS)/hyperparameters

$(VENV)/study: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) ".[offline]"
	touch $@

$(VENV)/test: $(VENV)/study
	$(PIP) ".[test]"
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
