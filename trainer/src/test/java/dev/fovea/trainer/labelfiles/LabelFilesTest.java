package dev.fovea.trainer.labelfiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.avro.LabelledBox;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelFilesTest {
  private static final String VOC =
      """
      <annotation>
        <folder>x</folder>
        <filename>a.jpg</filename>
        <size><width>999</width><height>1</height><depth>3</depth></size>
        <object>
          <name>car</name>
          <part><name>wheel</name><bndbox><xmin>1</xmin></bndbox></part>
          <bndbox><xmax>50</xmax><xmin>11</xmin><ymin>21</ymin><ymax>60</ymax></bndbox>
        </object>
      </annotation>
      """;

  @TempDir Path folder;
  private Path images;
  private Path labels;

  @BeforeEach
  void pictures() throws IOException {
    images = Files.createDirectory(folder.resolve("images"));
    labels = Files.createDirectory(folder.resolve("labels"));
    picture("a.jpg", "jpg");
    picture("b.png", "png");
  }

  @Test
  void theSameBoxReadsTheSameInEveryFormat() throws IOException {
    write(
        "coco.json",
        """
        {"categories": [{"id": 7, "name": "car"}, {"id": 9, "name": "van"}],
         "images": [
           {"id": 1, "file_name": "a.jpg", "width": 160, "height": 96},
           {"id": 2, "file_name": "b.png", "width": 160, "height": 96, "not_exhaustive_category_ids": [9]}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 20, 40, 40], "area": 1, "iscrowd": 0},
           {"id": 2, "image_id": 1, "category_id": 9, "bbox": [0, 0, 99, 50], "area": 1, "iscrowd": 1}]}
        """);
    write("a.xml", VOC);
    write("a.txt", "0 0.1875 0.416666666 0.25 0.416666666\n");
    write("classes.txt", "car\nvan\n");

    List<FileLabels> coco = LabelFormat.COCO.read(labels.resolve("coco.json"), images, none());
    List<FileLabels> voc = LabelFormat.VOC.read(labels, images, none());
    List<FileLabels> yolo = LabelFormat.YOLO.read(labels, images, none());

    LabelledBox car = new LabelledBox("car", 10f, 20f, 50f, 60f);
    for (List<FileLabels> read : List.of(coco, voc, yolo)) {
      assertThat(read.get(0).picture()).isEqualTo(images.resolve("a.jpg"));
      assertThat(read.get(0).widthPx()).isEqualTo(160);
      assertThat(read.get(0).heightPx()).isEqualTo(96);
      LabelledBox box = read.get(0).boxes().get(0);
      assertThat(box.getLabel()).isEqualTo("car");
      assertThat(new float[] {box.getX1(), box.getY1(), box.getX2(), box.getY2()})
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(car.getX1(), car.getY1(), car.getX2(), car.getY2());
      assertThat(read.get(0).boxes()).hasSize(1);
    }
    assertThat(coco.get(0).classes()).as("a crowd of vans").containsExactly("car");
    assertThat(coco.get(1).classes()).as("vans not exhaustive").containsExactly("car");
    assertThat(voc).singleElement().extracting(FileLabels::classes).isEqualTo(List.of("car"));
    assertThat(yolo).hasSize(2);
    assertThat(yolo.get(1).boxes()).as("no file, no objects").isEmpty();
    assertThat(yolo.get(1).classes()).containsExactly("car", "van");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          names: [car, 'van']          | car,van
          nc: 2~names:~  - car # x~  - van~val: x | car,van
          names:~  1: van~  0: "car"~nc: 2 | car,van
          """)
  void aDataYamlNamesItsClasses(String yaml, String names) throws IOException {
    write("data.yaml", yaml.replace('~', '\n'));

    assertThat(ClassList.read(labels.resolve("data.yaml"))).isEqualTo(List.of(names.split(",")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 .5 .5 .1          | :2: must have five values, class cx cy w h, not 4
          0 .1 .1 .2 .2 .3 .3 | :2: must have five values, class cx cy w h, not 7 (outlines
          2 .5 .5 .1 .1       | :2: class must be 0 to 1, not 2
          0.5 .5 .5 .1 .1     | :2: class must be 0 to 1, not 0.5
          -1 .5 .5 .1 .1      | :2: class must be 0 to 1, not -1
          0 .5 x .1 .1        | :2: "x" is not a number
          0 .5 NaN .1 .1      | :2: "NaN" is not a number
          0 .5 .5 0 .1        | :2: w and h must be above 0
          0 .9 .5 .4 .1       | :2: the box must lie inside the picture
          """)
  void aWrongYoloLineIsNamed(String line, String rule) throws IOException {
    write("classes.txt", "car\nvan\n");
    write("a.txt", "0 .5 .5 .1 .1\n" + line + "\n");

    assertThatThrownBy(() -> LabelFormat.YOLO.read(labels, images, none()))
        .isInstanceOf(LabelFileException.class)
        .hasMessageStartingWith(labels.resolve("a.txt") + rule);
  }

  @Test
  void aYoloFileWithoutPictureOrClassesIsNamed() throws IOException {
    assertThatThrownBy(() -> LabelFormat.YOLO.read(labels, images, none()))
        .hasMessageContaining("has neither data.yaml nor classes.txt: give --classes FILE");
    write("classes.txt", "car\n");
    write("c.txt", "0 .5 .5 .1 .1\n");
    assertThatThrownBy(() -> LabelFormat.YOLO.read(labels, images, none()))
        .hasMessage(labels.resolve("c.txt") + ": has no picture of that name in " + images);
    write("classes.txt", "car\ncar\n");
    assertThatThrownBy(() -> LabelFormat.YOLO.read(labels, images, none()))
        .hasMessageContaining("must name each class once");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <filename>a.jpg</filename> | <filename>../labels/a.xml</filename> | :3: the picture "../labels/a.xml" must be a file inside
          <filename>a.jpg</filename> | <filename>/etc/passwd</filename>     | :3: the picture "/etc/passwd" must be a file inside
          <filename>a.jpg</filename> | <filename>none.jpg</filename>        | :3: there is no picture
          <filename>a.jpg</filename> | <folder/>                            | :1: the picture "" must be
          <xmin>11</xmin>            | <xmin>99</xmin>                      | :5: the object's <bndbox> must have xmin <= xmax
          <xmin>11</xmin>            | <xmin>NaN</xmin>                     | :8: "NaN" must be a number of pixels
          <xmin>11</xmin>            | <xmin/>                              | :8: "" must be a number of pixels
          <xmin>11</xmin>            | <xmin>&amp;</xmin>                   | :8: "&" must be a number
          <xmin>11</xmin>            | <xmin>&bomb;</xmin>                  | :8: is not XML: The entity "bomb" was referenced
          <name>car</name>           | <name> </name>                       | :5: the object must have a <name>
          </annotation>              | <x/>                                 | :11: is not XML
          <annotation>               | <html>                               | :1: must be an <annotation>
          """)
  void aWrongVocFileIsNamedWithTheLine(String from, String to, String rule) throws IOException {
    String text = VOC.replace(from, to);
    write("a.xml", from.equals("<annotation>") ? text.replace("</annotation>", "</html>") : text);

    assertThatThrownBy(() -> LabelFormat.VOC.read(labels, images, none()))
        .isInstanceOf(LabelFileException.class)
        .hasMessageStartingWith(labels.resolve("a.xml") + rule);
  }

  /** Ten entities of ten each: a gigabyte, if they were unfolded; and a file that would be read. */
  @Test
  void aDocumentTypeIsRefused() throws IOException {
    write(
        "a.xml",
        """
        <?xml version="1.0"?>
        <!DOCTYPE annotation [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>
        """
            + VOC.replace("<name>car</name>", "<name>&b;</name>"));

    assertThatThrownBy(() -> LabelFormat.VOC.read(labels, images, none()))
        .isInstanceOf(LabelFileException.class)
        .hasMessageContaining("must have no document type (DOCTYPE)");
  }

  @Test
  void aClassThatIsNotInTheListIsNamed() throws IOException {
    write("a.xml", VOC);
    write("names", "van\n");

    assertThatThrownBy(
            () -> LabelFormat.VOC.read(labels, images, Optional.of(labels.resolve("names"))))
        .hasMessage(labels.resolve("a.xml") + ":5: unknown class \"car\"; the list has [van]");
  }

  @Test
  void aCocoFileOfAnotherSizeIsNamed() throws IOException {
    write(
        "coco.json",
        """
        {"categories": [{"id": 7, "name": "car"}], "annotations": [],
         "images": [{"id": 1, "file_name": "a.jpg", "width": 96, "height": 160}]}
        """);

    assertThatThrownBy(() -> LabelFormat.COCO.read(labels.resolve("coco.json"), images, none()))
        .hasMessageContaining("coco.json: image 1: ")
        .hasMessageContaining("is 160x96, not 96x160");
  }

  private static Optional<Path> none() {
    return Optional.empty();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(labels.resolve(name), text);
  }

  private void picture(String name, String format) throws IOException {
    ImageIO.write(
        new BufferedImage(160, 96, BufferedImage.TYPE_INT_RGB),
        format,
        images.resolve(name).toFile());
  }
}
