# rebar3: a new library compiled, its eunit and common_test tests
# needs rebar3
export HOME=$PWD
rebar3 new lib demo >/dev/null && cd demo && mkdir test || exit
cat > src/demo.erl <<'E'
-module(demo).
-export([add/2]).
add(A, B) -> A + B.
E
cat > test/demo_tests.erl <<'E'
-module(demo_tests).
-include_lib("eunit/include/eunit.hrl").
good_test() -> ?assertEqual(3, demo:add(1, 2)).
bad_test() -> ?assertEqual(4, demo:add(1, 2)).
made_test_() -> [?_assert(true), {timeout, 5, fun() -> timer:sleep(10) end}].
E
cat > test/demo_SUITE.erl <<'E'
-module(demo_SUITE).
-export([all/0, good/1, bad/1]).
all() -> [good, bad].
good(_) -> 3 = demo:add(1, 2).
bad(_) -> 4 = demo:add(1, 2).
E
for command in compile eunit ct xref; do
    rebar3 $command 2>&1 | sed "s|$HOME|HOME|g; s/Finished in .*/Finished/"
    echo "$command ${PIPESTATUS[0]}"
done
