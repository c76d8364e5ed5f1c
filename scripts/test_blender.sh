#!/usr/bin/env bash
# Run the add-on's and the package's tests in every Blender that is supported, each in its own virtual environment.
#   scripts/test_blender.sh [--except VERSION | --install VERSION]
# --install makes that version's environment ready and tests nothing.
# A version whose Python is not on this machine is SKIPPED and says so.
set -euo pipefail
cd "$(dirname "$0")/.."

except=""
[ "${1:-}" != --except ] || except=${2:-}
only=""
[ "${1:-}" != --install ] || only=${2:-}

status=0
for pair in 4.5.15:3.11 5.0.1:3.11 5.2.3:3.13; do
  version=${pair%:*} wants=${pair#*:}
  if [ "$version" = "$except" ]; then continue; fi
  if [ -n "$only" ] && [ "$version" != "$only" ]; then continue; fi
  if ! python=$(PYTHON='' scripts/setup_python.sh "$wants" 2>/dev/null); then
    echo "Blender $version: SKIPPED, it needs Python $wants, which is not on this machine"
    continue
  fi
  venv=.venv-bpy-$version stamp=.venv-bpy-$version/.installed
  if ! [ "$stamp" -nt scripts/test_blender.sh ]; then
    echo "Blender $version: installing (about 0.8 GB)"
    scripts/setup_install.sh "$python" "$venv" "bpy==$version" "onnxruntime>=1.20" "soundfile>=0.12" "filelock>=3.12" "threadpoolctl>=3.1" "setuptools>=77" "pytest>=8" "pytest-xdist>=3.5" "av>=12"
    touch "$stamp"
  fi
  if [ -n "$only" ]; then continue; fi
  echo "Blender $version: testing"
  "$venv/bin/python" -m pytest -q -n 2 --dist loadfile -p no:cacheprovider tests/addon tests/packaging || status=1
done
exit $status
