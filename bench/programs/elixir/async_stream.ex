# fib(20) for each of N numbers by Task.async_stream: as many tasks at once as there are schedulers.
defmodule :async_stream do
  def run(n) do
    1..n
    |> Task.async_stream(fn i -> fib(20) + i end)
    |> Enum.reduce(0, fn {:ok, x}, sum -> sum + x end)
  end

  defp fib(n) when n < 2, do: n
  defp fib(n), do: fib(n - 1) + fib(n - 2)
end
