#!/usr/bin/env bash
# Blender's own executable, with a screen to open its window on: Debian sid's, in a folder of its own.
#
#   scripts/setup_real_blender.sh                          sets it up unless it is there; prints its folder
#   scripts/setup_real_blender.sh --where                  only prints its folder, or says why there is none
#   scripts/setup_real_blender.sh --run FOLDER COMMAND...  runs a command in it; FOLDER is its /share
#
# pip's bpy has no window. About 2 GB in ${XDG_CACHE_HOME:-~/.cache}/audio2pose/blender-sid (or
# $AUDIO2POSE_BLENDER_SID), from $DEBIAN_MIRROR. Every mount and process lives in namespaces that
# end with the command, so nothing is left behind. --run has no network and cannot change the folder.
set -euo pipefail

folder=${AUDIO2POSE_BLENDER_SID:-${XDG_CACHE_HOME:-$HOME/.cache}/audio2pose/blender-sid}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
# Blender leaves most of these to "recommends". cattr, requests and zstandard: its extension tools.
packages="blender python3-numpy python3-cattr python3-requests python3-zstandard
  libgl1-mesa-dri xvfb xdotool ffmpeg"
# Named in the stamp: a folder with other packages is completed, not believed.
stamp=$folder/.audio2pose-$(printf '%s' "$packages" | md5sum | cut -c1-8)

fail() { echo "audio2pose: error: $*" >&2; exit 1; }

needs() {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "a Blender with a window is set up on Linux x86-64 only"
  [ "$(id -u)" = 0 ] || fail "a Blender with a window is set up and run in a chroot; run this as root"
  command -v unshare chroot >/dev/null || fail "unshare or chroot is missing; run: apt-get install util-linux coreutils"
  unshare --mount --pid --fork --kill-child --propagation private mount -t tmpfs none /mnt 2>/dev/null \
    || fail "this machine does not allow mounts in a namespace (a container without CAP_SYS_ADMIN?)"
}

# apart UNSHARE-OPTIONS -- FOLDER COMMAND...: in the chroot, with mounts that nobody else sees
apart() {
  local options=()
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  # shellcheck disable=SC2016  # expanded by the inner shell
  ${become:-} unshare --mount --pid --fork --kill-child --propagation private "${options[@]}" bash -euc '
    root=$1 share=$2; shift 2
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    if [ -n "$share" ]; then
      mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
      mount -t tmpfs tmpfs "$root/root"
      mount --bind "$share" "$root/share"
      mount -o remount,bind,ro "$root"
    fi
    exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
  ' apart "$root" "$@"
}

case "${1:-}" in
  --where)
    needs
    [ -e "$stamp" ] || fail "no Blender with a window here yet; run: scripts/setup_real_blender.sh"
    echo "$folder"
    exit 0
    ;;
  --run)
    "$0" --where >/dev/null
    share=$(cd "$2" && pwd) root=$folder
    shift 2
    become=exec # whoever kills this script ends all that it runs
    apart --net --ipc -- "$share" "$@"
    ;;
  "") ;;
  *) fail "unknown option $1; the head of this file says what there is" ;;
esac

needs
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9 # two CI runs at once: the second finds it done
if [ -e "$stamp" ]; then echo "$folder"; exit 0; fi
if ! command -v debootstrap >/dev/null; then
  tools="debootstrap debian-archive-keyring" # Ubuntu lacks Debian's keys
  echo "Installing $tools" >&2
  # shellcheck disable=SC2086  # one word a package
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $tools; } >/dev/null 2>&1 || true
  command -v debootstrap >/dev/null || fail "debootstrap is missing; run: apt-get install $tools"
fi

log=$folder.log started=$SECONDS root=$folder
: >"$log"
failed() { fail "$1: $(grep -v '^ *$' "$log" | tail -n 1) (more in $log)"; }

if ! [ -e "$folder/.debootstrapped" ]; then
  echo "Blender with a window: Debian sid comes to $folder (about 2 GB)" >&2
  rm -rf "$folder.new"
  unshare --mount --pid --fork --kill-child --propagation private --mount-proc \
    debootstrap --variant=minbase sid "$folder.new" "$mirror" >"$log" 2>&1 9>&- || failed "debootstrap did not succeed"
  mkdir -p "$folder.new/share"
  # Made again at any time, so it need not survive a power cut; manuals are not read here.
  printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
    'path-exclude=/usr/share/locale/*' >"$folder.new/etc/dpkg/dpkg.cfg.d/audio2pose"
  touch "$folder.new/.debootstrapped"
  rm -rf "$folder"
  mv "$folder.new" "$folder"
fi
echo "Blender with a window: installing it" >&2
cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
# A mirror that lags, or a clock that runs ahead, is no reason to refuse a signed release here.
echo 'Acquire::Check-Valid-Until "false";' >"$folder/etc/apt/apt.conf.d/99audio2pose"
find /etc/apt/apt.conf.d -name '*proxy*' -exec cp {} "$folder/etc/apt/apt.conf.d/" \; 2>/dev/null || true
# shellcheck disable=SC2016,SC2086  # $* is the inner shell's; one word a package
apart -- "" sh -euc '
  dpkg --configure -a
  apt-get update -q
  apt-get install -yq --no-install-recommends "$@"
  blender --version' install $packages >>"$log" 2>&1 9>&- || failed "apt in the chroot did not succeed"
# Kept until here: an install that was cut short goes on without downloading again.
rm -f "$folder"/var/cache/apt/archives/*.deb
touch "$stamp"
echo "Set up in $((SECONDS - started)) s: $(grep -m1 '^Blender [0-9]' "$log")" >&2
echo "$folder"
