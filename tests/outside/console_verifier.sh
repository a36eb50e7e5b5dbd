#!/bin/sh
# The TypeScript verifier against the shared vectors. Installs the pinned tools when they are absent.
set -eu
cd "$(dirname "$0")/../../hub/console/verifier"
[ -d node_modules/vitest ] || npm ci --no-audit --no-fund --loglevel=error
npm run --silent check
exec npm run --silent test
