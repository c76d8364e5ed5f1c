#!/usr/bin/env bash
# Make a virtual environment and install into it; quiet unless something fails.
#   scripts/setup_install.sh PYTHON FOLDER REQUIREMENT...
set -euo pipefail

python=$1 folder=$2
shift 2
version() { "$1" -c 'import pip, sys; print(sys.version_info[:2])' 2>/dev/null; }
wanted=$("$python" -c 'import sys; print(sys.version_info[:2])')
if [ "$(version "$folder/bin/python")" != "$wanted" ]; then
  rm -rf "$folder"
  "$python" -m venv "$folder"
fi
log=$folder/install.log
started=$SECONDS
if ! "$folder/bin/python" -m pip install --disable-pip-version-check "$@" >"$log" 2>&1; then
  grep -v '^WARNING: Location' "$log" | tail -n 15 >&2
  echo "audio2pose: error: pip could not install into $folder (the lines above say why; all of them: $log)" >&2
  exit 1
fi
echo "Installed in $((SECONDS - started)) s ($folder)"
