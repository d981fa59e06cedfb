#!/bin/bash
# Measures the release build beside other programs, on a private desktop, and prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh build test bench
echo 'Building for release. The first time takes some minutes.'
npm --prefix ui run --silent build >/dev/null
cargo build --quiet --release --locked -p lanyard-cli -p lanyard-app

venv=build/bench-venv
if [ ! -x "$venv/bin/python" ]; then python3 -m venv "$venv"; fi
"$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/bench-requirements.txt

PATH=$PWD/target/release:$PATH exec tests/desk/desk -- python3 scripts/bench.py
