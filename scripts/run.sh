#!/bin/bash
# Builds Lanyard and starts a demo: stand-ins of the identity providers on this machine, and Lanyard
# with a configuration for them. With a screen the window opens; without one the same programs are
# walked through on a private desktop.
set -euo pipefail
cd "$(dirname "$0")/.."

screen=${DISPLAY:-}${WAYLAND_DISPLAY:-}
if [ -n "$screen" ]; then scripts/setup.sh build; else scripts/setup.sh build test; fi
echo 'Building. The first time takes some minutes.'
npm --prefix ui run --silent build >/dev/null
cargo build --quiet --locked -p lanyard-cli -p lanyard-app -p lanyard-sandbox
bin=$PWD/target/debug
export PATH=$bin:$PATH

if [ -z "$screen" ]; then
  echo 'There is no screen here (DISPLAY and WAYLAND_DISPLAY are not set): walking through without one.'
  exec tests/desk/desk -- scripts/walkthrough.sh
fi

# Each demo starts anew, as the stand-ins remember nothing either.
umask 077
export LANYARD_HOME=${XDG_STATE_HOME:-$HOME/.local/state}/lanyard-demo
scripts/stop-broker.py "$LANYARD_HOME"
rm -rf "$LANYARD_HOME"
mkdir -p "$LANYARD_HOME"

pids=()
stop() {
  trap '' INT TERM HUP
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  scripts/stop-broker.py "$LANYARD_HOME" || true
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

lanyard-sandbox --config-out "$LANYARD_HOME/config.toml" >"$LANYARD_HOME/sandbox.json" &
pids+=($!)
for _ in {1..100}; do
  [ ! -s "$LANYARD_HOME/sandbox.json" ] || break
  kill -0 "${pids[0]}" 2>/dev/null || { echo 'The stand-ins did not start.' >&2; exit 1; }
  sleep .1
done

cat <<TEXT

Lanyard's window opens. Nothing here is real, and nothing leaves this machine.

  Sign in    company   as  maria                     with  correct-horse
             contoso   as  maria.klein@contoso.com   with  correct-horse

  Then, in another terminal:

    export LANYARD_HOME='$LANYARD_HOME' PATH='$bin':"\$PATH"
    lanyard status
    lanyard token company

The demo ends with Ctrl-C.
TEXT
lanyard-app
wait "${pids[0]}"
