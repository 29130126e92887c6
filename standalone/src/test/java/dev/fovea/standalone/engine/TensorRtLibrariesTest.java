package dev.fovea.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fovea.standalone.download.DownloadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An installation out of a small repository on this machine, whole and with each accident. */
class TensorRtLibrariesTest {
  private static final String TENSORRT = "org/tensorrt/tensorrt.jar";
  private static final String CUDA = "org/cuda/cuda.jar";

  @TempDir Path engines;

  private final Map<String, byte[]> served = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private HttpServer server;

  /** How the server behaves: bytes sent before it breaks off, by request; empty = all. */
  private final List<Integer> breakOffs = new ArrayList<>();

  private boolean knowsRanges = true;
  private int failWith;

  @BeforeEach
  void serve() throws IOException {
    served.put(
        TENSORRT,
        jar(
            "org/bytedeco/tensorrt/linux-x86_64/",
            "libnvinfer.so.8",
            "libnvinfer_plugin.so.8",
            "libnvonnxparser.so.8",
            "libnvinfer_builder_resource.so.8.6.1",
            "libjninvinfer.so"));
    served.put(CUDA, jar("org/bytedeco/cuda/linux-x86_64/", "libcudart.so.12", "libcufft.so.11"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/maven2/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static byte[] jar(String folder, String... libraries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String library : libraries) {
        zip.putNextEntry(new ZipEntry(folder + library));
        byte[] content = new byte[100_000];
        new Random(library.hashCode()).nextBytes(content);
        zip.write(content);
      }
    }
    return bytes.toByteArray();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/maven2/".length());
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(path + (range == null ? "" : " " + range));
    byte[] all = served.get(path);
    try (exchange) {
      if (failWith != 0 || all == null) {
        exchange.sendResponseHeaders(failWith != 0 ? failWith : 404, -1);
        return;
      }
      int from = range == null || !knowsRanges ? 0 : start(range);
      if (from > 0) {
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes %d-%d/%d".formatted(from, all.length - 1, all.length));
      }
      byte[] rest = Arrays.copyOfRange(all, from, all.length);
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length);
      int sent = breakOffs.isEmpty() ? rest.length : Math.min(breakOffs.remove(0), rest.length);
      exchange.getResponseBody().write(rest, 0, sent);
      exchange.getResponseBody().flush();
    }
  }

  private static int start(String range) {
    return Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
  }

  private URI repository() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/maven2");
  }

  private TensorRtLibraries libraries() throws Exception {
    return libraries(1_000_000);
  }

  private TensorRtLibraries libraries(long unpackedBytes) throws Exception {
    return new TensorRtLibraries(
        engines,
        repository(),
        List.of(file(TENSORRT), file(CUDA)),
        unpackedBytes,
        Duration.ofMillis(1));
  }

  private RepositoryFile file(String path) throws Exception {
    byte[] bytes = bytes(path);
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);
    return new RepositoryFile(path, bytes.length, HexFormat.of().formatHex(sum));
  }

  private byte[] bytes(String path) {
    return Objects.requireNonNull(served.get(path));
  }

  private void install(TensorRtLibraries libraries) throws Exception {
    libraries.install(
        new TensorRtLibraries.Progress() {
          @Override
          public void fetched(String file, long done, long total) {
            assertThat(done).isBetween(1L, total);
          }

          @Override
          public void step(String what) {
            steps.add(what);
          }
        });
  }

  private List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void whatIsWantedIsThereAndNothingElse() throws Exception {
    TensorRtLibraries libraries = libraries();
    assertThat(libraries.isInstalled()).isFalse();
    assertThat(libraries.bytesToFetch()).isEqualTo(bytes(TENSORRT).length + bytes(CUDA).length);

    install(libraries);

    assertThat(libraries.isInstalled()).isTrue();
    assertThat(names(libraries.folder()))
        .containsExactly(
            "libcudart.so",
            "libcudart.so.12",
            "libnvinfer.so.8",
            "libnvinfer_builder_resource.so.8.6.1",
            "libnvinfer_plugin.so.8",
            "libnvonnxparser.so.8");
    assertThat(Files.readSymbolicLink(libraries.folder().resolve("libcudart.so")))
        .hasToString("libcudart.so.12");
    assertThat(libraries.folder().resolve("libnvinfer.so.8")).hasSize(100_000);
    assertThat(names(engines)).containsExactly(TensorRtLibraries.FOLDER);
    assertThat(asked).containsExactly(TENSORRT, CUDA);
  }

  @Test
  void aBrokenConnectionGoesOnWhereItBroke() throws Exception {
    breakOffs.add(150_000);
    breakOffs.add(50_000);

    install(libraries());

    assertThat(asked)
        .hasSize(4)
        .startsWith(TENSORRT)
        .element(1)
        .asString()
        .matches(TENSORRT + " bytes=[1-9][0-9]*-");
    assertThat(libraries().folder().resolve("libnvinfer.so.8")).hasSize(100_000);
  }

  @Test
  void aServerThatBreaksOffAtOnceIsGivenUpAndTheNextCommandGoesOn() throws Exception {
    breakOffs.addAll(List.of(150_000, 0, 0, 0, 0, 0, 0));

    assertThatThrownBy(() -> install(libraries()))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("broken off at")
        .hasMessageEndingWith("the same command goes on from there");
    assertThat(libraries().isInstalled()).isFalse();
    long left = libraries().bytesToFetch();
    assertThat(left).isLessThan(bytes(TENSORRT).length + bytes(CUDA).length);

    breakOffs.clear();
    asked.clear();
    install(libraries());
    assertThat(asked.get(0)).matches(TENSORRT + " bytes=[1-9][0-9]*-");
    assertThat(libraries().isInstalled()).isTrue();
  }

  @Test
  void aServerWithoutRangesIsReadFromTheStart() throws Exception {
    knowsRanges = false;
    breakOffs.add(150_000);

    install(libraries());

    assertThat(libraries().isInstalled()).isTrue();
  }

  @Test
  void anotherFileIsRefusedAndDeleted() throws Exception {
    TensorRtLibraries libraries = libraries();
    byte[] other = bytes(CUDA).clone();
    other[1_000] ^= 1;
    served.put(CUDA, other);

    assertThatThrownBy(() -> install(libraries))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("must have")
        .hasMessageEndingWith("it was deleted");
    assertThat(libraries.isInstalled()).isFalse();
    assertThat(names(engines)).noneMatch(name -> name.startsWith("cuda.jar"));
  }

  @Test
  void aRepositoryThatHasItNotIsNamed() throws Exception {
    TensorRtLibraries libraries = libraries();
    served.remove(TENSORRT);

    assertThatThrownBy(() -> install(libraries))
        .isInstanceOf(DownloadException.class)
        .hasMessage(
            "%s/%s: the server answered 404; --repository names another repository"
                .formatted(repository(), TENSORRT));
    assertThat(asked).hasSize(1);
  }

  @Test
  void aServerInTroubleIsAskedAgainAFewTimes() throws Exception {
    failWith = 503;

    assertThatThrownBy(() -> install(libraries())).hasMessageContaining("the server answered 503");
    assertThat(asked).hasSize(5);
  }

  @Test
  void aDiskThatIsTooSmallIsToldBeforeAnythingIsFetched() throws Exception {
    TensorRtLibraries libraries = libraries(Long.MAX_VALUE / 2);

    assertThatThrownBy(() -> install(libraries))
        .isInstanceOf(InstallException.class)
        .hasMessageMatching(".* has [0-9.]+ GB free, and needs [0-9.]+ GB .*");
    assertThat(asked).isEmpty();
  }

  @Test
  void archivesWithoutTheLibrariesAreRefused() throws Exception {
    served.put(CUDA, jar("org/bytedeco/cuda/linux-x86_64/", "libcufft.so.11"));

    assertThatThrownBy(() -> install(libraries())).hasMessage("the archives lack libcudart.so.12");
    assertThat(libraries().isInstalled()).isFalse();
  }
}
