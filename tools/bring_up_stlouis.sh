#!/usr/bin/env bash
# St. Louis 2008–2015 in a database of its own; again on an existing one, the imports change nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
manage() { .venv/bin/python manage.py "$@"; }
data=data/sample/stlouis
[ -f "$GOVDESK_VAR/govdesk.db" ] || manage init-db --title 圣路易斯市 --title-en "St. Louis" --commit
manage import-places $data/places.csv --geometry $data/areas.geojson --commit
manage import-incidents $data/incidents.parquet --profile data/profiles/stlouis.toml --commit \
  --report "$GOVDESK_VAR/import-report.json"
# What is made of them: escalations, the score judged on 2013–2015, classifiers, this week's list.
manage find-escalations --commit
manage backtest --placebo 3 --trials --commit
manage train --commit
manage score --commit
