#!/bin/bash
# What a person would do in the demo, step by step, on a private desktop:
#   tests/desk/desk -- scripts/walkthrough.sh
# Takes lanyard, lanyard-app and lanyard-sandbox from PATH. Exits 1 if a step failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
: "${DESK:?run it inside tests/desk/desk}"

umask 077
export LANYARD_HOME=$DESK/lanyard
pictures=$PWD/build/walkthrough work=$DESK/walkthrough failed=0 pids=()
rm -rf "$pictures"
mkdir -p "$LANYARD_HOME" "$pictures" "$work"
mkfifo "$work/stdin"
exec 7<>"$work/stdin"

stop() {
  trap '' INT TERM HUP
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  scripts/stop-broker.py "$LANYARD_HOME"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# step TEXT CMD…: CMD's last line of output is shown behind the text.
step() {
  local text=$1 code; shift
  "$@" >"$work/out" 2>"$work/err"
  code=$?
  if [ $code -eq 0 ]; then
    echo "✓ $text"
    sed 's/^/    /' "$work/out"
  else
    echo "✗ $text (exit code $code)"
    sed 's/^/    /' "$work/out" "$work/err"
    failed=$((failed + 1))
  fi
  return $code
}

# until_true SECONDS CMD…
until_true() {
  local tries=$(($1 * 10)); shift
  for ((; tries > 0; tries--)); do "$@" >/dev/null 2>&1 && return; sleep .1; done
  echo "waited in vain for: $*" >&2
  return 1
}

start_stand_ins() {
  lanyard-sandbox --config-out "$LANYARD_HOME/config.toml" >"$work/sandbox.json" 2>"$work/sandbox.log" &
  pids+=($!)
  until_true 10 test -s "$work/sandbox.json" || return
  control=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["control"])' <"$work/sandbox.json")
  # Whoever walks through may itself be a program that counts as an agent.
  printf '\n[approval]\nagents = "allow"\n' >>"$LANYARD_HOME/config.toml"
}

sign_in() { # PROFILE USER PASSWORD
  local login url
  rm -f "$work/url"
  timeout 60 lanyard login "$1" --no-browser <&7 >"$work/url" 2>"$work/login" &
  login=$!
  if ! until_true 15 grep -q '^http' "$work/url"; then cat "$work/login"; kill $login; return 1; fi
  url=$(grep -m 1 '^http' "$work/url")
  tests/peers/browser/sign-in.mjs "$url" --user "$2" --password "$3" --screenshot "$pictures/sign-in-$1.png" \
    >"$work/page.json" || { kill $login; return 1; }
  wait $login || { cat "$work/login"; return 1; }
  python3 -c 'import json, sys; print("the browser says:", json.load(sys.stdin)["text"].splitlines()[0])' <"$work/page.json"
}

token() { # EXPECTED_SOURCE ARGUMENTS…: shows the answer without the token
  local wanted=$1; shift
  timeout 30 lanyard token "$@" --json >"$work/token.json" || { cat "$work/token.json" >&2; return 1; }
  python3 - "$wanted" "$work/token.json" <<'PY'
import json, sys
answer = json.load(open(sys.argv[2]))
size = len(answer.pop("token"))
print(f"a token of {size} characters for {answer['account']}, good for {answer['expires_in']} s, from the {answer['source']}")
sys.exit(answer["source"] != sys.argv[1])
PY
}

expire_and_renew() {
  local before after
  lifetime 2 && token provider company --force || return
  before=$(refreshes) || return
  lifetime 3600 || return
  echo 'waiting until that one is over'
  until_true 10 token provider company || return
  token cache company || return
  after=$(refreshes) || return
  echo "refreshes at the provider: $before before, $after after"
  [ "$after" -eq $((before + 1)) ]
}

lifetime() { # SECONDS: how long new access tokens live
  curl -sSf -m 10 -o /dev/null -X POST -H 'content-type: application/json' \
    -d "{\"access_lifetime\":$1}" "$control/expire"
}

refreshes() { requests 'r["grant_type"] == "refresh_token"'; }
requests() { # CONDITION
  curl -sSf -m 10 "$control/requests" |
    python3 -c "import json, sys; print(sum(1 for r in json.load(sys.stdin) if $1))"
}

take_pictures() {
  lanyard-app >"$work/app.log" 2>&1 || { cat "$work/app.log" >&2; return 1; }
  until_true 30 xdotool search --onlyvisible --name Lanyard || { cat "$work/app.log" >&2; return 1; }
  until_true 10 is_painted
  import -window "$(xdotool search --onlyvisible --name Lanyard | head -n 1)" "$pictures/window.png" &&
    scrot -o "$pictures/desktop.png"
}

# A window shows few colours until it knows the accounts.
is_painted() {
  local window
  window=$(xdotool search --onlyvisible --name Lanyard | head -n 1)
  [ "$(import -window "$window" -format '%k' info:)" -gt 500 ]
}

sign_out() {
  timeout 30 lanyard logout --all || return
  [ "$(requests 'r["path"].endswith("/revoke")')" -gt 0 ]
}

if step 'The stand-ins of the identity providers run' start_stand_ins; then
  step 'Signed in to company, in the browser' sign_in company maria correct-horse
  step 'Signed in to contoso, in the browser' sign_in contoso maria.klein@contoso.com correct-horse
  step 'Lanyard knows both accounts' timeout 30 lanyard status
  step 'A program asks for a token and gets the kept one' token cache company
  step 'A token ends; a program gets a new one without a person' expire_and_renew
  step 'The window and the tray' take_pictures
  step 'Signed out everywhere, the grants revoked' sign_out
fi

echo
if [ -n "$(ls "$pictures")" ]; then echo 'Pictures:'; printf '  %s\n' "$pictures"/*.png; fi
if [ $failed -gt 0 ]; then echo "Steps that failed: $failed"; exit 1; fi
echo 'All of it worked. On a machine with a screen, make run opens the window.'
