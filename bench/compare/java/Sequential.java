import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

final class Sequential {
    static final long MASK = 0xffffffffL;

    static void register() {
        Main.add("fib", Sequential::fib);
        Main.add("tak", Sequential::taks);
        Main.add("nrev", Sequential::nrev);
        Main.add("sorts", Sequential::sorts);
        Main.add("mandelbrot", Sequential::mandelbrot);
        Main.add("spectral_norm", Sequential::spectralNorm);
        Main.add("fannkuch", Sequential::fannkuch);
        Main.add("pidigits", Sequential::pidigits);
        Main.add("binary_trees", Sequential::binaryTrees);
        Main.add("n_queens", n -> queens(n, n, new int[n]));
    }

    static long fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    static long taks(int n) {
        long sum = 0;
        for (; n > 0; n--) sum += tak(18, 12, 6 + (n & 1));
        return sum;
    }

    static int tak(int x, int y, int z) {
        return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
    }

    record Cell(int head, Cell tail) {}

    static Cell reverse(Cell list) {
        return list == null ? null : append(reverse(list.tail), new Cell(list.head, null));
    }

    static Cell append(Cell a, Cell b) {
        return a == null ? b : new Cell(a.head, append(a.tail, b));
    }

    static long nrev(int n) {
        Cell list = null;
        for (int i = 30; i > 0; i--) list = new Cell(i, list);
        long sum = 0;
        for (; n > 0; n--) sum += reverse(list).head;
        return sum;
    }

    static int next(int seed) {
        return (seed * 1103515245 + 12345) & 0x7fffffff;
    }

    static long sorts(int n) {
        Integer[] numbers = new Integer[n];
        for (int i = n - 1, seed = 42; i >= 0; i--) {
            seed = next(seed);
            numbers[i] = seed >> 8;
        }
        List<Integer> list = Arrays.asList(numbers);
        List<Integer> sorted = new ArrayList<>(list);
        sorted.sort(null);
        if (!sorted.equals(quick(list))) throw new IllegalStateException("not sorted");
        return weigh(sorted) + weigh(new TreeSet<>(list));
    }

    static List<Integer> quick(List<Integer> list) {
        if (list.isEmpty()) return List.of();
        int pivot = list.get(0);
        List<Integer> below = new ArrayList<>(), above = new ArrayList<>();
        for (int x : list.subList(1, list.size())) (x < pivot ? below : above).add(x);
        List<Integer> all = new ArrayList<>(quick(below));
        all.add(pivot);
        all.addAll(quick(above));
        return all;
    }

    static long weigh(Iterable<Integer> numbers) {
        long sum = 0, i = 1;
        for (int x : numbers) sum = (sum + x * i++) & MASK;
        return sum;
    }

    static long mandelbrot(int n) {
        long count = 0;
        for (int y = 0; y < n; y++) {
            double ci = 2.0 * y / n - 1.0;
            for (int x = 0; x < n; x++) if (bounded(2.0 * x / n - 1.5, ci)) count++;
        }
        return count;
    }

    static boolean bounded(double cr, double ci) {
        double zr = 0, zi = 0;
        for (int left = 50; left > 0; left--) {
            double r2 = zr * zr, i2 = zi * zi;
            if (r2 + i2 > 4.0) return false;
            zi = 2.0 * zr * zi + ci;
            zr = r2 - i2 + cr;
        }
        return true;
    }

    static double matrix(int i, int j) {
        return (i + j) * (i + j + 1) / 2 + i + 1;
    }

    static double[] both(double[] v) {
        double[] rows = new double[v.length], columns = new double[v.length];
        for (int i = 0; i < v.length; i++) for (int j = 0; j < v.length; j++) rows[i] += v[j] / matrix(i, j);
        for (int i = 0; i < v.length; i++) for (int j = 0; j < v.length; j++) columns[i] += rows[j] / matrix(j, i);
        return columns;
    }

    static long spectralNorm(int n) {
        double[] u = new double[n], v = u;
        Arrays.fill(u, 1.0);
        for (int i = 0; i < 10; i++) {
            v = both(u);
            u = both(v);
        }
        double uv = 0, vv = 0;
        for (int i = 0; i < n; i++) {
            uv += u[i] * v[i];
            vv += v[i] * v[i];
        }
        return (long) (Math.sqrt(uv / vv) * 1.0e9);
    }

    static long fannkuch(int n) {
        int[] permutation = new int[n];
        for (int i = 0; i < n; i++) permutation[i] = i + 1;
        return permute(permutation, 0, new int[n]);
    }

    /** The most flips over all orders of what stands from {@code from} on. */
    static int permute(int[] p, int from, int[] scratch) {
        if (from == p.length) return flips(p, scratch);
        int most = 0;
        for (int i = from; i < p.length; i++) {
            swap(p, from, i);
            most = Math.max(most, permute(p, from + 1, scratch));
            swap(p, from, i);
        }
        return most;
    }

    static int flips(int[] p, int[] scratch) {
        System.arraycopy(p, 0, scratch, 0, p.length);
        int count = 0;
        for (int first = scratch[0]; first != 1; first = scratch[0], count++) {
            for (int i = 0, j = first - 1; i < j; i++, j--) swap(scratch, i, j);
        }
        return count;
    }

    private static void swap(int[] p, int i, int j) {
        int x = p[i];
        p[i] = p[j];
        p[j] = x;
    }

    static long pidigits(int n) {
        BigInteger q = BigInteger.ONE, r = BigInteger.ZERO, t = BigInteger.ONE;
        BigInteger three = BigInteger.valueOf(3), four = BigInteger.valueOf(4);
        long sum = 0;
        for (long k = 1; n > 0; ) {
            BigInteger y = q.multiply(three).add(r).divide(t);
            if (y.equals(q.multiply(four).add(r).divide(t))) {
                r = r.subtract(y.multiply(t)).multiply(BigInteger.TEN);
                q = q.multiply(BigInteger.TEN);
                sum = (sum * 31 + y.intValue()) & MASK;
                n--;
            } else {
                BigInteger odd = BigInteger.valueOf(2 * k + 1);
                r = q.shiftLeft(1).add(r).multiply(odd);
                q = q.multiply(BigInteger.valueOf(k));
                t = t.multiply(odd);
                k++;
            }
        }
        return sum;
    }

    record Tree(Tree left, Tree right) {
        static Tree make(int depth) {
            return depth == 0 ? new Tree(null, null) : new Tree(make(depth - 1), make(depth - 1));
        }

        int count() {
            return left == null ? 1 : 1 + left.count() + right.count();
        }
    }

    static long binaryTrees(int most) {
        Tree all = Tree.make(most);
        long sum = 0;
        for (int depth = 4; depth <= most; depth += 2) {
            for (int i = 1 << (most - depth + 4); i > 0; i--) sum += Tree.make(depth).count();
        }
        return sum + all.count();
    }

    static long queens(int n, int row, int[] board) {
        if (row == 0) return 1;
        int placed = n - row;
        long sum = 0;
        for (int column = n; column > 0; column--) {
            if (safe(board, placed, column)) {
                board[placed] = column;
                sum += queens(n, row - 1, board);
            }
        }
        return sum;
    }

    static boolean safe(int[] board, int placed, int column) {
        for (int i = 0; i < placed; i++) {
            if (board[i] == column || Math.abs(board[i] - column) == placed - i) return false;
        }
        return true;
    }
}
