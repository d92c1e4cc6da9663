#!/usr/bin/env bash
# Install Debian packages, as root or through sudo; one clear line if neither is possible.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then as_root=(); elif command -v sudo >/dev/null; then as_root=(sudo); else
  echo "error: please install as root: apt-get install $*" >&2; exit 1; fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq >/dev/null || true
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null \
  || { echo "error: could not install: $*" >&2; exit 1; }
