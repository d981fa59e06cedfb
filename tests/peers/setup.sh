#!/bin/bash
# Installs the npm packages of the folders given (by default those beside this file), only where the
# lock file changed since the last time.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- "$here/oidc-provider" "$here/browser"

for folder in "$@"; do
  stamp=$folder/node_modules/.installed
  wanted=$(sha256sum <"$folder/package-lock.json")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && continue
  echo "npm packages of ${folder#"$PWD/"}" >&2
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >&2)
  printf '%s\n' "$wanted" >"$stamp"
done
