import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RecursiveTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Virtual threads where the JDK has them (21 and later), pooled platform threads where it has not. */
final class Concurrent {
    private static final ExecutorService VIRTUAL = virtual();
    private static final ExecutorService TASKS = VIRTUAL != null ? VIRTUAL : Executors.newCachedThreadPool();

    private static ExecutorService virtual() {
        try {
            MethodType type = MethodType.methodType(ExecutorService.class);
            return (ExecutorService) MethodHandles.lookup()
                .findStatic(Executors.class, "newVirtualThreadPerTaskExecutor", type).invoke();
        } catch (Throwable none) {
            return null;
        }
    }

    interface Task {
        void run() throws Exception;
    }

    static Future<?> start(Task task) {
        return TASKS.submit(() -> {
            task.run();
            return null;
        });
    }

    static void register() {
        Main.add("ring", Concurrent::ring);
        Main.add("ping_pong", Concurrent::pingPong);
        Main.add("skynet", n -> ForkJoinPool.commonPool().invoke(new Node(0, n)));
        Main.add("chameneos", Concurrent::chameneos);
        Main.add("fan_in", Concurrent::fanIn);
        Main.add("fan_out", Concurrent::fanOut);
        Main.add("gen_server_calls", Concurrent::calls);
        Main.PROGRAMS.put("call_latency", Concurrent::callLatency);
        Main.add("spawn_churn", Concurrent::spawnChurn);
        Main.add("parallel_map", Concurrent::parallelMap);
        Main.add("timers", Concurrent::timers);
        // a platform thread for each would measure the operating system
        if (VIRTUAL != null) Main.PROGRAMS.put("process_memory", Concurrent::processMemory);
    }

    static <T> BlockingQueue<T> queue() {
        return new LinkedBlockingQueue<>();
    }

    static long ring(int n) throws Exception {
        BlockingQueue<Integer> home = queue();
        List<BlockingQueue<Integer>> members = new ArrayList<>();
        for (int i = 0; i < 1000; i++) members.add(queue());
        for (int i = 0; i < 1000; i++) {
            var own = members.get(i);
            var next = members.get((i + 1) % 1000);
            start(() -> {
                for (int hops = own.take(); hops >= 0; hops = own.take()) {
                    if (hops == 0) {
                        home.put(0);
                        break;
                    }
                    next.put(hops - 1);
                }
                next.put(-1);
            });
        }
        members.get(0).put(n);
        return home.take();
    }

    static long pingPong(int n) throws Exception {
        BlockingQueue<Long> ping = queue(), pong = queue();
        start(() -> {
            for (long x = pong.take(); x >= 0; x = pong.take()) ping.put(x * 2);
        });
        long sum = 0;
        for (; n > 0; n--) {
            pong.put((long) n);
            sum = (sum + ping.take()) & Sequential.MASK;
        }
        pong.put(-1L);
        return sum;
    }

    private static final class Node extends RecursiveTask<Long> {
        private final long number;
        private final long size;

        Node(long number, long size) {
            this.number = number;
            this.size = size;
        }

        @Override
        protected Long compute() {
            if (size == 1) return number;
            long part = size / 10;
            List<Node> below = new ArrayList<>(10);
            for (int i = 0; i < 10; i++) below.add(new Node(number + i * part, part));
            long sum = 0;
            for (Node node : invokeAll(below)) sum += node.join();
            return sum;
        }
    }

    enum Colour { BLUE, RED, YELLOW, CLOSED }

    record Visitor(Colour colour, BlockingQueue<Colour> from) {}

    static Colour complement(Colour a, Colour b) {
        return a == b ? a : Colour.values()[3 - a.ordinal() - b.ordinal()];
    }

    static long chameneos(int n) throws Exception {
        BlockingQueue<Visitor> place = queue();
        BlockingQueue<Integer> met = queue();
        Colour[] colours = {
            Colour.BLUE, Colour.RED, Colour.YELLOW, Colour.RED, Colour.YELLOW,
            Colour.BLUE, Colour.RED, Colour.YELLOW, Colour.RED, Colour.BLUE,
        };
        for (Colour first : colours) {
            start(() -> {
                BlockingQueue<Colour> own = queue();
                Colour colour = first;
                for (int count = 0; ; count++) {
                    place.put(new Visitor(colour, own));
                    Colour other = own.take();
                    if (other == Colour.CLOSED) {
                        met.put(count);
                        return;
                    }
                    colour = complement(colour, other);
                }
            });
        }
        for (; n > 0; n--) {
            Visitor a = place.take(), b = place.take();
            a.from.put(b.colour);
            b.from.put(a.colour);
        }
        long sum = 0;
        for (int i = 0; i < colours.length; i++) {
            place.take().from.put(Colour.CLOSED);
            sum += met.take();
        }
        return sum;
    }

    record Value(int sender, int left) {}

    static long fanIn(int n) throws Exception {
        int each = n / 100;
        BlockingQueue<Value> home = new ArrayBlockingQueue<>(1024);
        for (int i = 1; i <= 100; i++) {
            int sender = i;
            start(() -> {
                for (int left = each; left > 0; left--) home.put(new Value(sender, left));
            });
        }
        long sum = 0;
        for (int i = each * 100; i > 0; i--) {
            Value value = home.take();
            sum += value.sender + value.left;
        }
        return sum;
    }

    record Job(int a, int[] rest) {}

    static long fanOut(int n) throws Exception {
        List<BlockingQueue<Job>> workers = new ArrayList<>();
        List<Future<Long>> sums = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            BlockingQueue<Job> own = queue();
            workers.add(own);
            sums.add(TASKS.submit(() -> {
                long sum = 0;
                for (Job job = own.take(); job.a >= 0; job = own.take()) sum += job.a + job.rest[0] + job.rest[1];
                return sum;
            }));
        }
        for (int left = n / 100; left > 0; left--) {
            for (var worker : workers) worker.put(new Job(left, new int[] {left, left + 1}));
        }
        for (var worker : workers) worker.put(new Job(-1, null));
        long sum = 0;
        for (var each : sums) sum += each.get();
        return sum;
    }

    record Request(long add, BlockingQueue<Long> reply) {}

    /** A server of one number; a null reply ends it. */
    static BlockingQueue<Request> server() {
        BlockingQueue<Request> requests = queue();
        start(() -> {
            long sum = 0;
            for (Request r = requests.take(); r.reply != null; r = requests.take()) r.reply.put(sum += r.add);
        });
        return requests;
    }

    static long call(BlockingQueue<Request> server, long add, BlockingQueue<Long> reply) throws Exception {
        server.put(new Request(add, reply));
        return reply.take();
    }

    static long calls(int n) throws Exception {
        BlockingQueue<Request> server = server();
        BlockingQueue<Long> reply = queue();
        for (; n > 0; n--) call(server, n, reply);
        long sum = call(server, 0, reply);
        server.put(new Request(0, null));
        return sum;
    }

    static Main.Result callLatency(int n) throws Exception {
        final int clients = 20;
        BlockingQueue<Request> server = server();
        List<Future<long[]>> parts = new ArrayList<>();
        for (int c = 0; c < clients; c++) {
            parts.add(TASKS.submit(() -> {
                BlockingQueue<Long> reply = queue();
                long[] times = new long[n / clients];
                for (int i = 0; i < times.length; i++) {
                    long start = System.nanoTime();
                    call(server, 1, reply);
                    times[i] = System.nanoTime() - start;
                }
                return times;
            }));
        }
        long[] all = new long[0];
        for (var part : parts) {
            long[] times = part.get();
            int old = all.length;
            all = Arrays.copyOf(all, old + times.length);
            System.arraycopy(times, 0, all, old, times.length);
        }
        Arrays.sort(all);
        var histogram = new TreeMap<Long, Long>();
        for (long time : all) histogram.merge(bucket(time), 1L, Long::sum);
        long sum = call(server, 0, queue());
        server.put(new Request(0, null));
        int last = all.length - 1;
        var figures = new TreeMap<>(Map.of(
            "p50_ns", all[last / 2], "p99_ns", all[(int) (last * 0.99)],
            "p999_ns", all[(int) (last * 0.999)], "max_ns", all[last]));
        return new Main.Result(Long.toString(sum), figures, Map.of("call", histogram));
    }

    /** The lowest value of the bucket that v falls in: four from each power of two to the next. */
    static long bucket(long v) {
        if (v < 4) return v;
        int shift = 61 - Long.numberOfLeadingZeros(v);
        return v >> shift << shift;
    }

    static long spawnChurn(int n) throws Exception {
        long sum = 0;
        for (; n > 0; n--) {
            var in = new CompletableFuture<Long>();
            var out = new CompletableFuture<Long>();
            Future<?> task = start(() -> out.complete(in.get() + 1));
            in.complete((long) n);
            sum = (sum + out.get()) & Sequential.MASK;
            task.get();
        }
        return sum;
    }

    static long parallelMap(int n) throws Exception {
        // bound to the processor, so as many threads as there are cores
        ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        List<Future<Long>> results = new ArrayList<>();
        for (int i = 1; i <= n; i++) {
            int x = i;
            results.add(pool.submit(() -> Sequential.fib(20) + x));
        }
        long sum = 0;
        for (var result : results) sum += result.get();
        pool.shutdown();
        return sum;
    }

    static long timers(int n) throws Exception {
        var scheduler = new ScheduledThreadPoolExecutor(1);
        scheduler.setRemoveOnCancelPolicy(true);
        BlockingQueue<Integer> own = queue();
        long sum = 0;
        for (int i = n; i > 0; i--) {
            ScheduledFuture<?> timer = scheduler.schedule(() -> {}, 60000 + i % 1000, TimeUnit.MILLISECONDS);
            own.put(i);
            int m = own.take();
            if (timer.cancel(false) && m == i) sum++;
        }
        int few = n / 4;
        for (int i = 1; i <= few; i++) {
            int x = i;
            scheduler.schedule(() -> own.add(x), 1 + i % 50, TimeUnit.MILLISECONDS);
        }
        for (int i = 0; i < few; i++) sum += own.take();
        scheduler.shutdownNow();
        return sum;
    }

    static Main.Result processMemory(int n) throws Exception {
        System.gc();
        long before = Main.resident(), start = System.nanoTime();
        BlockingQueue<String> home = queue();
        List<BlockingQueue<BlockingQueue<String>>> wake = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            BlockingQueue<BlockingQueue<String>> own = queue();
            wake.add(own);
            start(() -> own.take().put("pong"));
        }
        long spawned = System.nanoTime(), bytes = (Main.resident() - before) / n, woken = System.nanoTime();
        for (var own : wake) own.put(home);
        long count = 0;
        for (; count < n; count++) home.take();
        long end = System.nanoTime();
        return new Main.Result(Long.toString(count), Map.of(
            "bytes_a_process", bytes,
            "spawn_nanoseconds", (spawned - start) / n,
            "wake_nanoseconds", (end - woken) / n), Map.of());
    }
}
