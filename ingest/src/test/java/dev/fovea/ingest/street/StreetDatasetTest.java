package dev.fovea.ingest.street;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.schema.avro.LabelledBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreetDatasetTest {
  @TempDir Path folder;

  @Test
  void annotationsAreTheTruthOfThePictures() throws Exception {
    StreetDataset dataset = new StreetDataset(11, 6, 2);
    List<Long> reported = new ArrayList<>();
    dataset.write(folder, (done, total) -> reported.add(done));
    assertThat(reported).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);

    JsonNode coco = new ObjectMapper().readTree(folder.resolve("annotations.json").toFile());
    assertThat(coco.path("categories").findValuesAsText("name"))
        .containsExactly("car", "person", "bicycle");
    assertThat(coco.path("images")).hasSize(6);
    int annotation = 0;
    for (int i = 0; i < 6; i++) {
      JsonNode image = coco.path("images").get(i);
      Path picture = folder.resolve("images").resolve(image.path("file_name").asText());
      assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(image.path("width").asInt());
      for (LabelledBox box : dataset.scene(i).truth(0)) {
        JsonNode written = coco.path("annotations").get(annotation++);
        assertThat(written.path("image_id")).isEqualTo(image.path("id"));
        JsonNode name = coco.path("categories").get(written.path("category_id").asInt() - 1);
        assertThat(name.path("name").asText()).isEqualTo(box.getLabel());
        JsonNode bbox = written.path("bbox");
        assertThat(Math.abs(bbox.get(0).asDouble() - box.getX1())).isLessThan(0.01);
        assertThat(Math.abs(bbox.get(1).asDouble() - box.getY1())).isLessThan(0.01);
        assertThat(bbox.get(0).asDouble() + bbox.get(2).asDouble()).isBetween(0.0, 640.01);
        assertThat(Math.abs(bbox.get(3).asDouble() - (box.getY2() - box.getY1()))).isLessThan(0.01);
      }
    }
    assertThat(coco.path("annotations")).hasSize(annotation);
  }

  @Test
  void filesDependOnTheSeedAndNotOnTheWorkers() throws Exception {
    new StreetDataset(4, 3, 1).write(folder.resolve("one"), (done, total) -> {});
    new StreetDataset(4, 3, 3).write(folder.resolve("three"), (done, total) -> {});
    new StreetDataset(5, 3, 3).write(folder.resolve("other"), (done, total) -> {});
    for (String file : List.of("annotations.json", "images/000001.jpg", "images/000003.jpg")) {
      byte[] one = Files.readAllBytes(folder.resolve("one").resolve(file));
      assertThat(Files.readAllBytes(folder.resolve("three").resolve(file))).isEqualTo(one);
      assertThat(Files.readAllBytes(folder.resolve("other").resolve(file))).isNotEqualTo(one);
    }
  }

  @Test
  void aDaysPicturesAreBrighterThanANights() {
    double day = meanLuminance(DatasetLight.DAY);
    double night = meanLuminance(DatasetLight.NIGHT);
    assertThat(night).isLessThan(day * 0.6);
    assertThat(meanLuminance(DatasetLight.MIXED)).isBetween(night, day);
  }

  private static double meanLuminance(DatasetLight light) {
    StreetDataset dataset = new StreetDataset(7, 8, light, 1);
    double sum = 0;
    for (int i = 0; i < 8; i++) {
      sum += StreetSceneTest.luminance(dataset.scene(i).render(0));
    }
    return sum / 8;
  }

  @Test
  void aFolderWithFilesIsLeftAlone() throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "keep");
    assertThatThrownBy(() -> new StreetDataset(1, 1, 1).write(folder, (done, total) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("must be absent or empty")
        .hasMessageContaining(folder.toString());
    assertThat(folder.resolve("annotations.json")).doesNotExist();
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatThrownBy(() -> new StreetDataset(1, 0, 1)).hasMessageContaining("count 0");
    assertThatThrownBy(() -> new StreetDataset(1, 1, 0)).hasMessageContaining("workers 0");
    assertThatThrownBy(() -> StreetSettings.of(1).withSize(10, 360))
        .hasMessageContaining("widthPx");
    assertThatThrownBy(() -> Daylight.fixed(24)).hasMessageContaining("hour 24");
  }
}
