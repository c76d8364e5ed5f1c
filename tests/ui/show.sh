#!/bin/sh
# Runs in the chroot: a screen, Blender on it, and the driver inside Blender.
set -eu
export DISPLAY=:1 LIBGL_ALWAYS_SOFTWARE=1 BLENDER_USER_RESOURCES=/share/blender
mkdir -p "$BLENDER_USER_RESOURCES"
Xvfb :1 -screen 0 1600x900x24 -nolisten tcp >/share/xvfb.log 2>&1 &
tries=100
until [ -S /tmp/.X11-unix/X1 ]; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "Xvfb did not start: $(tail -n 3 /share/xvfb.log)" >&2; exit 1; }
  sleep 0.1
done
# No --factory-startup: it would also ignore the extension that is installed meanwhile.
exec blender --window-geometry 0 0 1600 900 --python-exit-code 3 --python /share/driver.py
