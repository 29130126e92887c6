package dev.fovea.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CocoDatasetTest {
  private static final String CATEGORIES =
      "\"categories\":[{\"id\":7,\"name\":\"bus\"},{\"id\":3,\"name\":\"car\"}]";

  @TempDir Path folder;

  @BeforeEach
  void pictures() throws IOException {
    Files.createFile(folder.resolve("a.jpg"));
    Files.createFile(folder.resolve("b.jpg"));
  }

  @Test
  void classesAreInTheOrderOfTheirIdsAndEmptyPicturesAreKept() throws IOException {
    CocoDataset data = read(image(1, "a.jpg") + "," + image(2, "b.jpg"), box(1, 7, "1,2,30,40"));
    assertThat(data.classes()).containsExactly("car", "bus");
    assertThat(data.categoryIds()).containsExactly(3L, 7L);
    assertThat(data.pictures()).extracting(p -> p.annotations().size()).containsExactly(1, 0);
    assertThat(data.pictures().get(0).annotations().get(0).label()).isEqualTo(1);
    assertThat(data.pictures().get(0).annotations().get(0).area()).isEqualTo(1200);
  }

  @Test
  void aMissingPictureIsNamed() {
    assertRefused(image(1, "gone.jpg"), "", "image 1 (gone.jpg)", "there is no file");
  }

  @Test
  void aPictureOutsideTheFolderIsRefused() {
    assertRefused(image(1, "../x.jpg"), "", "image 1 (../x.jpg)", "inside");
  }

  @Test
  void aBoxOutsideThePictureIsNamed() {
    assertRefused(image(1, "a.jpg"), box(1, 3, "90,0,20,10"), "annotation 5 of image 1", "100x80");
  }

  @Test
  void aBoxWithoutAreaIsNamed() {
    assertRefused(image(1, "a.jpg"), box(1, 3, "9,0,0,10"), "annotation 5", "above 0");
  }

  @Test
  void anUnknownCategoryIsNamedWithTheKnownOnes() {
    assertRefused(image(1, "a.jpg"), box(1, 4, "1,1,5,5"), "unknown category 4", "[3, 7]");
  }

  @Test
  void anAnnotationOfNoPictureIsNamed() {
    assertRefused(image(1, "a.jpg"), box(9, 3, "1,1,5,5"), "of image 9", "no such image");
  }

  @Test
  void twoPicturesOfOneIdAreRefused() {
    assertRefused(image(1, "a.jpg") + "," + image(1, "b.jpg"), "", "image 1 (b.jpg)", "unique");
  }

  @Test
  void everyProblemIsTold() {
    assertRefused(image(1, "gone.jpg") + "," + image(2, "lost.jpg"), "", "gone.jpg", "lost.jpg");
  }

  @Test
  void textThatIsNoJsonIsNamedWithItsPlace() throws IOException {
    Path file = folder.resolve("annotations.json");
    Files.writeString(file, "{\n\"images\": oops}");
    assertThatThrownBy(() -> CocoDataset.read(file, folder))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("line 2");
  }

  @Test
  void otherClassesThanExpectedAreNamed() throws IOException {
    CocoDataset data = read(image(1, "a.jpg"), "");
    assertThatThrownBy(() -> data.requireClasses(List.of("cat")))
        .hasMessageContaining("[car, bus]")
        .hasMessageContaining("[cat]");
  }

  private void assertRefused(String images, String annotations, String... said) {
    assertThatThrownBy(() -> read(images, annotations))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("annotations.json")
        .message()
        .contains(said);
  }

  private CocoDataset read(String images, String annotations) throws IOException {
    Path file = folder.resolve("annotations.json");
    Files.writeString(
        file,
        "{\"images\":[" + images + "],\"annotations\":[" + annotations + "]," + CATEGORIES + "}");
    return CocoDataset.read(file, folder);
  }

  private static String image(int id, String name) {
    return "{\"id\":" + id + ",\"file_name\":\"" + name + "\",\"width\":100,\"height\":80}";
  }

  private static String box(int image, int category, String bbox) {
    return "{\"id\":5,\"image_id\":"
        + image
        + ",\"category_id\":"
        + category
        + ",\"bbox\":["
        + bbox
        + "]}";
  }
}
