#!/bin/sh
# Installs what glulam needs besides Rust, on Debian and Ubuntu: OTP's libraries to run, and for the tests
# OTP's own `erl` and Elixir to compare with. What is there already is left alone.
#   setup.sh run     what running programs takes
#   setup.sh test    that, and what the tests take
set -eu
what=${1:-test}

have() { command -v "$1" >/dev/null 2>&1; }

packages=
need() { have "$1" || packages="$packages $2"; }

need cc "gcc libc6-dev"
need erl erlang
# common_test's header files, which OTP's suites include, come in a package of their own
if have erl; then
    for app in erlang-common-test:common_test erlang-dev:erl_interface; do
        lib=$(erl -noshell -eval 'io:put_chars(code:lib_dir())' -s init stop)
        ls -d "$lib/${app#*:}"-* >/dev/null 2>&1 || packages="$packages ${app%:*}"
    done
fi
if [ "$what" = test ]; then
    need elixir elixir
    need make make
    need xz xz-utils
fi
if [ -z "$packages" ]; then
    exit 0
fi
if ! have apt-get; then
    echo "please install:$packages" >&2
    exit 1
fi
root=
[ "$(id -u)" = 0 ] || root=sudo
echo "installing:$packages"
$root apt-get -q update
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $packages
