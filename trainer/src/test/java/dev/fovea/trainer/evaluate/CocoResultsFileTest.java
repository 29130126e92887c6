package dev.fovea.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.trainer.Golden;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.DatasetException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CocoResultsFileTest {
  private static final CocoDataset TRUTH =
      CocoDataset.readTruth(Golden.file("coco-eval/ground-truth.json"));
  private static final String GOOD =
      "{\"image_id\": 42, \"category_id\": 18, \"bbox\": [1, 2, 3, 4], \"score\": 0.5}";

  @TempDir Path folder;

  @Test
  void readsEntriesAndLeavesAloneWhatElseTheyHave() throws Exception {
    Path file = write("[" + GOOD.replace("{", "{\"segmentation\": [[1, 2]], ") + "]");
    assertThat(CocoResultsFile.read(file, TRUTH))
        .containsExactly(new ScoredBox(42, TRUTH.categoryIds().indexOf(18L), 1, 2, 3, 4, 0.5));
    assertThat(CocoResultsFile.read(write("[]"), TRUTH)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"image_id\": 42   | \"image_id\": 43       | the ground truth has no image 43",
        "\"image_id\": 42   | \"image\": 42          | must have image_id",
        "\"category_id\": 18 | \"category_id\": 12345 | has no category 12345",
        "[1, 2, 3, 4]       | [1, 2, 3]              | bbox must be",
        "[1, 2, 3, 4]       | [1, 2, -3, 4]          | bbox must be",
        "[1, 2, 3, 4]       | [1, 2, 3, null]        | bbox must be",
        "0.5                | \"high\"              | is not a COCO result",
        "0.5                | 1e999                  | score must be a number"
      })
  void aBrokenEntryIsNamed(String good, String bad, String rule) throws Exception {
    Path file = write("[" + GOOD + ", " + GOOD.replace(good, bad) + "]");
    assertThatThrownBy(() -> CocoResultsFile.read(file, TRUTH))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("entry 1")
        .hasMessageContaining(rule);
  }

  @Test
  void aFileThatEndsEarlyOrIsNoListIsRefused() throws Exception {
    Path cut = write("[" + GOOD + ", " + GOOD.substring(0, 30));
    assertThatThrownBy(() -> CocoResultsFile.read(cut, TRUTH)).hasMessageContaining("entry 1");
    Path object = write("{\"annotations\": []}");
    assertThatThrownBy(() -> CocoResultsFile.read(object, TRUTH))
        .hasMessageContaining("must be a JSON list");
    assertThatThrownBy(() -> CocoResultsFile.read(folder.resolve("none.json"), TRUTH))
        .hasMessageContaining("none.json");
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("detections.json"), text);
  }
}
