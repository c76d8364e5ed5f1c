#!/usr/bin/env bash
# Print the path of a Python that this project can use.
#
#   scripts/setup_python.sh            3.11 or 3.13: the versions Blender's bpy wheels exist for
#   scripts/setup_python.sh 3.13       exactly that version
#   scripts/setup_python.sh --any      3.11 or 3.13 if possible, else 3.12 (everything but Blender)
#
# $PYTHON overrides the search. Every candidate is run before it is believed, because a pyenv shim
# may exist without working. Where venv is missing it is installed as root, else the apt line is shown.
set -euo pipefail

fail() { echo "audio2pose: error: $*" >&2; exit 1; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true; }
makes_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

candidates() {
  if [ -n "${PYTHON:-}" ]; then echo "$PYTHON"; return; fi
  local name
  for name in python3.11 python3.13 python3 python3.12; do type -ap "$name" || true; done
  ls -d "$HOME"/.pyenv/versions/3.1[13].*/bin/python3 2>/dev/null || true
}

wanted=" 3.11 3.13 "
case "${1:-}" in
  --any) wanted=" 3.11 3.13 3.12 " ;;
  3.*) wanted=" $1 " ;;
esac

seen="" without_venv=""
while read -r python; do
  [ -n "$python" ] || continue
  version=$(version_of "$python")
  [ -n "$version" ] || continue
  seen="$seen $version"
  case "$wanted" in *" $version "*) ;; *) continue ;; esac
  if makes_venv "$python"; then echo "$python"; exit 0; fi
  [ -n "$without_venv" ] || without_venv=$python
done < <(candidates)

if [ -n "$without_venv" ]; then
  package="python$(version_of "$without_venv")-venv"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing $package" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"; } >/dev/null 2>&1 || true
    if makes_venv "$without_venv"; then echo "$without_venv"; exit 0; fi
  fi
  fail "$without_venv cannot make a virtual environment; run: sudo apt-get install $package"
fi

found=$(printf '%s\n' $seen | sort -u | tr '\n' ' ')
if [ -n "${PYTHON:-}" ] && [ -z "$seen" ]; then fail "PYTHON=$PYTHON does not run"; fi
case "${1:-}" in
  3.*) fail "no Python $1 here (found: ${found:-none})" ;;
  --any) fail "Python 3.11, 3.12 or 3.13 is needed (found: ${found:-none}); run: sudo apt-get install python3 python3-venv" ;;
esac
fail "Blender's Python module exists for Python 3.11 and 3.13 only (found: ${found:-none}); install one," \
  "e.g. sudo apt-get install python3.11-venv or python3.13-venv where your release has it, else 'pipx install uv &&" \
  "uv python install 3.13', and run again with PYTHON=/path/to/python3.13"
