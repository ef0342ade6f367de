# How Elixir words the errors of all kinds.
x = fn a -> a + 1 end
defmodule M do
  def f(1), do: :one
  def g(x), do: 1 + x
  def h(m), do: m.key
  def w(x), do: with({:ok, y} <- x, do: y, else: (:e -> :err))
end
tests = [fn -> M.f(2) end, fn -> M.g("a") end, fn -> M.h(%{}) end, fn -> M.w(:zz) end, fn -> M.nope(1) end, fn -> Nope.f() end, fn -> raise "r" end, fn -> throw(:t) end, fn -> exit(:e) end, fn -> hd([]) end, fn -> String.to_integer("x") end, fn -> Map.fetch!(%{a: 1}, :b) end, fn -> Keyword.fetch!([a: 1], :b) end, fn -> {:ok, _} = {:error, 1} end, fn -> case 1 do 2 -> 2 end end, fn -> cond do false -> 1 end end, fn -> 1.(2) end, fn -> String.to_existing_atom("zzzzzzzzq") end, fn -> Enum.fetch!([1], 5) end, fn -> :erlang.binary_to_term(<<1>>) end, fn -> 1 / 0 end, fn -> Integer.parse(5) end, fn -> <<1::size(-1)>> end, fn -> List.first(:a) end, fn -> %{} |> Map.update!(:a, & &1) end, fn -> raise ArgumentError end, fn -> raise %RuntimeError{message: "m"} end, fn -> struct!(URI, foo: 1) end, fn -> File.read!("/nope") end, fn -> Date.from_iso8601!("x") end, fn -> apply(M, :g, [:a]) end, fn -> not 5 end, fn -> 5 and true end, fn -> if 5 > :a, do: 1, else: :lt end, fn -> :ets.lookup(:nope, 1) end, fn -> Process.register(self(), :init) end, fn -> send(:nobody_here, 1) end, fn -> Code.eval_string("1 +") end, fn -> Code.eval_string("foo(1)") end, fn -> Enum.at(%{}, "x") end, fn -> for <<c <- 5>>, do: c end, fn -> Base.decode64!("*") end, fn -> Version.parse!("x") end, fn -> System.fetch_env!("NOPE_X") end]
for {t, i} <- Enum.with_index(tests) do
  try do
    IO.inspect({i, t.()})
  rescue
    e -> IO.puts("#{i} " <> Exception.format(:error, e, __STACKTRACE__ |> Enum.take(2)))
      IO.puts(Exception.blame(:error, e, __STACKTRACE__) |> elem(0) |> Exception.message())
  catch
    k, v -> IO.puts("#{i} " <> Exception.format(k, v, __STACKTRACE__ |> Enum.take(1)))
  end
end
