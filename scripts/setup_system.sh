#!/usr/bin/env bash
# Check the system libraries that Blender's Python module (bpy) links to.
# Missing ones are installed by apt when root; else the exact command is printed and we stop.
set -euo pipefail

[ "$(uname -s)" = Linux ] || exit 0

# Debian and Ubuntu package, and the file that the linker looks for
libraries=(
  "libx11-6 libX11.so.6"
  "libxrender1 libXrender.so.1"
  "libxfixes3 libXfixes.so.3"
  "libxi6 libXi.so.6"
  "libxkbcommon0 libxkbcommon.so.0"
  "libsm6 libSM.so.6"
  "libgl1 libGL.so.1"
  "libegl1 libEGL.so.1"
)

missing_packages() {
  local known library package
  known=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p)
  for library in "${libraries[@]}"; do
    package=${library% *}
    case "$known" in *"${library#* }"*) ;; *) echo "$package" ;; esac
  done
}

missing=$(missing_packages | tr '\n' ' ')
missing=${missing% }
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing the system libraries that Blender links to: $missing"
  # shellcheck disable=SC2086  # one word a package
  if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
       apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 \
     && [ -z "$(missing_packages)" ]; then
    exit 0
  fi
fi
echo "audio2pose: error: Blender needs system libraries that are not here; run: sudo apt-get install $missing" >&2
exit 1
