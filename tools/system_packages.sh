#!/usr/bin/env bash
# What the tests need beside Python: a browser, CJK fonts, a library of threads, and a PostgreSQL server of their own.
set -euo pipefail
here=$(dirname "$0")
missing=()
command -v chromium >/dev/null || missing+=(chromium)
[ -n "$(fc-list 'Noto Sans CJK SC' 2>/dev/null)" ] || missing+=(fonts-noto-cjk fontconfig)
# The driver of the browser tests brings its own runtime, which needs this library.
ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || missing+=(libatomic1)
# LightGBM, which the benchmark of the score is held against, links against the system's library of threads.
ls /usr/lib/*/libgomp.so.1 >/dev/null 2>&1 || missing+=(libgomp1)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
# The weekly brief: its pages are looked at as pictures, and its Word file is opened and printed (300 MB with what it needs).
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
command -v soffice >/dev/null || missing+=(libreoffice-writer-nogui)
if [ ${#missing[@]} -gt 0 ]; then
  echo "make: installing ${missing[*]}"
  bash "$here/apt.sh" "${missing[@]}"
fi
