#!/usr/bin/env bash
# guest.sh PYTHON: the guest's own start: a message bus, then the scenes.
set -euo pipefail
mkdir -p /run/dbus
dbus-daemon --system --nopidfile --fork
unset PYTHONDONTWRITEBYTECODE # compiled once, into memory
export BIOTUNE_HOME=/run/biotune
exec "$1" "$(dirname "$0")/guest.py" /out/report.jsonl >/out/guest.log 2>&1
