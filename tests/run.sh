#!/bin/sh
# The tests, from nothing: installs what is missing, builds, runs all of it, and ends with
# 'N passed, N failed, N skipped'. Options go to `cargo xtask test`.
set -eu
cd "$(dirname "$0")/.."
sh tests/setup.sh test
exec cargo xtask test "$@"
