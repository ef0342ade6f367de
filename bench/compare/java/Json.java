import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** JSON by hand: the JDK has none. Objects are maps, arrays lists. */
final class Json {
    static List<Object> document(int n) {
        List<Object> records = new ArrayList<>();
        for (int id = 1; id <= n; id++) {
            Map<String, Object> place = new LinkedHashMap<>();
            place.put("city", "Zürich");
            place.put("code", 8000L + id % 100);
            Map<String, Object> record = new LinkedHashMap<>();
            record.put("active", id % 3 == 0);
            record.put("id", (long) id);
            record.put("name", "user " + id);
            record.put("note", null);
            record.put("place", place);
            record.put("score", id * 2 + 0.25);
            record.put("tags", List.of("alpha", "be\"ta", "line\nbreak"));
            records.add(record);
        }
        return records;
    }

    static long encodes(int n) {
        List<Object> records = document(20);
        long sum = 0;
        for (; n > 0; n--) {
            CRC32 crc = new CRC32();
            crc.update(encode(records).getBytes(StandardCharsets.UTF_8));
            sum = (sum * 31 + crc.getValue()) & Sequential.MASK;
        }
        return sum;
    }

    @SuppressWarnings("unchecked")
    static long decodes(int n) {
        String text = encode(document(20));
        long sum = 0;
        for (; n > 0; n--) {
            long weight = 0;
            for (Object each : (List<Object>) new Reader(text).read()) {
                Map<String, Object> record = (Map<String, Object>) each;
                weight += (Long) record.get("id") + ((String) record.get("name")).length();
                weight += (long) ((Double) record.get("score") * 4);
                for (Object tag : (List<Object>) record.get("tags")) weight += ((String) tag).length();
            }
            sum = (sum * 31 + weight) & Sequential.MASK;
        }
        return sum;
    }

    static String encode(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, Object value) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            for (Iterator<? extends Map.Entry<?, ?>> all = map.entrySet().iterator(); all.hasNext(); ) {
                Map.Entry<?, ?> entry = all.next();
                text(out, (String) entry.getKey());
                out.append(':');
                write(out, entry.getValue());
                if (all.hasNext()) out.append(',');
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (Iterator<?> all = list.iterator(); all.hasNext(); ) {
                write(out, all.next());
                if (all.hasNext()) out.append(',');
            }
            out.append(']');
        } else if (value instanceof String text) {
            text(out, text);
        } else {
            out.append(value);
        }
    }

    private static void text(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 32) out.append(String.format("\\u%04x", (int) c));
                    else out.append(c);
                }
            }
        }
        out.append('"');
    }

    private static final class Reader {
        private final String text;
        private int at = 0;

        Reader(String text) {
            this.text = text;
        }

        Object read() {
            skip();
            char c = text.charAt(at);
            return switch (c) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 't' -> word("true", Boolean.TRUE);
                case 'f' -> word("false", Boolean.FALSE);
                case 'n' -> word("null", null);
                default -> number();
            };
        }

        private void skip() {
            while (Character.isWhitespace(text.charAt(at))) at++;
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) throw new IllegalArgumentException("at " + at);
            at += word.length();
            return value;
        }

        private boolean taken(char c) {
            skip();
            if (text.charAt(at) != c) return false;
            at++;
            return true;
        }

        private Map<String, Object> object() {
            Map<String, Object> map = new LinkedHashMap<>();
            at++;
            if (taken('}')) return map;
            do {
                skip();
                String key = string();
                if (!taken(':')) throw new IllegalArgumentException("at " + at);
                map.put(key, read());
            } while (taken(','));
            if (!taken('}')) throw new IllegalArgumentException("at " + at);
            return map;
        }

        private List<Object> array() {
            List<Object> list = new ArrayList<>();
            at++;
            if (taken(']')) return list;
            do list.add(read());
            while (taken(','));
            if (!taken(']')) throw new IllegalArgumentException("at " + at);
            return list;
        }

        private String string() {
            int start = ++at;
            while (text.charAt(at) != '"' && text.charAt(at) != '\\') at++;
            if (text.charAt(at) == '"') return text.substring(start, at++);
            StringBuilder out = new StringBuilder(text.substring(start, at));
            for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
                if (c == '\\') {
                    c = text.charAt(at++);
                    c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
                }
                out.append(c);
            }
            return out.toString();
        }

        private Object number() {
            int start = at;
            boolean whole = true;
            for (; at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0; at++) {
                whole &= ".eE".indexOf(text.charAt(at)) < 0;
            }
            String digits = text.substring(start, at);
            return whole ? (Object) Long.valueOf(digits) : (Object) Double.valueOf(digits);
        }
    }
}
