#!/bin/sh
# Installs what glulam needs besides Rust, on Debian and Ubuntu: OTP's libraries to run, and for the tests
# OTP's own `erl` and Elixir to compare with. What is there already is left alone.
#   setup.sh run     what running programs takes
#   setup.sh test    that, and what the tests take
#   setup.sh bench   what measurements compare with: other languages, OTP's sources, wrk
set -eu
what=${1:-test}

have() { command -v "$1" >/dev/null 2>&1; }

packages=
need() { have "$1" || packages="$packages $2"; }

need cc "gcc libc6-dev"
need erl erlang-base
# where OTP's applications are
lib=
if have erl; then lib=$(erl -noshell -eval 'io:put_chars(code:lib_dir())' -s init stop); fi
if [ "$what" = test ]; then
    # OTP's suites use most of its applications; some are packages of their own
    for pair in erlang-nox:crypto erlang-common-test:common_test erlang-dev:erl_interface; do
        ls -d "$lib/${pair#*:}"-* >/dev/null 2>&1 || packages="$packages ${pair%:*}"
    done
    # what OTP's compiler compiles on both
    ls -d "$lib"/stdlib-*/src >/dev/null 2>&1 || packages="$packages erlang-src"
    # libraries of natives as a distribution packages them
    for pair in erlang-jiffy:jiffy erlang-p1-stringprep:p1_stringprep erlang-p1-yaml:p1_yaml erlang-p1-xml:p1_xml \
        erlang-p1-iconv:p1_iconv erlang-p1-mqtree:p1_mqtree erlang-p1-cache-tab:p1_cache_tab; do
        ls -d "$lib/${pair#*:}"-* >/dev/null 2>&1 || packages="$packages ${pair%:*}"
    done
    need elixir elixir
    need rebar3 rebar3
    need dialyzer erlang-dialyzer
    ls -d "$lib"/proper-*/include >/dev/null 2>&1 || packages="$packages erlang-proper erlang-proper-dev"
    need make make
    need xz xz-utils
fi
if [ "$what" = bench ]; then
    need go golang-go
    need node nodejs
    need javac default-jdk-headless
    need wrk wrk
    need elixir elixir
    need rebar3 rebar3
    need dialyzer erlang-dialyzer
    ls -d "$lib"/proper-*/include >/dev/null 2>&1 || packages="$packages erlang-proper erlang-proper-dev"
    need taskset util-linux
    # OTP's compiler compiles itself, dialyzer and Mnesia run
    for pair in erlang-mnesia:mnesia erlang-dialyzer:dialyzer erlang-inets:inets; do
        ls -d "$lib/${pair#*:}"-* >/dev/null 2>&1 || packages="$packages ${pair%:*}"
    done
    ls -d "$lib"/compiler-*/src >/dev/null 2>&1 || packages="$packages erlang-src"
    # erl_nif.h
    ls "$lib"/../usr/include/erl_nif.h >/dev/null 2>&1 || packages="$packages erlang-dev"
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
