# spawn, send, receive, Task, Agent, Process.
parent = self()
spawn(fn -> send(parent, {:hello, 1 + 1}) end)

receive do
  {:hello, n} -> IO.inspect(n)
after
  1000 -> IO.puts("nothing")
end

IO.inspect(1..20 |> Task.async_stream(&(&1 * &1), max_concurrency: 4) |> Enum.map(fn {:ok, v} -> v end))
{:ok, agent} = Agent.start_link(fn -> %{} end)
Agent.update(agent, &Map.put(&1, :k, 1))
IO.inspect(Agent.get(agent, & &1))
Agent.stop(agent)
Process.flag(:trap_exit, true)
pid = spawn_link(fn -> exit(:boom) end)

receive do
  {:EXIT, ^pid, reason} -> IO.inspect(reason)
end

IO.inspect(Task.await(Task.async(fn -> :done end)))
IO.inspect(Process.alive?(pid))
ref = Process.monitor(pid)

receive do
  {:DOWN, ^ref, :process, ^pid, why} -> IO.inspect(why)
end
