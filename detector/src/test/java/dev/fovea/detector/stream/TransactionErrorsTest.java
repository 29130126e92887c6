package dev.fovea.detector.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.detector.stream.TransactionErrors.Remedy;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransactionErrorsTest {

  static Stream<Throwable> hopeless() {
    return Stream.of(
        new TopicAuthorizationException("no"),
        new GroupAuthorizationException("no"),
        new TransactionalIdAuthorizationException("no"),
        new SaslAuthenticationException("no"),
        new UnsupportedVersionException("no"),
        new InvalidTxnTimeoutException("too long"),
        new RecordTooLargeException("too large"),
        new SerializationException("not bytes"));
  }

  @ParameterizedTest
  @MethodSource("hopeless")
  void whatFailsAgainIsFatalHoweverItIsWrapped(Throwable error) {
    assertThat(TransactionErrors.remedy(error)).isEqualTo(Remedy.FATAL);
    assertThat(TransactionErrors.remedy(new KafkaException("send failed", error)))
        .isEqualTo(Remedy.FATAL);
    // The producer says that the transaction can be aborted, and why it failed: it would again.
    assertThat(TransactionErrors.remedy(new TransactionAbortableException("abort", error)))
        .isEqualTo(Remedy.FATAL);
  }

  static Stream<Throwable> abortable() {
    return Stream.of(
        new TransactionAbortableException("abort it"),
        new CommitFailedException("the group has moved on"));
  }

  @ParameterizedTest
  @MethodSource("abortable")
  void whatLeavesTheProducerFitIsAborted(Throwable error) {
    assertThat(TransactionErrors.remedy(error)).isEqualTo(Remedy.ABORT);
    assertThat(TransactionErrors.remedy(new KafkaException("commit failed", error)))
        .isEqualTo(Remedy.ABORT);
  }

  @Test
  void aFencedProducerIsNotAbortedHoweverItIsWrapped() {
    assertThat(
            TransactionErrors.remedy(
                new TransactionAbortableException(
                    "abort", new ProducerFencedException("another has the id"))))
        .isEqualTo(Remedy.NEW_PRODUCER);
  }

  static Stream<Throwable> inDoubt() {
    return Stream.of(
        new TimeoutException("the commit did not end in time"),
        new InvalidTxnStateException("a coordinator's time-out raced the commit"),
        new ProducerFencedException("another has the id"),
        new OutOfOrderSequenceException("a gap"),
        new KafkaException("of a kind that is yet to be invented"),
        new KafkaException(new IOException("the connection broke")));
  }

  @ParameterizedTest
  @MethodSource("inDoubt")
  void whateverLeavesTheOutcomeInDoubtTakesANewProducer(Throwable error) {
    assertThat(TransactionErrors.remedy(error)).isEqualTo(Remedy.NEW_PRODUCER);
    assertThat(TransactionErrors.remedy(new KafkaException("commit failed", error)))
        .isEqualTo(Remedy.NEW_PRODUCER);
  }
}
