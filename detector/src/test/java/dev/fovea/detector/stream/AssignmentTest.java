package dev.fovea.detector.stream;

import static dev.fovea.detector.stream.Polled.LEFT;
import static dev.fovea.detector.stream.Polled.RIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  private static final ConsumerGroupMetadata MEMBER =
      new MockConsumer<>("earliest").groupMetadata();

  private final Assignment assignment = new Assignment();

  @BeforeEach
  void member() {
    assignment.member(MEMBER);
  }

  @Test
  void whatWasPolledOfAGrantedPartitionIsWorkedOnAndCommitted() {
    PolledFrame frame = granted(LEFT, 10);

    assertThat(assignment.admits(frame)).isTrue();
    assertThat(committable(frame)).containsExactly(frame);
    assertThat(assignment.committable(List.of(Polled.answer(frame))).orElseThrow().member())
        .isSameAs(MEMBER);
  }

  @Test
  void nothingCountsOfAPartitionThatWasNeverGranted() {
    assertThat(assignment.epoch(LEFT)).isEmpty();
    assertThat(assignment.admits(Polled.frame(LEFT, 1, 10))).isFalse();
    assertThat(committable(Polled.frame(LEFT, 1, 10))).isEmpty();
  }

  @Test
  void nothingIsCommittedBeforeTheGroupHasAName() {
    Assignment nameless = new Assignment();
    nameless.grant(LEFT);
    PolledFrame frame = Polled.frame(LEFT, nameless.epoch(LEFT).orElseThrow(), 10);

    assertThat(nameless.committable(List.of(Polled.answer(frame)))).isEmpty();
  }

  @Test
  void aDrainingPartitionTakesNothingInButCommitsWhatIsOnItsWay() {
    PolledFrame left = granted(LEFT, 10);
    PolledFrame right = granted(RIGHT, 20);

    assignment.drain(List.of(LEFT));

    assertThat(assignment.epoch(LEFT)).isEmpty();
    assertThat(assignment.admits(left)).isFalse();
    assertThat(assignment.admits(right)).isTrue();
    assertThat(committable(left, right)).containsExactly(left, right);
  }

  @Test
  void aRevokedPartitionVoidsWhatIsOnItsWayAndNoOthers() {
    PolledFrame left = granted(LEFT, 10);
    PolledFrame right = granted(RIGHT, 20);

    assignment.drain(List.of(LEFT));
    assignment.revoke(List.of(LEFT));

    assertThat(committable(left, right)).containsExactly(right);
  }

  @Test
  void aPartitionThatComesBackVoidsWhatWasPolledBeforeItLeft() {
    PolledFrame before = granted(LEFT, 10);
    assignment.revoke(List.of(LEFT));

    PolledFrame after = granted(LEFT, 10);

    assertThat(after.epoch()).isGreaterThan(before.epoch());
    assertThat(assignment.admits(before)).isFalse();
    assertThat(committable(before, after)).containsExactly(after);
  }

  @Test
  void afterAFailedTransactionNothingCountsUntilTheRewindAndThenOnlyWhatIsPolledAnew() {
    PolledFrame before = granted(LEFT, 10);

    assignment.suspend();
    assertThat(assignment.suspended()).isTrue();
    assertThat(assignment.rewindDue()).isFalse();
    assertThat(assignment.epoch(LEFT)).isEmpty();
    assertThat(assignment.admits(before)).isFalse();
    assertThat(committable(before)).isEmpty();

    assignment.requestRewind();
    assertThat(assignment.suspended()).isTrue();
    assertThat(assignment.rewindDue()).isTrue();

    assignment.rewound(List.of(LEFT));
    assertThat(assignment.suspended()).isFalse();
    assertThat(assignment.rewindDue()).isFalse();
    PolledFrame after = Polled.frame(LEFT, assignment.epoch(LEFT).orElseThrow(), 10);
    assertThat(assignment.admits(before)).isFalse();
    assertThat(committable(before, after)).containsExactly(after);
  }

  @Test
  void aPartitionGrantedWhileSuspendedIsPolledOnlyAfterTheRewindHasItsPlace() {
    assignment.suspend();
    assignment.grant(RIGHT);
    assertThat(assignment.epoch(RIGHT)).isEmpty();
    assignment.requestRewind();
    assignment.grant(RIGHT);
    assertThat(assignment.epoch(RIGHT)).isEmpty();

    assignment.rewound(List.of(LEFT, RIGHT));

    assertThat(assignment.epoch(LEFT)).isPresent();
    assertThat(assignment.epoch(RIGHT)).isPresent().isNotEqualTo(assignment.epoch(LEFT));
  }

  @Test
  void aPartitionLostWhileSuspendedDoesNotComeBackWithTheRewind() {
    PolledFrame left = granted(LEFT, 10);
    assignment.suspend();
    assignment.revoke(List.of(LEFT));
    assignment.requestRewind();

    assignment.rewound(List.of(RIGHT));

    assertThat(assignment.epoch(LEFT)).isEmpty();
    assertThat(committable(left)).isEmpty();
  }

  private PolledFrame granted(TopicPartition partition, long offset) {
    assignment.grant(partition);
    return Polled.frame(partition, assignment.epoch(partition).orElseThrow(), offset);
  }

  /** Of {@code frames}, those whose answers may be committed. */
  private List<PolledFrame> committable(PolledFrame... frames) {
    List<Answer> answers = new ArrayList<>();
    for (PolledFrame frame : frames) {
      answers.add(Polled.answer(frame));
    }
    return assignment
        .committable(answers)
        .map(committable -> committable.answers().stream().map(Answer::frame).toList())
        .orElse(List.of());
  }
}
