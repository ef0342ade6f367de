import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

final class Text {
    static void register() {
        Main.PROGRAMS.put("sha256", n -> {
            return new Main.Result(Long.toUnsignedString(sha256(n)), Map.of(), Map.of());
        });
        Main.add("json_encode", Json::encodes);
        Main.add("json_decode", Json::decodes);
        Main.add("strings", Text::strings);
        Main.add("maps_small", Text::mapsSmall);
        Main.add("maps_large", Text::mapsLarge);
    }

    private static final int[] CUBE_ROOTS = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };

    static long sha256(int n) {
        String phrase = "The quick brown fox jumps over the lazy dog; pack my box with fiv";
        ByteBuffer data = ByteBuffer.allocate((n + 1) * 64);
        data.put(phrase.repeat(n).getBytes(StandardCharsets.ISO_8859_1), 0, n * 64).put((byte) 0x80);
        data.putLong((n + 1) * 64 - 8, n * 512L);
        int[] state = {
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
        };
        int[] words = new int[64];
        for (int at = 0; at < data.capacity(); at += 64) block(state, words, data, at);
        return (state[0] & 0xffffffffL) << 32 | state[7] & 0xffffffffL;
    }

    private static int right(int x, int n) {
        return Integer.rotateRight(x, n);
    }

    private static void block(int[] state, int[] w, ByteBuffer data, int at) {
        for (int i = 0; i < 16; i++) w[i] = data.getInt(at + i * 4);
        for (int i = 16; i < 64; i++) {
            int s0 = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >>> 3;
            int s1 = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >>> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        int a = state[0], b = state[1], c = state[2], d = state[3];
        int e = state[4], f = state[5], g = state[6], h = state[7];
        for (int i = 0; i < 64; i++) {
            int s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
            int t1 = h + s1 + (e & f ^ ~e & g) + CUBE_ROOTS[i] + w[i];
            int s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
            int t2 = s0 + (a & b ^ a & c ^ b & c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        int[] more = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < 8; i++) state[i] += more[i];
    }

    static long strings(int n) {
        long sum = 0;
        for (; n > 0; n--) {
            String line = "  key" + n % 1000 + " = some value, another ; and the rest  ";
            String[] pair = line.strip().split(" = ", 2);
            String joined = Arrays.stream(pair[1].toUpperCase().split("[ ,;]+"))
                .filter(word -> !word.isEmpty())
                .map(word -> word + ".".repeat(Math.max(0, 8 - word.length())))
                .collect(Collectors.joining("-"));
            String[] parts = joined.split("-");
            String replaced = joined.replace(".", "__");
            sum = (sum * 31 + pair[0].length() + parts.length * 3 + replaced.length()) & Sequential.MASK;
        }
        return sum;
    }

    static long mapsSmall(int n) {
        Map<Object, Object> map = new HashMap<>(Map.of("count", 0, "name", "x", "a", 1, "b", 2, "c", 3, "d", 4));
        long sum = 0;
        for (; n > 0; n--) {
            int a = (int) map.get("a"), b = (int) map.get("b");
            map.put("count", (int) map.get("count") + 1);
            map.put("a", b);
            map.put("b", a + 1);
            map.put("extra", n);
            map.put(n & 3, "more");
            long here = 0;
            for (Object value : map.values()) here += value instanceof Integer i ? i : 1;
            if (map.get(n & 3).equals("more") && map.containsKey("c")) here++;
            map.remove("extra");
            here += map.size();
            map.remove(n & 3);
            sum = (sum + here) & 0xffffff;
        }
        return (int) map.get("count") + sum;
    }

    static long mapsLarge(int n) {
        Map<Integer, Integer> map = new HashMap<>();
        for (int i = n, seed = 1; i > 0; i--) map.put(seed = Sequential.next(seed), i);
        long sum = 0;
        for (int i = n, seed = 1; i > 0; i--) sum += map.get(seed = Sequential.next(seed));
        Map<Integer, Integer> updated = new HashMap<>(map.size() * 2);
        map.forEach((key, value) -> updated.put(key, value + 1));
        for (int value : updated.values()) sum += value;
        for (int i = n, seed = 1; i >= 2; i -= 2) updated.remove(seed = Sequential.next(seed));
        Map<Integer, Integer> merged = new HashMap<>(map);
        merged.putAll(updated);
        return (sum + updated.size() * 7 + merged.size()) & Sequential.MASK;
    }
}
