# Code evaluated, quoted and formatted at run time.
IO.inspect(Code.eval_string("a + b * 2", a: 1, b: 2))
IO.inspect(quote do: 1 + x * 2)
IO.puts(Macro.to_string(quote do: if(a, do: b, else: c)))
IO.inspect(Code.string_to_quoted("foo(1, [a: 2])"))
IO.puts(Code.format_string!("defmodule A do def f(x),do: x+1 end"))
[{mod, bin}] = Code.compile_string("defmodule Made do\n def v, do: 42\nend")
IO.inspect({mod, is_binary(bin), apply(mod, :v, [])})
IO.inspect(match?({:error, _}, Code.string_to_quoted("foo(")))
f = &String.upcase/1
IO.inspect({f.("x"), is_function(f, 1)})
add = fn a -> fn b -> a + b end end
IO.inspect(add.(1).(2))
IO.inspect(System.version())
