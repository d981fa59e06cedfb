#!/bin/bash
# Lets tokens run out under fire: kills, suspensions, outages, wrong clocks.
#
#   torture.sh [EXPIRIES [SEED]]    by default 10,000 and the time
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh build test
cargo build --quiet --locked -p lanyard-cli -p lanyard-torture --bins
exec tests/desk/desk --no-panel -- "${CARGO_TARGET_DIR:-target}/debug/torture" "$@"
