#!/bin/sh
# A printer that never ends, for tests.
exec sleep 600
