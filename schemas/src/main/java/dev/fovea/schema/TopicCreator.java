package dev.fovea.schema;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics that a service needs, at its start, and looks at those that exist: topics
 * whose partition counts don't match are an error, since a camera's records would not meet; other
 * differences are a warning. Calling it again, or from two services at once, is harmless.
 */
public final class TopicCreator {
  private static final Logger log = LoggerFactory.getLogger(TopicCreator.class);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration RETRY_BACKOFF = Duration.ofMillis(500);

  private final Admin admin;
  private final KafkaSettings kafka;

  public TopicCreator(Admin admin, KafkaSettings kafka) {
    this.admin = admin;
    this.kafka = kafka;
  }

  /**
   * Creates those of {@code topics} that are missing and returns when all exist.
   *
   * @throws IllegalStateException as the other {@code ensure}
   */
  public void ensure(List<Topic<?, ?>> topics) throws InterruptedException {
    ensure(topics, List.of());
  }

  /**
   * Creates those of {@code topics} that are missing and returns when all exist and this user has
   * {@code rights}, so that a service fails at its start rather than at its first record. What
   * cannot be asked for (a group or topic that is not there yet, transactional ids) is left to the
   * client that needs it, and to {@link MissingRights#explain}.
   *
   * @throws IllegalStateException with one sentence: if Kafka does not answer within {@code
   *     kafka.startup-timeout}, or does not accept this user; if a topic is missing and may not or
   *     can't be created; if a right is missing; if topics keyed by camera have different partition
   *     counts
   */
  public void ensure(List<Topic<?, ?>> topics, List<KafkaRight> rights)
      throws InterruptedException {
    List<KafkaRight> needed = withDescribe(topics, rights);
    long deadline = System.nanoTime() + kafka.startupTimeout().toNanos();
    while (true) {
      try {
        RightsCheck check = new RightsCheck(admin, needed);
        Map<String, Integer> partitions = partitionsOf(topics, check, deadline);
        List<Topic<?, ?>> missing =
            topics.stream().filter(topic -> !partitions.containsKey(topic.name())).toList();
        if (missing.isEmpty()) {
          requireSamePartitions(partitions);
          check.creatable(partitions.keySet(), timeoutMs(deadline));
          check.groups(timeoutMs(deadline));
          check.requireNoneMissing();
          warnOfDifferences(topics, partitions, deadline);
          return;
        }
        create(missing, deadline);
      } catch (RetriableException e) {
        waitOrGiveUp(e, deadline);
      } catch (AuthenticationException e) {
        String why = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
        throw failure(where() + " does not accept this client: " + e.getMessage() + why, e);
      }
    }
  }

  /** A topic that a service does nothing with but make sure of must be seen; others are anyway. */
  private static List<KafkaRight> withDescribe(List<Topic<?, ?>> topics, List<KafkaRight> rights) {
    List<KafkaRight> all = new ArrayList<>(rights);
    for (Topic<?, ?> topic : topics) {
      if (rights.stream().noneMatch(right -> right.name().equals(topic.name()))) {
        all.add(KafkaRight.onTopic(AclOperation.DESCRIBE, topic.name()));
      }
    }
    return all;
  }

  /**
   * Partition counts by name, of those of {@code topics} and of all topics keyed by camera that
   * exist; this user's rights on them are looked at on the way.
   */
  private Map<String, Integer> partitionsOf(
      List<Topic<?, ?>> topics, RightsCheck rights, long deadline) throws InterruptedException {
    Set<String> names = new HashSet<>(rights.topics());
    topics.forEach(topic -> names.add(topic.name()));
    Topics.KEYED_BY_CAMERA.forEach(name -> names.add(kafka.topicPrefix() + name));
    Map<String, Integer> partitions = new TreeMap<>();
    DescribeTopicsOptions options =
        new DescribeTopicsOptions()
            .includeAuthorizedOperations(true)
            .timeoutMs(timeoutMs(deadline));
    for (var answer : admin.describeTopics(names, options).topicNameValues().entrySet()) {
      String name = answer.getKey();
      try {
        TopicDescription topic = get(answer.getValue());
        partitions.put(name, topic.partitions().size());
        rights.topic(name, topic.authorizedOperations());
      } catch (UnknownTopicOrPartitionException e) {
        // Missing; if it is wanted, it is created.
      } catch (AuthorizationException e) {
        rights.hidden(name);
      }
    }
    rights.requireNoneMissing();
    return partitions;
  }

  private void create(List<Topic<?, ?>> missing, long deadline) throws InterruptedException {
    Map<String, Topic<?, ?>> byName = new LinkedHashMap<>();
    List<NewTopic> wanted = new ArrayList<>();
    for (Topic<?, ?> topic : missing) {
      byName.put(topic.name(), topic);
      Optional<Short> replicas =
          kafka.replicationFactor() < 0 ? Optional.empty() : Optional.of(kafka.replicationFactor());
      wanted.add(
          new NewTopic(topic.name(), Optional.of(topic.partitions()), replicas)
              .configs(new HashMap<>(topic.configs())));
    }
    CreateTopicsOptions options = new CreateTopicsOptions().timeoutMs(timeoutMs(deadline));
    for (var result : admin.createTopics(wanted, options).values().entrySet()) {
      String name = result.getKey();
      try {
        get(result.getValue());
        log.info("Created {}", byName.get(name));
      } catch (TopicExistsException e) {
        log.debug("Topic {} was created by another service", name);
      } catch (AuthorizationException e) {
        throw failure(
            "topic "
                + name
                + " does not exist, and "
                + MissingRights.sentence(List.of(KafkaRight.onTopic(AclOperation.CREATE, name)))
                + ": "
                + byName.get(name),
            e);
      } catch (RetriableException e) {
        throw e;
      } catch (RuntimeException e) {
        throw failure("topic " + name + " could not be created: " + e.getMessage(), e);
      }
    }
  }

  private void requireSamePartitions(Map<String, Integer> partitions) {
    Map<String, Integer> keyedByCamera = new TreeMap<>();
    for (String name : Topics.KEYED_BY_CAMERA) {
      Integer count = partitions.get(kafka.topicPrefix() + name);
      if (count != null) {
        keyedByCamera.put(kafka.topicPrefix() + name, count);
      }
    }
    if (new HashSet<>(keyedByCamera.values()).size() > 1) {
      throw new IllegalStateException(
          "topics keyed by camera need the same number of partitions, and have "
              + keyedByCamera.entrySet().stream()
                  .map(e -> e.getKey() + ": " + e.getValue())
                  .collect(Collectors.joining(", "))
              + "; a camera's frames and detections would not meet. Use a new kafka.topic-prefix, or"
              + " delete the topics that are wrong");
    }
  }

  private void warnOfDifferences(
      List<Topic<?, ?>> topics, Map<String, Integer> partitions, long deadline)
      throws InterruptedException {
    for (Topic<?, ?> topic : topics) {
      Integer count = partitions.get(topic.name());
      if (count != null && count != topic.partitions()) {
        log.warn(
            "Topic {} has {} partitions where this configuration says {}; it stays as it is",
            topic.name(),
            count,
            topic.partitions());
      }
    }
    Map<ConfigResource, Topic<?, ?>> byResource = new HashMap<>();
    topics.forEach(
        topic ->
            byResource.put(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), topic));
    DescribeConfigsOptions options = new DescribeConfigsOptions().timeoutMs(timeoutMs(deadline));
    for (var answer : admin.describeConfigs(byResource.keySet(), options).values().entrySet()) {
      Topic<?, ?> topic = byResource.get(answer.getKey());
      try {
        if (topic != null) {
          warnOfOtherConfig(topic, get(answer.getValue()));
        }
      } catch (AuthorizationException e) {
        log.debug("Topic {}: this user may not see its configuration", answer.getKey().name());
      }
    }
  }

  private static void warnOfOtherConfig(Topic<?, ?> topic, Config actual) {
    Map<String, String> differences = new TreeMap<>();
    topic
        .configs()
        .forEach(
            (key, wanted) -> {
              ConfigEntry entry = actual.get(key);
              if (entry != null && entry.value() != null && !entry.value().equals(wanted)) {
                differences.put(key, entry.value() + " where this configuration says " + wanted);
              }
            });
    differences.forEach(
        (key, difference) ->
            log.warn(
                "Topic {} has {} = {}; it stays as it is (kafka-configs.sh changes it)",
                topic.name(),
                key,
                difference));
  }

  private void waitOrGiveUp(RetriableException e, long deadline) throws InterruptedException {
    long left = deadline - System.nanoTime();
    String where = where();
    if (left <= RETRY_BACKOFF.toNanos()) {
      throw failure(
          where
              + " did not answer within "
              + kafka.startupTimeout().toMillis()
              + " ms (kafka.bootstrap.servers, kafka.startup-timeout): "
              + e.getMessage(),
          e);
    }
    log.warn(
        "{} does not answer yet ({}); trying for {} s more",
        where,
        e.getMessage(),
        Duration.ofNanos(left).toSeconds());
    Thread.sleep(RETRY_BACKOFF.toMillis());
  }

  private String where() {
    return "Kafka at " + Secrets.masked("", kafka.bootstrapServers());
  }

  private static int timeoutMs(long deadline) {
    long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    return (int) Math.max(1, Math.min(left, REQUEST_TIMEOUT.toMillis()));
  }

  /** Waits for an answer, which the request's time-out bounds; throws what Kafka says. */
  static <T> T get(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static IllegalStateException failure(String sentence, Exception cause) {
    return new IllegalStateException(sentence, cause);
  }
}
