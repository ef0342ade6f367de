import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The programs of bench/programs in Java, and what bench/programs/timed.erl does for them.
 *
 * <p>java Main NAME SIZE RUNS, or java Main list.
 */
public final class Main {
    /** What a run gives: a checksum, and figures and histograms of its own. */
    record Result(String sum, Map<String, Long> figures, Map<String, TreeMap<Long, Long>> histograms) {
        static Result of(long sum) {
            return new Result(Long.toString(sum), Map.of(), Map.of());
        }
    }

    interface Program {
        Result run(int n) throws Exception;
    }

    interface Sum {
        long run(int n) throws Exception;
    }

    static final Map<String, Program> PROGRAMS = new LinkedHashMap<>();

    static void add(String name, Sum program) {
        PROGRAMS.put(name, n -> Result.of(program.run(n)));
    }

    static long resident() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
    }

    /** Kilobytes. */
    static String peak() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(l -> l.startsWith("VmHWM:")).findFirst().orElse("VmHWM: 0 kB").split("\\s+")[1];
        }
    }

    public static void main(String[] args) throws Exception {
        Sequential.register();
        Nbody.register();
        Text.register();
        Concurrent.register();
        switch (args[0]) {
            case "list" -> PROGRAMS.keySet().forEach(System.out::println);
            case "serve" -> Serve.main();
            default -> time(named(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        }
        System.exit(0);
    }

    private static Program named(String name) {
        Program program = PROGRAMS.get(name);
        if (program == null) {
            System.err.println("there is no " + name + " on JDK " + Runtime.version().feature()
                + (name.equals("process_memory") ? ": virtual threads came with JDK 21" : ""));
            System.exit(2);
        }
        return program;
    }

    private static void time(Program program, int size, int runs) throws Exception {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Result last = Result.of(0);
        for (int i = 0; i < runs; i++) {
            long cpu = system.getProcessCpuTime();
            long start = System.nanoTime();
            last = program.run(size);
            long elapsed = System.nanoTime() - start;
            cpu = system.getProcessCpuTime() - cpu;
            System.out.println("run " + elapsed / 1000 + " " + cpu / 1_000_000 + " " + last.sum);
        }
        last.figures.forEach((name, value) -> System.out.println("figure " + name + " " + value));
        last.histograms.forEach((name, counts) -> {
            var line = new StringBuilder("histogram " + name);
            counts.forEach((low, count) -> line.append(" ").append(low).append(":").append(count));
            System.out.println(line);
        });
        System.out.println("peak " + peak());
    }
}
