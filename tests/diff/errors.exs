# raise, rescue, throw, catch, after, with, custom exceptions.
defmodule Oops do
  defexception message: "default text", code: 1
end

for f <- [fn -> raise "plain" end, fn -> raise Oops end, fn -> raise Oops, message: "given", code: 2 end, fn -> 1 / 0 end,
          fn -> Map.fetch!(%{}, :k) end, fn -> String.to_atom(5) end, fn -> :lists.nope() end, fn -> {:ok, _} = :error end,
          fn -> List.first(:no) end, fn -> Enum.fetch!([1], 3) end] do
  try do
    f.()
  rescue
    e -> IO.puts("#{inspect(e.__struct__)}: #{Exception.message(e)}")
  end
end

IO.inspect(try do throw(:ball) catch x -> {:caught, x} after IO.puts("after") end)
IO.inspect(try do exit(:bye) catch :exit, r -> r end)
IO.inspect(with {:ok, a} <- {:ok, 1}, {:ok, b} <- {:error, :no}, do: a + b)
IO.inspect(with %{k: v} <- %{k: 3} do v else _ -> :none end)
