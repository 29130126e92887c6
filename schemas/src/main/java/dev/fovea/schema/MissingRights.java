package dev.fovea.schema;

import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;

/** Says which right a Kafka user lacks: Kafka's own errors name the thing at most. */
public final class MissingRights {
  private MissingRights() {}

  /** The sentence about rights that were found missing before anything was done. */
  static String sentence(Collection<KafkaRight> missing) {
    return sentence(missing.stream().map(KafkaRight::toString).collect(Collectors.joining(", ")));
  }

  /**
   * What a client failed with, in a sentence that names the right, where a right is what it lacked;
   * else {@code error} itself. For what cannot be looked up beforehand, and rights withdrawn later.
   *
   * @param onTopics what the client does to topics, such as {@code READ}
   * @param transactionalId the client's, or what it starts with; empty where it has none
   */
  public static Throwable explain(Throwable error, String onTopics, String transactionalId) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof TopicAuthorizationException topics) {
        String names = String.join(", ", topics.unauthorizedTopics());
        return explained(onTopics + " on topic " + names, error);
      }
      if (e instanceof GroupAuthorizationException group) {
        return explained("READ on group " + group.groupId(), error);
      }
      if (e instanceof TransactionalIdAuthorizationException) {
        return explained("WRITE on transactional id " + transactionalId, error);
      }
    }
    return error;
  }

  private static IllegalStateException explained(String rights, Throwable error) {
    return new IllegalStateException(sentence(rights), error);
  }

  private static String sentence(String rights) {
    return "this Kafka user lacks "
        + rights
        + " (docs/security.md lists the rights each service needs)";
  }
}
