package dev.fovea.schema;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How a service reaches Kafka, from the {@code kafka} block of its configuration; {@code
 * reference.conf} beside this class documents it.
 *
 * @param topicPrefix what every topic's name starts with, such as {@code fovea.}
 * @param partitions partitions of the topics keyed by camera, where this service creates them
 * @param replicationFactor replicas of a topic that is created; -1 = the broker's default
 * @param registryUrl a schema registry (Confluent wire format); empty = Avro single-object encoding
 * @param clientProperties every other {@code kafka.*} key, handed to Kafka's clients as it is
 * @param startupTimeout how long a starting service waits for Kafka
 * @param topics by a topic's name without prefix, what it keeps
 */
public record KafkaSettings(
    String topicPrefix,
    int partitions,
    short replicationFactor,
    Optional<String> registryUrl,
    Map<String, String> clientProperties,
    Duration startupTimeout,
    Map<String, TopicRetention> topics) {

  /** Where a service's configuration has these settings. */
  static final String BLOCK = "kafka";

  private static final String TOPICS = "topics";
  private static final Set<String> OWN =
      Set.of(
          "topic-prefix",
          "partitions",
          "replication-factor",
          "registry-url",
          "startup-timeout",
          TOPICS);

  /** Kafka allows 249 characters in all; the longest of our names needs some. */
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,200}");

  public KafkaSettings {
    if (!PREFIX.matcher(topicPrefix).matches()) {
      throw new IllegalArgumentException(
          "topic prefix \"" + topicPrefix + "\": must be at most 200 of A-Z a-z 0-9 . _ -");
    }
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions = " + partitions + ": must be at least 1");
    }
    if (replicationFactor != -1 && replicationFactor < 1) {
      throw new IllegalArgumentException(
          "replication factor " + replicationFactor + ": must be -1 or at least 1");
    }
    clientProperties = Map.copyOf(clientProperties);
    topics = Map.copyOf(topics);
  }

  /** Settings with the reference's retention and start-up time. */
  public KafkaSettings(
      String topicPrefix,
      int partitions,
      short replicationFactor,
      Optional<String> registryUrl,
      Map<String, String> clientProperties) {
    this(
        topicPrefix,
        partitions,
        replicationFactor,
        registryUrl,
        clientProperties,
        startupTimeout(defaults().atPath(BLOCK)),
        topics(defaults().atPath(BLOCK)));
  }

  /**
   * Reads the {@code kafka} block; what it leaves out is as in the reference, and keys that are not
   * Fovea's own are the clients'.
   *
   * @throws ConfigException if a value is out of its range, or a key looks like a slip of the pen
   */
  public static KafkaSettings from(Config kafka) {
    Config defaults = defaults();
    Config block = kafka.withFallback(defaults);
    StrictConfig.checkBlock(path(TOPICS), defaults.getConfig(TOPICS), block.getConfig(TOPICS));
    // Under its own name again, so that an error names the whole key.
    Config all = block.atPath(BLOCK);
    return new KafkaSettings(
        topicPrefix(all),
        StrictConfig.intBetween(all, path("partitions"), 1, 10_000),
        replicationFactor(all),
        registryUrl(all),
        clientProperties(all),
        startupTimeout(all),
        topics(all));
  }

  /** The documented block, environment variables not yet put in. */
  static Config reference() {
    return ConfigFactory.parseResources(
        KafkaSettings.class,
        "reference.conf",
        ConfigParseOptions.defaults().setAllowMissing(false));
  }

  /** A fresh, mutable copy of the client properties with {@code overrides} on top. */
  public Map<String, Object> clientProperties(Map<String, ?> overrides) {
    Map<String, Object> merged = new HashMap<>(clientProperties);
    merged.putAll(overrides);
    return merged;
  }

  /** Properties for an admin client: what is only for producers or consumers is left out. */
  public Map<String, Object> adminProperties(String clientId, Map<String, ?> overrides) {
    return properties(AdminClientConfig.configNames(), clientId, overrides);
  }

  /** Properties for a producer: what is only for other clients is left out. */
  public Map<String, Object> producerProperties(String clientId, Map<String, ?> overrides) {
    return properties(ProducerConfig.configNames(), clientId, overrides);
  }

  /** Properties for a consumer: what is only for other clients is left out. */
  public Map<String, Object> consumerProperties(String clientId, Map<String, ?> overrides) {
    return properties(ConsumerConfig.configNames(), clientId, overrides);
  }

  /** The brokers to start from, as a person gave them. */
  public String bootstrapServers() {
    return clientProperties.getOrDefault(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "(none)");
  }

  /** Names every key, and no secret. */
  @Override
  public String toString() {
    Map<String, String> shown = new TreeMap<>();
    clientProperties.forEach((key, value) -> shown.put(key, Secrets.masked(key, value)));
    return "KafkaSettings[topicPrefix="
        + topicPrefix
        + ", partitions="
        + partitions
        + ", replicationFactor="
        + replicationFactor
        + ", registryUrl="
        + registryUrl.map(url -> Secrets.masked("registry-url", url)).orElse("")
        + ", startupTimeout="
        + startupTimeout
        + ", topics="
        + new TreeMap<>(topics)
        + ", clientProperties="
        + shown
        + "]";
  }

  private Map<String, Object> properties(
      Set<String> known, String clientId, Map<String, ?> overrides) {
    Set<String> foreign = new HashSet<>(clientConfigNames());
    foreign.removeAll(known);
    Map<String, Object> merged = new HashMap<>(clientProperties);
    merged.keySet().removeAll(foreign);
    // The user's client.id is a prefix: the clients of one service need names of their own.
    merged.merge(CommonClientConfigs.CLIENT_ID_CONFIG, clientId, (user, own) -> user + "-" + own);
    merged.putAll(overrides);
    return merged;
  }

  private static Config defaults() {
    return reference().resolve(ConfigResolveOptions.noSystem()).getConfig(BLOCK);
  }

  private static String topicPrefix(Config config) {
    String prefix = config.getString(path("topic-prefix"));
    if (!PREFIX.matcher(prefix).matches()) {
      throw StrictConfig.refuse(
          config, path("topic-prefix"), "must be at most 200 characters of A-Z a-z 0-9 . _ -");
    }
    return prefix;
  }

  private static short replicationFactor(Config config) {
    String key = path("replication-factor");
    int replicas = StrictConfig.intBetween(config, key, -1, Short.MAX_VALUE);
    if (replicas == 0) {
      throw StrictConfig.refuse(config, key, "must be -1 or at least 1");
    }
    return (short) replicas;
  }

  private static Duration startupTimeout(Config config) {
    return StrictConfig.durationBetween(
        config, path("startup-timeout"), Duration.ofSeconds(1), Duration.ofDays(1));
  }

  private static Optional<String> registryUrl(Config config) {
    String key = path("registry-url");
    String url = config.getString(key);
    if (url.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(url);
      if (Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null) {
        return Optional.of(url);
      }
    } catch (URISyntaxException e) {
      // Refused below, in our words.
    }
    throw StrictConfig.refuse(config, key, "must be an http:// or https:// url");
  }

  private static Map<String, TopicRetention> topics(Config config) {
    Map<String, TopicRetention> topics = new HashMap<>();
    for (String name : config.getObject(path(TOPICS)).keySet()) {
      topics.put(name, TopicRetention.from(config, path(TOPICS) + "." + ConfigUtil.joinPath(name)));
    }
    return topics;
  }

  private static Map<String, String> clientProperties(Config config) {
    Map<String, String> client = new HashMap<>();
    for (Map.Entry<String, ConfigValue> entry : config.getConfig(BLOCK).entrySet()) {
      List<String> path = ConfigUtil.splitPath(entry.getKey());
      String key = String.join(".", path);
      if (!OWN.contains(path.get(0))) {
        refuseSlip(key, config, path(entry.getKey()));
        client.put(key, asProperty(entry.getValue()));
      }
    }
    return client;
  }

  private static String path(String key) {
    return BLOCK + "." + key;
  }

  /** {@code kafka.partitons} would be no client's property, and silently do nothing. */
  private static void refuseSlip(String key, Config config, String path) {
    Set<String> known = new HashSet<>(clientConfigNames());
    known.addAll(OWN);
    if (known.contains(key)) {
      return;
    }
    known.stream()
        .filter(name -> NearestName.editDistance(name, key) <= 2)
        .findFirst()
        .ifPresent(
            name -> {
              throw StrictConfig.refuse(
                  config, path, "unknown key; did you mean \"" + path(name) + "\"?");
            });
  }

  private static String asProperty(ConfigValue value) {
    return value.valueType() == ConfigValueType.LIST
        ? ((Collection<?>) value.unwrapped())
            .stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value.unwrapped());
  }

  private static Set<String> clientConfigNames() {
    Set<String> names = new HashSet<>(ProducerConfig.configNames());
    names.addAll(ConsumerConfig.configNames());
    names.addAll(AdminClientConfig.configNames());
    return names;
  }
}
