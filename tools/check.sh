#!/usr/bin/env bash
# The whole check, in the order in which faults are cheapest to find. Stops at the first red step.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
step() { echo; echo "== $1"; shift; "$@" || { echo "FAILED: $*" >&2; exit 1; }; }
step "style" $bin/ruff check .
step "types" $bin/mypy
step "layers" $bin/lint-imports --no-logo
source tools/postgres_for_tests.sh
step "tests" $bin/python -m pytest tests -n "${GOVDESK_TEST_WORKERS:-2}" --dist loadfile --durations 15
