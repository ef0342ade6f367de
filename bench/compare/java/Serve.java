import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The service of the experiment on latency: answers each line {@code ID WORK} with {@code ID fib(WORK)}. Prints the
 * port that it listens on.
 */
final class Serve {
    static void main() throws Exception {
        ServerSocket server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        System.out.println("port " + server.getLocalPort());
        while (true) {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true);
            Concurrent.start(() -> answer(socket));
        }
    }

    private static void answer(Socket socket) throws IOException {
        try (socket) {
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            OutputStream out = socket.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                String reply = words[0] + " " + Sequential.fib(Integer.parseInt(words[1])) + "\n";
                out.write(reply.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
    }
}
