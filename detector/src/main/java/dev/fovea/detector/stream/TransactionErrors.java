package dev.fovea.detector.stream;

import java.util.List;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * What to do after a transaction failed: the classes of KIP-1050, with the exceptions that do not
 * extend them yet (Kafka 4.3) put where they belong.
 */
final class TransactionErrors {

  /** Each is safe where the one before is. */
  enum Remedy {
    /** The transaction can be aborted and the producer used again. */
    ABORT,
    /**
     * How the transaction ended is not known, or the producer is done for: a new one, under the
     * same transactional id, settles it.
     */
    NEW_PRODUCER,
    /** Trying again fails again. */
    FATAL
  }

  private static final List<Class<? extends Throwable>> FATAL =
      List.of(
          InvalidConfigurationException.class,
          AuthenticationException.class,
          AuthorizationException.class,
          UnsupportedVersionException.class,
          InvalidTxnTimeoutException.class,
          RecordTooLargeException.class,
          SerializationException.class);

  /** CommitFailedException: the group has moved on (another generation); the producer is fit. */
  private static final List<Class<? extends Throwable>> ABORTABLE =
      List.of(TransactionAbortableException.class, CommitFailedException.class);

  private TransactionErrors() {}

  /**
   * The remedy for {@code error}. All that is neither known to be abortable nor known to be
   * hopeless needs a new producer: time-outs, {@code INVALID_TXN_STATE} (a coordinator's time-out
   * that raced a commit), fenced epochs, and whatever a later Kafka invents.
   */
  static Remedy remedy(Throwable error) {
    if (anyIn(error, FATAL)) {
      return Remedy.FATAL;
    }
    if (anyIn(error, List.of(ApplicationRecoverableException.class))) {
      return Remedy.NEW_PRODUCER;
    }
    return anyIn(error, ABORTABLE) ? Remedy.ABORT : Remedy.NEW_PRODUCER;
  }

  private static boolean anyIn(Throwable error, List<Class<? extends Throwable>> classes) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      for (Class<? extends Throwable> type : classes) {
        if (type.isInstance(e)) {
          return true;
        }
      }
    }
    return false;
  }
}
