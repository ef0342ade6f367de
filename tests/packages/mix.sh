# mix: a new project compiled, tested, run, and released; the release's own start script
# needs mix
{
    mix new demo && cd demo && mix compile && mix test --seed 0
    mix run -e 'IO.inspect(Demo.hello()); IO.puts(System.otp_release())'; echo "run $?"
    mix run -e 'exit(3)' 2>&1 | head -1; echo "exit ${PIPESTATUS[0]}"
    mix nosuch; echo "no task $?"
    sed -i 's/deps: deps()/deps: deps(), releases: [demo: [include_erts: false]]/' mix.exs
    MIX_ENV=prod mix release; echo "release $?"
    export RELEASE_DISTRIBUTION=none
    demo=_build/prod/rel/demo/bin/demo
    $demo version
    $demo eval 'IO.inspect({Demo.hello(), System.argv()})'; echo "eval $?"
    $demo eval 'raise "oops"'; echo "raise $?"
    timeout -k 5 5 $demo start </dev/null >/dev/null 2>&1; echo "start $?"
} 2>&1 | sed 's/Finished in .*/Finished/; s/^[0-9:.]* \[/[/'
