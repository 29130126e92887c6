package dev.fovea.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/** Holds the rights that a service needs against what Kafka says of this user. One thread. */
final class RightsCheck {
  private final Admin admin;
  private final List<KafkaRight> rights;
  private final List<KafkaRight> missing = new ArrayList<>();

  RightsCheck(Admin admin, List<KafkaRight> rights) {
    this.admin = admin;
    this.rights = rights;
  }

  /** Topics that the rights name. */
  Set<String> topics() {
    return operationsByName(ResourceType.TOPIC).keySet();
  }

  /**
   * What Kafka allows on a topic that is there; a broker that does not say is taken to allow all.
   */
  void topic(String name, @Nullable Set<AclOperation> allowed) {
    Set<AclOperation> needed = new TreeSet<>(onTopic(name));
    needed.remove(AclOperation.CREATE);
    if (allowed != null) {
      needed.removeAll(allowed);
      needed.forEach(operation -> missing.add(KafkaRight.onTopic(operation, name)));
    }
  }

  /** Kafka does not even let this user see a topic. */
  void hidden(String name) {
    onTopic(name).forEach(operation -> missing.add(KafkaRight.onTopic(operation, name)));
  }

  /** Whether the topics that are to be created later may be: Kafka is asked without doing it. */
  void creatable(Set<String> existing, int timeoutMs) throws InterruptedException {
    List<NewTopic> absent = new ArrayList<>();
    operationsByName(ResourceType.TOPIC)
        .forEach(
            (name, operations) -> {
              if (operations.contains(AclOperation.CREATE) && !existing.contains(name)) {
                absent.add(new NewTopic(name, Optional.empty(), Optional.empty()));
              }
            });
    CreateTopicsOptions options = new CreateTopicsOptions().validateOnly(true).timeoutMs(timeoutMs);
    for (var answer : admin.createTopics(absent, options).values().entrySet()) {
      try {
        TopicCreator.get(answer.getValue());
      } catch (TopicExistsException e) {
        // Another has created it since.
      } catch (AuthorizationException e) {
        missing.add(KafkaRight.onTopic(AclOperation.CREATE, answer.getKey()));
      }
    }
  }

  void groups(int timeoutMs) throws InterruptedException {
    Map<String, Set<AclOperation>> needed = operationsByName(ResourceType.GROUP);
    DescribeConsumerGroupsOptions options =
        new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true).timeoutMs(timeoutMs);
    for (var answer :
        admin.describeConsumerGroups(needed.keySet(), options).describedGroups().entrySet()) {
      String name = answer.getKey();
      Set<AclOperation> lacking = new TreeSet<>(needed.getOrDefault(name, Set.of()));
      try {
        Set<AclOperation> allowed = TopicCreator.get(answer.getValue()).authorizedOperations();
        lacking.removeAll(allowed == null ? lacking : allowed);
      } catch (GroupIdNotFoundException e) {
        // Nobody has joined it yet: Kafka cannot be asked what this user may do with it.
        lacking.clear();
      } catch (AuthorizationException e) {
        // All of them are missing.
      }
      lacking.forEach(operation -> missing.add(KafkaRight.onGroup(operation, name)));
    }
  }

  /**
   * Ends the check.
   *
   * @throws IllegalStateException naming the rights that were found missing so far
   */
  void requireNoneMissing() {
    if (!missing.isEmpty()) {
      throw new IllegalStateException(MissingRights.sentence(missing));
    }
  }

  private Set<AclOperation> onTopic(String name) {
    return operationsByName(ResourceType.TOPIC).getOrDefault(name, Set.of());
  }

  private Map<String, Set<AclOperation>> operationsByName(ResourceType resource) {
    Map<String, Set<AclOperation>> operations = new TreeMap<>();
    for (KafkaRight right : rights) {
      if (right.resource() == resource) {
        operations.computeIfAbsent(right.name(), name -> new TreeSet<>()).add(right.operation());
      }
    }
    return new HashMap<>(operations);
  }
}
