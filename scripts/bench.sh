#!/bin/bash
# Measures the release build beside other programs, on a private desktop, and prints a table.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh build test bench
echo 'Building for release. The first time takes some minutes.'
cargo build --quiet --release --locked -p lanyard-cli
cargo bench --quiet --locked -p lanyard-engine --bench engine
mkdir -p build
rustc --edition 2024 -O scripts/bench-socket.rs -o build/bench-socket

PATH=$PWD/target/release:$PWD/build:$PATH exec tests/desk/desk -- python3 scripts/bench.py
