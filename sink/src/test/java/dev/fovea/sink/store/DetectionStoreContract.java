package dev.fovea.sink.store;

import static dev.fovea.sink.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.sink.store.DetectionQueries.AnswerKey;
import dev.fovea.sink.store.DetectionQueries.AnswerQuery;
import dev.fovea.sink.store.DetectionQueries.Box;
import dev.fovea.sink.store.DetectionQueries.CountedWindow;
import dev.fovea.sink.store.DetectionQueries.StoredAnswer;
import dev.fovea.sink.store.DetectionQueries.WindowKey;
import dev.fovea.sink.store.DetectionQueries.WindowQuery;
import dev.fovea.sink.store.DetectionStore.Advance;
import dev.fovea.sink.store.DetectionStore.Batch;
import dev.fovea.sink.store.DetectionStore.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every database must do. */
abstract class DetectionStoreContract {
  private static final long T0 = 1_764_000_000_000_000L;
  private static final String TOPIC = "detections";

  private SqlDatabase database;
  private DetectionStore store;

  /** Opens the database that this test writes to; empty the first time, the same after that. */
  abstract SqlDatabase open() throws StoreException;

  @BeforeEach
  void openStore() throws StoreException {
    database = open();
    store = database.store();
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  private void reopen() throws StoreException {
    database.close();
    openStore();
  }

  private static Batch batch(long from, long to, Detections... answers) {
    return new Batch(List.of(answers), List.of(), List.of(new Advance(TOPIC, 0, "id", from, to)));
  }

  private OutcomeTotals totalsOf(String camera) throws StoreException {
    return Objects.requireNonNull(store.totals().get(camera));
  }

  private List<StoredAnswer> all() throws StoreException {
    return database.queries().answers(new AnswerQuery(null, 0, Long.MAX_VALUE, 10_000, null));
  }

  @Test
  void rowsTotalsAndPositionsSurviveReopening() throws StoreException {
    store.write(
        batch(
            -1,
            7,
            answer("lot", 1, T0, Outcome.DETECTED, "car", "person"),
            answer("lot", 2, T0 + 1, Outcome.UNDECODABLE)));
    reopen();
    assertThat(store.positions()).containsExactly(new Position(TOPIC, 0, "id", 7));
    assertThat(totalsOf("lot")).isEqualTo(new OutcomeTotals("lot", 1, 0, 0, 1, 1, 2, T0 + 1, 0, 0));
    List<StoredAnswer> rows = all();
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).boxes())
        .containsExactly(
            new Box("car", 0.9f, 0f, 2f, 10.5f, 20f),
            new Box("person", 0.9f - 0.1f, 4f, 2f, 14.5f, 20f));
    assertThat(rows.get(1).error()).isEqualTo("not a JPEG");
  }

  @Test
  void aBatchThatFailsLeavesNothing() throws StoreException {
    store.write(batch(-1, 1, answer("lot", 1, T0, Outcome.DETECTED, "car")));
    // Its position is not where the store has it: the transaction must take everything back.
    Batch wrong =
        new Batch(
            List.of(answer("lot", 2, T0 + 1, Outcome.DETECTED, "car")),
            List.of(new Count("lot", "car", T0, T0 + 10, 1L, 1L, 1)),
            List.of(new Advance(TOPIC, 1, "id", -1, 5), new Advance(TOPIC, 0, "id", 99, 100)));
    assertThatThrownBy(() -> store.write(wrong))
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.isTransient()).isFalse())
        .hasMessageContaining("another sink");
    assertThat(all()).hasSize(1);
    assertThat(store.positions()).containsExactly(new Position(TOPIC, 0, "id", 1));
    assertThat(totalsOf("lot").answered()).isEqualTo(1);
    assertThat(windows(null, 10)).isEmpty();
  }

  @Test
  void aBatchWrittenTwiceIsRefused() throws StoreException {
    Batch batch = batch(-1, 3, answer("lot", 1, T0, Outcome.DETECTED, "car"));
    store.write(batch);
    assertThatThrownBy(() -> store.write(batch)).hasMessageContaining("another sink");
    assertThat(totalsOf("lot").answered()).isEqualTo(1);
  }

  @Test
  void aFrameAnsweredAgainIsCountedAsRepeatedAndKeepsItsFirstRow() throws StoreException {
    store.write(
        batch(
            -1,
            2,
            answer("lot", 1, T0, Outcome.DETECTED, "car"),
            answer("lot", 1, T0, Outcome.STALE)));
    store.write(batch(2, 3, answer("lot", 1, T0, Outcome.UNCHANGED, "person")));
    assertThat(all()).hasSize(1);
    assertThat(all().get(0).outcome()).isEqualTo("DETECTED");
    assertThat(totalsOf("lot").repeated()).isEqualTo(2);
  }

  @Test
  void aGapInTheNumbersIsMissing() throws StoreException {
    store.write(
        batch(
            -1,
            2,
            answer("lot", 4, T0, Outcome.DETECTED),
            answer("lot", 8, T0 + 1, Outcome.DETECTED)));
    OutcomeTotals totals = totalsOf("lot");
    assertThat(totals.firstFrameNumber()).isEqualTo(4);
    assertThat(totals.missing()).isEqualTo(3);
  }

  @Test
  void pagesFollowEachOtherWithoutGapOrRepeat() throws StoreException {
    List<Detections> answers = new ArrayList<>();
    for (int n = 1; n <= 25; n++) {
      answers.add(answer("lot", n, T0 + n, Outcome.DETECTED, "car"));
      answers.add(answer("yard", n, T0 + n, Outcome.DETECTED, "person"));
    }
    store.write(batch(-1, 50, answers.toArray(Detections[]::new)));
    List<AnswerKey> seen = new ArrayList<>();
    AnswerKey after = null;
    while (true) {
      List<StoredAnswer> page =
          database.queries().answers(new AnswerQuery(null, T0, T0 + 1_000, 7, after));
      for (StoredAnswer row : page) {
        after = new AnswerKey(row.captureTimeMicros(), row.camera());
        seen.add(after);
        assertThat(row.boxes()).hasSize(1);
      }
      if (page.size() < 7) {
        break;
      }
    }
    assertThat(seen).hasSize(50).doesNotHaveDuplicates();
    assertThat(database.queries().answers(new AnswerQuery("lot", T0 + 3, T0 + 5, 100, null)))
        .extracting(StoredAnswer::frameNumber)
        .containsExactly(3L, 4L);
  }

  private List<CountedWindow> windows(@Nullable String label, int limit) throws StoreException {
    return database.queries().windows(new WindowQuery(null, label, 0, Long.MAX_VALUE, limit, null));
  }

  @Test
  void theLastUpdateOfAWindowCounts() throws StoreException {
    store.write(
        new Batch(
            List.of(),
            List.of(
                new Count("lot", "car", T0, T0 + 10, 1L, 2L, 2),
                new Count("lot", "car", T0, T0 + 10, 2L, 3L, 2)),
            List.of()));
    store.write(
        new Batch(
            List.of(),
            List.of(
                new Count("lot", "car", T0, T0 + 10, 3L, 3L, 2),
                new Count("lot", "it's \"x\"; DROP TABLE counts; --\0", T0, T0 + 10, 3L, 1L, 1)),
            List.of()));
    assertThat(windows("car", 10))
        .containsExactly(new CountedWindow("lot", "car", T0, T0 + 10, 3, 3, 2));
    List<CountedWindow> page = windows(null, 1);
    CountedWindow first = page.get(0);
    assertThat(
            database
                .queries()
                .windows(
                    new WindowQuery(
                        null,
                        null,
                        0,
                        Long.MAX_VALUE,
                        10,
                        new WindowKey(first.startMicros(), first.camera(), first.label()))))
        .hasSize(1);
  }

  @Test
  void totalsOutliveTheRows() throws StoreException {
    store.write(
        batch(
            -1,
            2,
            answer("lot", 1, T0, Outcome.DETECTED, "car"),
            answer("lot", 2, T0 + 10, Outcome.DETECTED, "car")));
    assertThat(store.removeBefore(T0 + 5, 0)).isEqualTo(1);
    assertThat(all()).hasSize(1);
    assertThat(all().get(0).boxes()).hasSize(1);
    store.write(batch(2, 3, answer("lot", 3, T0 + 20, Outcome.DETECTED)));
    assertThat(totalsOf("lot").answered()).isEqualTo(3);
  }

  @Test
  void aTopicMadeAnewBeginsAgain() throws StoreException {
    store.write(batch(-1, 9, answer("lot", 1, T0, Outcome.DETECTED)));
    store.startOver(TOPIC, true);
    assertThat(store.positions()).isEmpty();
    assertThat(store.totals()).isEmpty();
    // The same frame from the new topic: counted, and its row is there already.
    store.write(batch(-1, 1, answer("lot", 1, T0, Outcome.DETECTED)));
    assertThat(all()).hasSize(1);
    assertThat(totalsOf("lot").answered()).isEqualTo(1);
  }
}
