# GenServer and Supervisor.
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n, name: __MODULE__)
  def init(n), do: {:ok, n}
  def handle_call(:get, _from, n), do: {:reply, n, n}
  def handle_cast({:add, k}, n), do: {:noreply, n + k}
end

Logger.configure(level: :none)
{:ok, sup} = Supervisor.start_link([{Counter, 10}], strategy: :one_for_one)
GenServer.cast(Counter, {:add, 5})
IO.inspect(GenServer.call(Counter, :get))
old = Process.whereis(Counter)
Process.exit(old, :kill)
Process.sleep(100)
IO.inspect(Process.whereis(Counter) != old)
IO.inspect(GenServer.call(Counter, :get))
IO.inspect(Supervisor.count_children(sup))
{:ok, reg} = Registry.start_link(keys: :unique, name: Reg)
IO.inspect({is_pid(reg), elem(Registry.register(Reg, "k", :v), 0), Registry.lookup(Reg, "k") |> length})
