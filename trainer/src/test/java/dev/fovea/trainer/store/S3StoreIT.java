package dev.fovea.trainer.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.ReleaseOutOfReachException;
import dev.fovea.detector.s3.ObjectStoreException;
import dev.fovea.detector.s3.ReleaseCache;
import dev.fovea.detector.s3.ReleaseCache.Contents;
import dev.fovea.detector.s3.S3Objects;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.detector.s3.S3Url;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The store in a bucket, against a real S3 server, with all that can be wrong with one. */
class S3StoreIT extends ModelStoreContract {
  private static final Map<String, String> CREDENTIALS =
      Map.of(
          "aws.accessKeyId", S3Server.IDENTITY,
          "aws.secretAccessKey", S3Server.SECRET,
          "aws.sharedCredentialsFile", "/nonexistent",
          "aws.configFile", "/nonexistent",
          "aws.disableEc2Metadata", "true");

  @TempDir static Path served;
  private static S3Server server;

  private final List<S3Objects> opened = new ArrayList<>();
  private S3Url root;
  private Duration timeout = Duration.ofSeconds(20);

  @BeforeAll
  static void startServer() throws Exception {
    server = S3Server.start(served.resolve("buckets"));
    server.bucket("models");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void givenCredentials(TestInfo test) {
    CREDENTIALS.forEach(System::setProperty);
    String id = test.getTestMethod().orElseThrow().getName() + test.getDisplayName().hashCode();
    root = S3Url.parse("s3://models/site/" + id);
  }

  @AfterEach
  void takeThemAway() {
    opened.forEach(S3Objects::close);
    CREDENTIALS.keySet().forEach(System::clearProperty);
  }

  @Override
  ModelStore store() {
    return store(server.endpoint(), root);
  }

  @Override
  Path shelf(StoredRelease kept) throws IOException {
    return server.bucket("models").resolve(S3Url.parse(kept.uri()).key());
  }

  private ModelStore store(URI endpoint, S3Url root) {
    S3Objects objects = objects(endpoint);
    return new S3Store(objects, root, new ReleaseCache(objects, fetched(), Contents.WHOLE));
  }

  private ReleaseCache cache(URI endpoint) {
    return new ReleaseCache(objects(endpoint), fetched(), Contents.SERVED);
  }

  private S3Objects objects(URI endpoint) {
    S3Objects objects =
        new S3Objects(
            new S3Settings(
                Optional.of(endpoint), Optional.empty(), true, timeout, Duration.ofSeconds(60)));
    opened.add(objects);
    return objects;
  }

  private Path fetched() {
    return folder.resolve("fetched");
  }

  @Test
  void withNeitherEndpointNorRegionItSaysWhatToSet() {
    assumeTrue(System.getenv("AWS_REGION") == null, "AWS_REGION is set, and would be taken");
    S3Objects nowhere =
        new S3Objects(
            new S3Settings(
                Optional.empty(), Optional.empty(), true, timeout, Duration.ofSeconds(60)));
    opened.add(nowhere);
    ModelStore store =
        new S3Store(nowhere, root, new ReleaseCache(nowhere, fetched(), Contents.WHOLE));

    assertThatThrownBy(store::list)
        .isInstanceOf(ObjectStoreException.class)
        .hasMessageContaining("s3://models")
        .hasMessageContaining("needs a region, and there is none: set region or AWS_REGION");
  }

  @Test
  void aStoreThatIsKilledInTheMiddleOfAnUploadShowsNoReleaseAndTakesItAfterwards()
      throws Exception {
    Path release = copy("release");
    try (CuttingProxy proxy =
        new CuttingProxy(
            server.port(), CuttingProxy.Way.TO_SERVER, 1_500_000, () -> server.kill())) {
      assertThatThrownBy(() -> store(proxy.endpoint(), root).put(release))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(root + "/street-synthetic/")
          .hasMessageContaining("does not answer");
      assertThat(proxy.hasCut()).isTrue();
    } finally {
      server.startAgain();
    }

    assertThat(store().list()).as("half a release").isEmpty();
    StoredRelease kept = store().put(release);
    assertThat(store().list()).containsExactly(kept);
    assertThat(
            ReleaseFolder.open(store().folder(kept.name(), kept.version()).orElseThrow())
                .manifestSha256())
        .isEqualTo(ReleaseFolder.open(MODEL).manifestSha256());
  }

  @Test
  void aDownloadThatIsCutOffLeavesNothingAndIsTriedAgain() throws Exception {
    StoredRelease kept = store().put(MODEL);
    String sum = ReleaseFolder.open(MODEL).manifestSha256();
    S3Url url = S3Url.parse(kept.uri());
    try (CuttingProxy proxy =
        new CuttingProxy(server.port(), CuttingProxy.Way.TO_CLIENT, 1_000_000, () -> {})) {
      assertThatThrownBy(() -> cache(proxy.endpoint()).folder(url, sum))
          .isInstanceOf(ReleaseOutOfReachException.class)
          .hasMessageContaining(kept.uri() + "/model.onnx");
      assertThat(proxy.hasCut()).isTrue();
    }
    assertThat(fetched()).isEmptyDirectory();

    assertThat(cache(server.endpoint()).folder(url, sum).resolve("model.onnx"))
        .hasSameBinaryContentAs(MODEL.resolve("model.onnx"));
  }

  @Test
  void aReleaseThatWasFetchedNeedsNoStore() throws Exception {
    StoredRelease kept = store().put(MODEL);
    String sum = ReleaseFolder.open(MODEL).manifestSha256();
    Path place = cache(server.endpoint()).folder(S3Url.parse(kept.uri()), sum);

    assertThat(cache(closedPort()).folder(S3Url.parse(kept.uri()), sum)).isEqualTo(place);

    Files.write(place.resolve("model.onnx"), new byte[7]);
    assertThat(cache(server.endpoint()).folder(S3Url.parse(kept.uri()), sum).resolve("model.onnx"))
        .as("fetched again, since it was damaged here")
        .hasSameBinaryContentAs(MODEL.resolve("model.onnx"));
  }

  @Test
  void onlyTheReleasesUsedLastStayFetched() throws Exception {
    ReleaseCache cache = cache(server.endpoint());
    List<Path> places = new ArrayList<>();
    for (int version = 1; version <= 6; version++) {
      Path release = variant("street", String.valueOf(version));
      StoredRelease kept = store().put(release);
      places.add(
          cache.folder(S3Url.parse(kept.uri()), ReleaseFolder.open(release).manifestSha256()));
    }

    assertThat(places.get(0)).doesNotExist();
    assertThat(places.subList(1, 6)).allSatisfy(place -> assertThat(place).isDirectory());
  }

  @Test
  void aReleaseThatIsNotTheOneAnnouncedIsRefusedBeforeItsModelIsFetched() throws Exception {
    StoredRelease kept = store().put(MODEL);
    Files.delete(shelf(kept).resolve("model.onnx"));
    String announced = "0".repeat(64);

    assertThatThrownBy(() -> cache(server.endpoint()).folder(S3Url.parse(kept.uri()), announced))
        .isExactlyInstanceOf(ModelLoadException.class)
        .hasMessageContaining(kept.uri() + "/manifest.json must have the SHA-256 " + announced);
    assertThat(fetched()).isEmptyDirectory();
  }

  @Test
  void aMissingObjectIsRefused() throws Exception {
    StoredRelease kept = store().put(MODEL);
    String sum = ReleaseFolder.open(MODEL).manifestSha256();
    Files.delete(shelf(kept).resolve("model.onnx"));

    assertThatThrownBy(() -> cache(server.endpoint()).folder(S3Url.parse(kept.uri()), sum))
        .isExactlyInstanceOf(ModelLoadException.class)
        .hasMessageContaining(kept.uri() + "/model.onnx")
        .hasMessageContaining("has no such object; put it there, or announce another release");
  }

  @Test
  void aMissingBucketIsNamed() {
    S3Url elsewhere = S3Url.parse("s3://no-such-bucket/site");

    for (Attempt attempt : attempts(server.endpoint(), elsewhere)) {
      assertThatThrownBy(attempt::run)
          .hasMessageContaining("s3://no-such-bucket/site")
          .hasMessageContaining("has no bucket \"no-such-bucket\"; make it, or correct the url");
    }
  }

  @Test
  void aStoreThatRefusesConnectionsIsNamed() throws Exception {
    URI nobody = closedPort();

    for (Attempt attempt : attempts(nobody, root)) {
      assertThatThrownBy(attempt::run)
          .hasMessageContaining(root.toString())
          .hasMessageContaining(nobody + " does not answer: Connection refused; check that");
    }
  }

  @Test
  void aStoreThatNeverAnswersIsGivenUpInTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI endpoint = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      timeout = Duration.ofMillis(300);
      long began = System.nanoTime();

      for (Attempt attempt : attempts(endpoint, root)) {
        assertThatThrownBy(attempt::run)
            .hasMessageContaining(root.toString())
            .hasMessageContaining(endpoint + " does not answer: Read timed out; check that");
      }
      assertThatThrownBy(
              () ->
                  objects(endpoint).upload(MODEL.resolve("model.onnx"), root.resolve("model.onnx")))
          .hasMessageContaining(root + "/model.onnx " + endpoint + " does not answer");

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
    }
  }

  @Test
  void missingCredentialsAreAskedFor() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");

    for (Attempt attempt : attempts(server.endpoint(), root)) {
      assertThatThrownBy(attempt::run)
          .hasMessageContaining(root.toString())
          .hasMessageContaining("needs credentials, and there are none: set AWS_ACCESS_KEY_ID and");
    }
  }

  @Test
  void credentialsThatAreNotTheStoresAreNamedAsTheReasonAndNotSaid() {
    System.setProperty("aws.secretAccessKey", "another-secret");

    for (Attempt attempt : attempts(server.endpoint(), root)) {
      assertThatThrownBy(attempt::run)
          .hasMessageContaining(root.toString())
          .hasMessageContaining("is not allowed by " + server.endpoint())
          .hasMessageContaining("check the credentials")
          .hasMessageNotContaining("another-secret");
    }
  }

  @Test
  void theSecretIsInNoLogAtAnyLevel() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    root.addAppender(said);
    root.setLevel(Level.TRACE);
    try {
      store().put(MODEL);
      System.setProperty("aws.secretAccessKey", "another-secret");
      assertThatThrownBy(() -> store().list()).hasMessageContaining("is not allowed");
    } finally {
      root.setLevel(before);
      root.detachAppender(said);
    }

    assertThat(said.list).as("the client logs").hasSizeGreaterThan(10);
    assertThat(said.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.contains(S3Server.SECRET) || line.contains("another-secret"));
  }

  private interface Attempt {
    void run() throws Exception;
  }

  /** Everything that is done with a store; each in its own client, as separate processes do. */
  private List<Attempt> attempts(URI endpoint, S3Url root) {
    return List.of(
        () -> store(endpoint, root).put(MODEL),
        () -> store(endpoint, root).list(),
        () -> store(endpoint, root).folder("street", "1"),
        () -> cache(endpoint).folder(root.resolve("street/1"), "0".repeat(64)));
  }

  private static URI closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}
