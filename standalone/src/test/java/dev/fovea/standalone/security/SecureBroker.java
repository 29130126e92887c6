package dev.fovea.standalone.security;

import dev.fovea.standalone.EmbeddedBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.awaitility.Awaitility;

/**
 * An embedded broker with Kafka's own authorizer and two listeners: one for the test, in the clear,
 * whose anonymous user may do anything; and one for services, SASL_SSL with SCRAM-SHA-512, client
 * certificates required, whose users may do what they are granted and nothing else.
 */
final class SecureBroker implements AutoCloseable {
  private static final int SCRAM_ITERATIONS = 4_096;

  private final EmbeddedBroker broker;
  private final Admin admin;
  private final String secureAddress;
  private final Path certificate;
  private final Path keystore;

  private SecureBroker(
      EmbeddedBroker broker, String secureAddress, Path certificate, Path keystore) {
    this.broker = broker;
    this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    this.secureAddress = secureAddress;
    this.certificate = certificate;
    this.keystore = keystore;
  }

  /**
   * @param keystorePassword of the one key that broker and services show each other
   */
  static SecureBroker start(Path folder, String keystorePassword) throws Exception {
    Files.createDirectories(folder);
    Path keystore = makeKey(folder, keystorePassword);
    Path certificate = exportCertificate(folder, keystore, keystorePassword);
    int clear = freePort();
    int secure = freePort();
    int controller = freePort();
    String host = "://127.0.0.1:";
    Map<String, String> properties = new HashMap<>();
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    properties.put(
        "listeners",
        "CLIENT%1$s%2$d,SECURE%1$s%3$d,CONTROLLER%1$s%4$d"
            .formatted(host, clear, secure, controller));
    properties.put(
        "advertised.listeners", "CLIENT%1$s%2$d,SECURE%1$s%3$d".formatted(host, clear, secure));
    properties.put(
        "listener.security.protocol.map", "CLIENT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT");
    properties.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    properties.put("super.users", "User:ANONYMOUS");
    String listener = "listener.name.secure.";
    properties.put(listener + "sasl.enabled.mechanisms", "SCRAM-SHA-512");
    properties.put(
        listener + "scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    properties.put(listener + "ssl.keystore.type", "PKCS12");
    properties.put(listener + "ssl.keystore.location", keystore.toString());
    properties.put(listener + "ssl.keystore.password", keystorePassword);
    properties.put(listener + "ssl.key.password", keystorePassword);
    properties.put(listener + "ssl.truststore.type", "PEM");
    properties.put(listener + "ssl.truststore.location", certificate.toString());
    properties.put(listener + "ssl.client.auth", "required");
    EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("data"), clear, properties);
    return new SecureBroker(broker, "127.0.0.1:" + secure, certificate, keystore);
  }

  /** The address in the clear, where the test may do anything. */
  String clearAddress() {
    return broker.bootstrapServers();
  }

  /** The address for services. */
  String secureAddress() {
    return secureAddress;
  }

  /** What clients must trust, PEM. */
  Path certificate() {
    return certificate;
  }

  /** The key that clients show, PKCS12. */
  Path keystore() {
    return keystore;
  }

  /** An admin that may do anything. */
  Admin admin() {
    return admin;
  }

  void addUser(String name, String password) throws Exception {
    ScramCredentialInfo scram =
        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS);
    admin
        .alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(name, scram, password)))
        .all()
        .get();
  }

  /** Grants, and returns once the broker goes by it. */
  void grant(Collection<AclBinding> rights) throws Exception {
    admin.createAcls(rights).all().get();
    awaitAcls(known -> known.containsAll(rights));
  }

  /** Withdraws, and returns once the broker goes by it. */
  void withdraw(AclBinding right) throws Exception {
    admin.deleteAcls(List.of(right.toFilter())).all().get();
    awaitAcls(known -> !known.contains(right));
  }

  private void awaitAcls(java.util.function.Predicate<Collection<AclBinding>> asWanted) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> asWanted.test(admin.describeAcls(AclBindingFilter.ANY).values().get()));
  }

  @Override
  public void close() {
    admin.close();
    broker.close();
  }

  private static Path makeKey(Path folder, String password) throws Exception {
    Path keystore = folder.resolve("key.p12");
    keytool(
        List.of(
            "-genkeypair",
            "-alias",
            "fovea",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=127.0.0.1",
            "-ext",
            "SAN=ip:127.0.0.1",
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-keystore",
            keystore.toString(),
            "-storepass",
            password));
    return keystore;
  }

  private static Path exportCertificate(Path folder, Path keystore, String password)
      throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    keytool(
        List.of(
            "-exportcert",
            "-rfc",
            "-alias",
            "fovea",
            "-keystore",
            keystore.toString(),
            "-storepass",
            password,
            "-file",
            certificate.toString()));
    return certificate;
  }

  /** The JDK's own tool: the JDK has no public API that makes certificates. */
  private static void keytool(List<String> arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool failed: " + said);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
