package dev.fovea.schema;

import com.microsoft.kiota.ApiException;
import io.apicurio.registry.rest.client.RegistryClient;
import io.apicurio.registry.rest.client.models.CreateArtifact;
import io.apicurio.registry.rest.client.models.CreateRule;
import io.apicurio.registry.rest.client.models.CreateVersion;
import io.apicurio.registry.rest.client.models.IfArtifactExists;
import io.apicurio.registry.rest.client.models.RuleType;
import io.apicurio.registry.rest.client.models.VersionContent;
import io.kiota.http.jdk.JDKRequestAdapter;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry (Apicurio): gives ids to schemas, and schemas for ids. A record's value schema
 * is filed under {@code TOPIC-value} in the default group, where the Confluent-compatible API and
 * so all its clients look for it, with the rule that later versions must be able to read all
 * earlier ones. May be shared between threads. Every answer is kept for good, since ids never
 * change; every wait is bounded.
 */
final class SchemaRegistry {
  private static final Logger log = LoggerFactory.getLogger(SchemaRegistry.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration UNKNOWN_ID_REMEMBERED = Duration.ofSeconds(30);
  private static final int MOST_UNKNOWN_IDS = 1000;
  private static final String API = "/apis/registry/v3";
  private static final String GROUP = "default";
  private static final String CONTENT_TYPE = "application/json";

  /** The client has no time-out of its own: a call that is given up on stays on such a thread. */
  private static final ExecutorService CALLS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "schema-registry");
            thread.setDaemon(true);
            return thread;
          });

  private final String url;
  private final Duration timeout;
  private final RegistryClient client;
  private final Map<Subject, Integer> idBySubject = new ConcurrentHashMap<>();
  private final Map<Integer, Schema> schemaById = new ConcurrentHashMap<>();

  /** When an id was last found unknown, {@code System.nanoTime()}: garbage must not cost a call. */
  private final Map<Integer, Long> unknownSince = new ConcurrentHashMap<>();

  SchemaRegistry(String url) {
    this(url, TIMEOUT);
  }

  SchemaRegistry(String url, Duration timeout) {
    this.url = Secrets.masked("", url);
    this.timeout = timeout;
    this.client = client(URI.create(url), timeout);
  }

  /**
   * The id of the values of {@code topic}, whose schema is {@code schema}; registers it if it is
   * new.
   *
   * @throws SerializationException if the registry refuses the schema
   * @throws SchemaRegistryUnavailableException if it does not answer in time
   */
  int idOf(String topic, Schema schema) {
    Subject subject = new Subject(topic, schema);
    Integer known = idBySubject.get(subject);
    if (known != null) {
      return known;
    }
    String what = "schema " + schema.getFullName() + " of topic " + topic;
    int id = call(what, () -> register(subject));
    idBySubject.put(subject, id);
    return id;
  }

  /**
   * The schema with {@code id}, for a record of {@code topic}.
   *
   * @throws SerializationException if there is none
   * @throws SchemaRegistryUnavailableException if the registry does not answer in time
   */
  Schema schemaOf(String topic, int id) {
    Schema known = schemaById.get(id);
    if (known != null) {
      return known;
    }
    String what = "schema " + id + " of a record of topic " + topic;
    if (wasUnknownLately(id)) {
      throw new SerializationException(what + ": the schema registry " + url + " has none");
    }
    Schema schema = call(what, () -> fetch(id));
    Schema first = schemaById.putIfAbsent(id, schema);
    return first == null ? schema : first;
  }

  private static RegistryClient client(URI url, Duration timeout) {
    HttpClient.Builder http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout);
    String user = url.getUserInfo();
    if (user != null) {
      String[] nameAndPassword = user.split(":", 2);
      String password = nameAndPassword.length > 1 ? nameAndPassword[1] : "";
      http.authenticator(new User(nameAndPassword[0], password));
    }
    JDKRequestAdapter adapter = new JDKRequestAdapter(http.build());
    adapter.setBaseUrl(baseUrl(url));
    return new RegistryClient(adapter);
  }

  /** The address of the registry's own API, whichever of its addresses the user gave. */
  private static String baseUrl(URI url) {
    String path = url.getPath() == null ? "" : url.getPath();
    int api = path.indexOf("/apis/");
    String prefix = api < 0 ? path.replaceAll("/+$", "") : path.substring(0, api);
    try {
      return new URI(url.getScheme(), null, url.getHost(), url.getPort(), prefix + API, null, null)
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("registry url: " + e.getMessage(), e);
    }
  }

  private int register(Subject subject) {
    VersionContent content = new VersionContent();
    content.setContent(subject.schema().toString());
    content.setContentType(CONTENT_TYPE);
    CreateVersion version = new CreateVersion();
    version.setContent(content);
    CreateArtifact artifact = new CreateArtifact();
    artifact.setArtifactId(subject.name());
    artifact.setArtifactType("AVRO");
    artifact.setFirstVersion(version);
    var response =
        client
            .groups()
            .byGroupId(GROUP)
            .artifacts()
            .post(
                artifact,
                request -> {
                  if (request.queryParameters != null) {
                    request.queryParameters.ifExists = IfArtifactExists.FIND_OR_CREATE_VERSION;
                  }
                });
    requireCompatibleVersions(subject);
    return response.getVersion().getContentId().intValue();
  }

  /** Has the registry refuse a later version that can't read what is in the topic. */
  private void requireCompatibleVersions(Subject subject) {
    CreateRule rule = new CreateRule();
    rule.setRuleType(RuleType.COMPATIBILITY);
    rule.setConfig("BACKWARD_TRANSITIVE");
    try {
      client.groups().byGroupId(GROUP).artifacts().byArtifactId(subject.name()).rules().post(rule);
    } catch (ApiException e) {
      // There is a rule already (409), which is the site's to choose; or no right to set one.
      log.debug("{}: no compatibility rule set: {}", subject.name(), reason(e));
    }
  }

  private Schema fetch(int id) throws IOException {
    try (InputStream content =
        client.ids().contentIds().byContentId(Integer.toUnsignedLong(id)).get()) {
      return new Schema.Parser().parse(content);
    } catch (ApiException e) {
      if (e.getResponseStatusCode() == 404) {
        rememberUnknown(id);
      }
      throw e;
    }
  }

  private boolean wasUnknownLately(int id) {
    Long since = unknownSince.get(id);
    return since != null && System.nanoTime() - since < UNKNOWN_ID_REMEMBERED.toNanos();
  }

  private void rememberUnknown(int id) {
    if (unknownSince.size() >= MOST_UNKNOWN_IDS) {
      unknownSince.clear();
    }
    unknownSince.put(id, System.nanoTime());
  }

  private <T> T call(String what, Callable<T> request) {
    Future<T> answer = CALLS.submit(request);
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new SchemaRegistryUnavailableException(
          what
              + ": the schema registry "
              + url
              + " did not answer within "
              + timeout.toMillis()
              + " ms",
          e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw failure(what, e.getCause() == null ? e : e.getCause());
    }
  }

  private RuntimeException failure(String what, Throwable cause) {
    if (cause instanceof Error e) {
      throw e;
    }
    Optional<ApiException> refused = apiException(cause);
    if (refused.isPresent()) {
      int status = refused.get().getResponseStatusCode();
      boolean later = status >= 500 || status == 408 || status == 429;
      String message =
          what
              + ": the schema registry "
              + url
              + " answered "
              + status
              + ": "
              + reason(refused.get());
      return later
          ? new SchemaRegistryUnavailableException(message, cause)
          : new SerializationException(message, cause);
    }
    if (cause instanceof AvroRuntimeException) {
      return new SerializationException(
          what
              + ": what the schema registry "
              + url
              + " has is no Avro schema: "
              + cause.getMessage(),
          cause);
    }
    return new SchemaRegistryUnavailableException(
        what + ": the schema registry " + url + " can't be reached: " + rootMessage(cause), cause);
  }

  private static Optional<ApiException> apiException(Throwable error) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof ApiException e && e.getResponseStatusCode() != 0) {
        return Optional.of(e);
      }
    }
    return Optional.empty();
  }

  private static String reason(ApiException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** Answers a registry that asks who is there. */
  private static final class User extends Authenticator {
    private final String name;
    private final String password;

    User(String name, String password) {
      this.name = name;
      this.password = password;
    }

    @Override
    protected PasswordAuthentication getPasswordAuthentication() {
      return new PasswordAuthentication(name, password.toCharArray());
    }
  }

  /** Where a schema is filed. */
  private record Subject(String topic, Schema schema) {
    String name() {
      return topic + "-value";
    }
  }
}
