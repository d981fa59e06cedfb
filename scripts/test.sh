#!/bin/bash
# Everything that has to pass, stage by stage. The last line is "N passed, M failed": the tests of all
# runners, where a stage that runs no tests counts as one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

export CARGO_TERM_PROGRESS_WHEN=never
[ -z "${CI:-}" ] || export CARGO_TERM_COLOR=never NO_COLOR=1

passed=0 failed=0 table=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# check NAME CMD…: counts as one.
check() {
  run "$@"
  if [ $code -eq 0 ]; then note "$1" 1 0; else note "$1" 0 1; fi
}

# tests NAME CMD…: counts what the runner says at its end; a runner that ran nothing has failed.
tests() {
  local good bad
  run "$@"
  read -r good bad < <(sed 's/\x1b\[[0-9;]*m//g' "$log" | count)
  if [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ $code -eq 0 ] && [ "$good" -eq 0 ]; then bad=1; echo "$1: no test ran"; fi
  note "$1" "$good" "$bad"
}

run() {
  printf '\n== %s\n' "$1"
  began=$SECONDS
  "${@:2}" </dev/null 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
}

note() {
  passed=$((passed + $2)) failed=$((failed + $3))
  table+=("$(printf '%-14s %5d passed %4d failed %5d s' "$1" "$2" "$3" $((SECONDS - began)))")
  [ "$3" -eq 0 ]
}

# The closing lines of nextest, Vitest and cargo test; of Node's runner; of Python's unittest.
count() {
  awk '
    /^ *Summary \[|^ *Tests  |^test result:/ {
      for (i = 2; i <= NF; i++) {
        n = $(i - 1) == "exec" ? $(i - 2) : $(i - 1)
        if ($i ~ /^passed/) good += n
        if ($i ~ /^(failed|timed)/) bad += n
      }
    }
    /^# pass / { good += $3 }
    /^# (fail|cancelled) / { bad += $3 }
    /^Ran [0-9]+ tests? in / { good += $2 }
    /^FAILED \(/ { n = split($0, part, /[^0-9]+/); for (i = 1; i <= n; i++) { bad += part[i]; good -= part[i] } }
    END { print good + 0, bad + 0 }'
}

finish() {
  printf '\n'
  printf '%s\n' "${table[@]}"
  [ -z "${1:-}" ] || echo "stopped: $1"
  echo "$passed passed, $failed failed"
  [ $failed -eq 0 ]
  exit
}

generated_files_are_clean() {
  git diff --exit-code -- ui/src/generated
}

check setup scripts/setup.sh build test || finish 'something that the tests need is missing'
check ui-check npm --prefix ui run --silent check
tests ui-test npm --prefix ui test --silent
check ui-build npm --prefix ui run --silent build || finish 'the window cannot be built'
check fmt cargo fmt --check
# The window that tests drive. With the same features everywhere nothing is compiled twice.
features=(--features lanyard-app/test-prompter)
check build cargo build --workspace --locked "${features[@]}" || finish 'the build failed'
check clippy cargo clippy --workspace --all-targets --locked "${features[@]}" -- -D warnings
check crates scripts/check-deps.py
tests crates-test python3 -m unittest discover -s scripts
tests peers node --test --test-reporter=tap tests/peers/peers.test.mjs
tests tests cargo nextest run --workspace --locked "${features[@]}" --no-fail-fast
tests doc cargo test --doc --workspace --locked "${features[@]}" --no-fail-fast
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  check generated generated_files_are_clean
fi
finish
