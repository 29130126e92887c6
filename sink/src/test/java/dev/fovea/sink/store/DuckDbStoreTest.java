package dev.fovea.sink.store;

import static dev.fovea.sink.Answers.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.sink.store.DetectionStore.Advance;
import dev.fovea.sink.store.DetectionStore.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckDbStoreTest extends DetectionStoreContract {
  @TempDir Path folder;

  @Override
  SqlDatabase open() throws StoreException {
    return SqlDatabase.duckDb(folder.resolve("test.duckdb"), "256MB");
  }

  @Test
  void aFileThatIsNoDatabaseIsOneSentence() throws IOException {
    Path file = folder.resolve("broken.duckdb");
    Files.writeString(
        file, "this is no database, but it is long enough to be read as one".repeat(99));
    assertThatThrownBy(() -> SqlDatabase.duckDb(file, "256MB"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("no DuckDB database")
        .hasMessageNotContaining("\n");
  }

  /** A bound far below what was measured (about 60,000 rows/s), to notice a lost bulk path. */
  @Test
  void writesThousandsOfRowsASecond() throws StoreException {
    List<Detections> answers = new ArrayList<>();
    for (int n = 1; n <= 4_000; n++) {
      answers.add(
          answer("lot", n, 1_000_000L + n, Outcome.DETECTED, "car", "car", "person", "bicycle"));
    }
    try (SqlDatabase other = SqlDatabase.duckDb(folder.resolve("speed.duckdb"), "256MB")) {
      long start = System.nanoTime();
      other
          .store()
          .write(new Batch(answers, List.of(), List.of(new Advance("d", 0, "id", -1, 4_000))));
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf("DuckDB: %.0f rows/s%n", 20_000 / seconds);
      assertThat(20_000 / seconds).isGreaterThan(2_000);
    }
  }
}
