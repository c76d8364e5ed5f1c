# Audio2Pose: what people run. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help demo test fuzz test-blender test-ui bench stills moves manual lint extension clean

VENV := .venv
PY := $(VENV)/bin/python
LINT := .venv-lint
INSTALL := scripts/setup_install.sh
# Newer torch works too; this bound keeps one CPU-sized release across test machines.
TORCH ?= torch>=2.6,<2.14

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

# Of the seeds 0 to 9 this one has the most different poses, and turns round three times.
demo: $(VENV)/.demo ## a song becomes out/demo.mp4: installs what it needs, composes, plans, dances, renders
	@mkdir -p out
	@$(PY) -m audio2pose_core.audio.demo_song out/demo.wav --bpm 128 --form 'A4:fill B4:break B4'
	@$(PY) -m audio2pose_core.cli choreograph out/demo.wav -o out/plan.json --style salsa --seed 3 --plot out/plan.png
	@$(PY) -m audio2pose_core.cli generate out/demo.wav -o out/demo.npz --plan out/plan.json --style salsa --seed 3
	@$(PY) scripts/render.py --audio out/demo.wav --motion out/demo.npz --output out/demo.mp4 --resolution 640x360 --samples 2

test: $(VENV)/.test ## the whole test suite, and the add-on's tests in every supported Blender
	@scripts/test_blender.sh --except "$$($(PY) -c 'import importlib.metadata as m; print(m.version("bpy"))' 2>/dev/null || true)"
	@# The real window alone: two cores are few for a window that is clicked in.
	@$(PY) -m pytest -q tests/ui
	@$(PY) -m pytest -n 2 --dist loadfile --ignore tests/ui

fuzz: $(VENV)/.test ## thousands of mutated files of every kind, other ones at each run
	@AUDIO2POSE_FUZZ=$${AUDIO2POSE_FUZZ:-3000} $(PY) -m pytest -q -n 2 tests/robust

test-blender: ## the add-on's tests only, in bpy 4.5.15, 5.0.1 and 5.2.3
	@scripts/setup_system.sh
	@scripts/test_blender.sh

test-ui: $(VENV)/.test ## a dance in the window of a real Blender, by mouse; as root, 2 GB
	@scripts/setup_real_blender.sh
	@AUDIO2POSE_UI=1 $(PY) -m pytest tests/ui

bench: $(VENV)/.demo ## measures this machine; writes docs/BENCHMARKS.md
	@$(PY) scripts/bench.py --markdown

stills: $(VENV)/.test ## the pictures of docs/stills
	@$(PY) scripts/stills.py

moves: $(VENV)/.test ## the start set of moves, blender_addon/moves/start: by the oldest Blender, with the shipped dancer
	@scripts/test_blender.sh --install 4.5.15
	@.venv-bpy-4.5.15/bin/python scripts/make_moves.py

manual: $(VENV)/.test ## the screenshots of docs/manual, from a real Blender window; as root
	@scripts/setup_real_blender.sh
	@$(PY) scripts/manual_shots.py

lint: $(LINT)/.installed ## ruff and mypy
	@$(LINT)/bin/ruff check .
	@$(LINT)/bin/mypy

extension: $(VENV)/.demo ## the Blender extension, a zip per platform in dist/
	@$(PY) scripts/build_extension.py

clean: ## removes everything that was made here, the environments included
	rm -rf out build dist .venv .venv-* *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find audio2pose_core blender_addon scripts training tests -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed stands in stamps, so that a second run installs nothing.
$(VENV)/.demo: pyproject.toml scripts/setup_install.sh
	@status=0; scripts/setup_system.sh || status=1; python=$$(scripts/setup_python.sh) || status=1; \
	  [ $$status = 0 ] || exit 1; echo "Installing Audio2Pose and Blender for Python: about 1 GB, no torch"; \
	  $(INSTALL) "$$python" $(VENV) -e '.[blender,plot]'
	@touch $@

$(VENV)/.test: pyproject.toml scripts/setup_install.sh
	@status=0; scripts/setup_system.sh || status=1; python=$$(scripts/setup_python.sh --any) || status=1; \
	  [ $$status = 0 ] || exit 1; echo "Installing Audio2Pose with its test extras: about 2.5 GB"; \
	  $(INSTALL) "$$python" $(VENV) -e '.[blender,data,train,cluster,dev]' '$(TORCH)'
	@touch $@
	@if $(PY) -c 'import importlib.metadata as m; m.version("bpy")' 2>/dev/null; then touch $(VENV)/.demo; fi

$(LINT)/.installed: pyproject.toml scripts/setup_install.sh
	@python=$$(scripts/setup_python.sh --any); echo "Installing ruff, mypy, Blender's types and torch: about 1 GB"; \
	  $(INSTALL) "$$python" $(LINT) ruff mypy fake-bpy-module numpy pytest onnxruntime pydantic '$(TORCH)'
	@touch $@
