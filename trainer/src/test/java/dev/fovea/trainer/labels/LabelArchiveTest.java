package dev.fovea.trainer.labels;

import static dev.fovea.trainer.labels.Annotations.car;
import static dev.fovea.trainer.labels.Annotations.checked;
import static dev.fovea.trainer.labels.Annotations.jpeg;
import static dev.fovea.trainer.labels.Annotations.with;
import static dev.fovea.trainer.labels.Annotations.withdrawal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelArchiveTest {
  @TempDir Path root;

  @Test
  void aVersionIsADataSetThatTrainingReads() throws Exception {
    try (LabelArchive archive = LabelArchive.open(root)) {
      assertThat(archive.latest()).isEmpty();
      LabelVersion version = add(archive, minutes("gate", 40));

      assertThat(version.id()).isEqualTo("1");
      assertThat(version.parent()).isEmpty();
      assertThat(version.classes()).containsExactly("car", "person");
      assertThat(version.trainPictures() + version.valPictures()).isEqualTo(40);
      assertThat(version.valPictures()).isBetween(1, 20);
      assertThat(version.boxesByClass()).isEqualTo(Map.of("car", 40, "person", 0));
      assertThat(version.picturesByCamera()).isEqualTo(Map.of("gate", 40));
      CocoDataset train = CocoDataset.read(version.trainJson(), version.images());
      CocoDataset val = CocoDataset.read(version.valJson(), version.images());
      assertThat(train.classes()).containsExactly("car", "person");
      assertThat(train.pictures()).hasSize(version.trainPictures());
      assertThat(val.pictures()).hasSize(version.valPictures());
      LabelledPicture.Annotation box = train.pictures().get(0).annotations().get(0);
      assertThat(List.of(box.x(), box.y(), box.width(), box.height()))
          .containsExactly(10.0, 20.0, 40.0, 40.0);
    }
  }

  @Test
  void whatWasNotLookedForIsMarkedSo() throws Exception {
    Annotation onlyPersons =
        Annotation.newBuilder(Annotations.of("gate", 0))
            .setBoxes(List.of())
            .setClasses(List.of("person"))
            .build();
    try (LabelArchive archive = LabelArchive.open(root, allToTrain())) {
      LabelVersion version = add(archive, List.of(Annotations.of("gate", 100), onlyPersons));

      List<LabelledPicture> pictures =
          CocoDataset.read(version.trainJson(), version.images()).pictures();
      assertThat(pictures.get(0).unmarked()).isEmpty();
      assertThat(pictures.get(1).unmarked()).containsExactly(0);
    }
  }

  @Test
  void aCamerasMinuteIsOnOneSideAndStaysWhateverComesLater() throws Exception {
    List<Annotation> first = new ArrayList<>();
    for (long second = 0; second < 1_200; second += 20) {
      first.add(Annotations.of("gate", second));
      first.add(Annotations.of("yard", second));
    }
    Map<String, Side> sides;
    try (LabelArchive archive = LabelArchive.open(root)) {
      sides = sides(add(archive, first));
    }
    assertThat(sides).hasSize(120).containsValue(Side.VAL).containsValue(Side.TRAIN);
    assertThat(groups(first, sides)).allMatch(group -> group.size() == 1);

    // Another fraction, every label replaced, and more of the same minutes.
    LabelSettings half = settings(0.9, List.of());
    List<Annotation> more = new ArrayList<>();
    first.forEach(a -> more.add(with(a, car(), new LabelledBox("bus", 1f, 2f, 3f, 4f))));
    for (long second = 0; second < 2_400; second += 40) {
      more.add(Annotations.of("gate", second + 7));
    }
    try (LabelArchive archive = LabelArchive.open(root, half)) {
      Map<String, Side> later = sides(add(archive, more));

      assertThat(later).hasSize(180).containsAllEntriesOf(sides);
      assertThat(groups(more, later)).allMatch(group -> group.size() == 1);
      assertThat(later.values().stream().filter(side -> side == Side.VAL).count())
          .as("new minutes are drawn with the new fraction")
          .isGreaterThan(sides.values().stream().filter(side -> side == Side.VAL).count() + 20);
    }
  }

  @Test
  void filesThatLookAlikeAreOnOneSide() throws Exception {
    List<Annotation> files = new ArrayList<>();
    for (int scene = 1; scene <= 30; scene++) {
      for (int noise = 0; noise < 3; noise++) {
        files.add(Annotations.of("files", null, jpeg(scene, noise), car()));
      }
    }
    try (LabelArchive archive = LabelArchive.open(root)) {
      Map<String, Side> sides = sides(add(archive, files));

      assertThat(sides).hasSize(90).containsValue(Side.VAL).containsValue(Side.TRAIN);
      for (int scene = 0; scene < 30; scene++) {
        Set<Side> ofScene = new HashSet<>();
        for (Annotation file : files.subList(3 * scene, 3 * scene + 3)) {
          ofScene.add(sides.get(file.getPictureSha256()));
        }
        assertThat(ofScene).as("scene %d", scene).hasSize(1);
      }
    }
  }

  @Test
  void aPictureThatResemblesBothSidesIsWithheld() throws Exception {
    long[] a = new long[4];
    long[] b = {(1L << 60) - 1, 0, 0, 0};
    long[] between = {(1L << 30) - 1, 0, 0, 0};
    Split split = new Split(0.5);
    split.remember(entry("x", Side.TRAIN, a));
    split.remember(entry("y", Side.VAL, b));

    assertThat(split.place(frame("new", between)).side()).isEqualTo(Side.WITHHELD);
    assertThat(split.place(frame("like-a", new long[] {7, 0, 0, 0})))
        .isEqualTo(new Split.Place("x", Side.TRAIN));
    assertThat(split.place(frame("like-b", new long[] {(1L << 59) - 1, 0, 0, 0})))
        .isEqualTo(new Split.Place("y", Side.VAL));
  }

  @Test
  void aLaterAnnotationReplacesAndAWithdrawalTakesOut() throws Exception {
    Annotation picture = Annotations.of("gate", 5);
    Annotation recompressed =
        Annotations.of("gate", 5_000_000L, jpeg(77, 0), new LabelledBox("car", 0f, 0f, 9f, 9f));
    try (LabelArchive archive = LabelArchive.open(root, allToTrain())) {
      assertThat(add(archive, List.of(picture, Annotations.of("gate", 99))).boxes()).isEqualTo(2);

      LabelVersion relabelled = add(archive, List.of(with(picture, car(), carAt(60))));
      assertThat(relabelled.boxes()).isEqualTo(3);
      assertThat(relabelled.trainPictures()).isEqualTo(2);
      assertThat(archive.newSince("1")).isEqualTo(1);

      LabelVersion sameMoment = add(archive, List.of(recompressed));
      assertThat(sameMoment.trainPictures()).isEqualTo(2);
      assertThat(sameMoment.boxes()).isEqualTo(2);

      LabelVersion withdrawn = add(archive, List.of(withdrawal(recompressed)));
      assertThat(withdrawn.trainPictures()).isEqualTo(1);
      assertThat(withdrawn.parent()).contains(sameMoment.id());
      assertThat(archive.newSince("1")).isEqualTo(3);

      assertThat(add(archive, List.of(picture)).trainPictures()).as("labelled again").isEqualTo(2);
    }
  }

  @Test
  void whatIsSaidTwiceMakesNoVersionButIsNotReadAgain() throws Exception {
    Annotation picture = Annotations.of("gate", 5);
    try (LabelArchive archive = LabelArchive.open(root)) {
      LabelVersion version = add(archive, List.of(picture));

      assertThat(archive.add(List.of(checked(picture)), Map.of(0, 9L, 2, 4L))).contains(version);
      assertThat(archive.offsets()).isEqualTo(Map.of(0, 9L, 2, 4L));
    }
    try (LabelArchive archive = LabelArchive.open(root)) {
      assertThat(archive.latest().orElseThrow().id()).isEqualTo("1");
      assertThat(archive.offsets()).isEqualTo(Map.of(0, 9L, 2, 4L));

      archive.add(List.of(checked(Annotations.of("gate", 6))), Map.of(0, 10L));
      assertThat(archive.latest().orElseThrow().offsets()).isEqualTo(Map.of(0, 10L, 2, 4L));
    }
  }

  @Test
  void twoCamerasWithTheSamePictureAreSettledByTimeNotByArrival() throws Exception {
    byte[] picture = jpeg(1, 0);
    Annotation early = Annotations.of("a", 1_000_000L, picture, car());
    Annotation late =
        Annotation.newBuilder(Annotations.of("b", 2_000_000L, picture, car(), carAt(70)))
            .setAnnotatedAtMicros(early.getAnnotatedAtMicros() + 1)
            .build();
    for (List<Annotation> order : List.of(List.of(early, late), List.of(late, early))) {
      Path folder = Files.createTempDirectory(root, "order");
      try (LabelArchive archive = LabelArchive.open(folder)) {
        LabelVersion version = add(archive, order);
        assertThat(version.picturesByCamera()).isEqualTo(Map.of("b", 1));
        assertThat(version.boxes()).isEqualTo(2);
      }
    }
  }

  @Test
  void classesOnlyGrowAtTheEnd() throws Exception {
    Annotation picture = Annotations.of("gate", 5);
    try (LabelArchive archive =
        LabelArchive.open(root.resolve("given"), settings(0.2, List.of("van", "car")))) {
      assertThat(add(archive, List.of(picture)).classes()).containsExactly("van", "car", "person");
    }
    try (LabelArchive archive = LabelArchive.open(root)) {
      assertThat(add(archive, List.of(picture)).classes()).containsExactly("car", "person");
      add(archive, List.of(with(picture, new LabelledBox("ape", 1f, 2f, 3f, 4f))));
      add(archive, List.of(withdrawal(picture)));
      assertThat(archive.latest().orElseThrow().classes()).containsExactly("car", "person", "ape");
    }
    try (LabelArchive archive = LabelArchive.open(root, settings(0.2, List.of("van")))) {
      archive.add(List.of(checked(Annotations.of("gate", 9))), Map.of());
      assertThat(archive.latest().orElseThrow().classes())
          .containsExactly("car", "person", "ape", "van");
    }
  }

  @Test
  void tooManyClassesAreRefusedAndChangeNothing() throws Exception {
    LabelSettings two =
        new LabelSettings(0.2, List.of(), 2, 10, LabelSettings.defaults().picture());
    try (LabelArchive archive = LabelArchive.open(root, two)) {
      LabelVersion version = add(archive, List.of(Annotations.of("gate", 5)));
      Annotation third =
          with(Annotations.of("gate", 6), car(), new LabelledBox("ape", 1f, 2f, 3f, 4f));

      assertThatThrownBy(() -> add(archive, List.of(Annotations.of("gate", 7), third)))
          .isInstanceOf(BadAnnotationException.class)
          .hasMessageContaining("camera gate, picture " + third.getPictureSha256())
          .hasMessageContaining("3 classes, more than the 2 allowed (labels.max-classes)");
      assertThat(archive.staged()).isZero();
      assertThat(archive.latest()).contains(version);
    }
  }

  @Test
  void whatAKilledProcessLeftIsClearedAway() throws Exception {
    try (LabelArchive archive = LabelArchive.open(root)) {
      add(archive, minutes("gate", 3));
    }
    Path half = Files.createDirectory(root.resolve("versions/.tmp-2"));
    Files.writeString(half.resolve("train.json"), "{\"categ");
    Files.writeString(root.resolve("images/.tmp-abc.jpg"), "half");
    try (LabelArchive archive = LabelArchive.open(root)) {
      assertThat(half).doesNotExist();
      assertThat(root.resolve("images/.tmp-abc.jpg")).doesNotExist();
      assertThat(archive.latest().orElseThrow().id()).isEqualTo("1");
      assertThat(add(archive, minutes("yard", 1)).id()).isEqualTo("2");
    }
  }

  @Test
  void aDamagedVersionIsNamedWithTheWayBack() throws Exception {
    try (LabelArchive archive = LabelArchive.open(root)) {
      add(archive, minutes("gate", 3));
      add(archive, minutes("yard", 3));
    }
    Path version = root.resolve("versions/2");
    Path val = version.resolve("val.json");
    Files.writeString(val, Files.readString(val).replace("}", "} "));

    assertThatThrownBy(() -> LabelArchive.open(root))
        .isInstanceOf(LabelArchiveException.class)
        .hasMessageStartingWith(val + ": is not the file that was written")
        .hasMessageContaining("remove the folder " + version);
    DurableFiles.delete(version);
    try (LabelArchive archive = LabelArchive.open(root)) {
      assertThat(archive.latest().orElseThrow().id()).isEqualTo("1");
    }
  }

  @Test
  void oneProcessAtATime() {
    try (LabelArchive open = LabelArchive.open(root)) {
      assertThat(open).isNotNull();
      assertThatThrownBy(() -> LabelArchive.open(root))
          .isInstanceOf(LabelArchiveException.class)
          .hasMessageContaining("another process has this archive open");
    }
    LabelArchive.open(root).close();
  }

  @Test
  void oldVersionsAndPicturesNobodyHasGoWhenAskedTo() throws Exception {
    try (LabelArchive archive = LabelArchive.open(root, allToTrain())) {
      Annotation gone = Annotations.of("gate", 5);
      add(archive, List.of(gone));
      add(archive, List.of(Annotations.of("gate", 100)));
      add(archive, List.of(withdrawal(gone)));
      add(archive, List.of(Annotations.of("gate", 200)));

      assertThat(archive.prune(1, Set.of("2"))).isZero();
      assertThat(archive.version("1")).isEmpty();
      assertThat(archive.version("2")).isPresent();
      assertThat(archive.version("3")).isEmpty();

      assertThat(archive.prune(1, Set.of())).isEqualTo(1);
      assertThat(files(root.resolve("images"))).hasSize(2);
      LabelVersion again = add(archive, List.of(gone));
      assertThat(CocoDataset.read(again.trainJson(), again.images()).pictures()).hasSize(3);
    }
  }

  private static LabelVersion add(LabelArchive archive, List<Annotation> annotations)
      throws BadAnnotationException {
    List<LabelledFrame> frames = new ArrayList<>();
    for (Annotation annotation : annotations) {
      frames.add(checked(annotation));
    }
    return archive.add(frames, Map.of()).orElseThrow();
  }

  /** A picture a minute. */
  private static List<Annotation> minutes(String camera, int count) {
    List<Annotation> annotations = new ArrayList<>();
    for (int minute = 0; minute < count; minute++) {
      annotations.add(Annotations.of(camera, minute * 60L));
    }
    return annotations;
  }

  private static Map<String, Side> sides(LabelVersion version) {
    Map<String, Side> sides = new HashMap<>();
    VersionFolder.pictures(version.folder()).forEach(p -> sides.put(p.sha256(), p.side()));
    return sides;
  }

  /** The sides that the pictures of each camera and minute are on. */
  private static List<Set<Side>> groups(List<Annotation> annotations, Map<String, Side> sides) {
    Map<String, Set<Side>> groups = new HashMap<>();
    for (Annotation a : annotations) {
      groups
          .computeIfAbsent(
              a.getCameraId() + a.getCaptureTimeMicros() / 60_000_000, g -> new HashSet<>())
          .add(sides.get(a.getPictureSha256()));
    }
    return List.copyOf(groups.values());
  }

  private static LabelSettings allToTrain() {
    return settings(0, List.of());
  }

  private static LabelSettings settings(double fraction, List<String> classes) {
    LabelSettings defaults = LabelSettings.defaults();
    return new LabelSettings(
        fraction, classes, defaults.maxClasses(), defaults.maxBoxes(), defaults.picture());
  }

  private static LabelledBox carAt(float x) {
    return new LabelledBox("car", x, 20f, x + 20, 40f);
  }

  private static PictureEntry entry(String group, Side side, long[] look) {
    return new PictureEntry(
        1,
        group,
        group + ".jpg",
        "files",
        null,
        10,
        10,
        group,
        side,
        DifferenceHash.text(look),
        List.of(),
        List.of(),
        false,
        "ada",
        "file",
        0);
  }

  private static LabelledFrame frame(String sum, long[] look) {
    CheckedPicture picture = new CheckedPicture(java.nio.ByteBuffer.allocate(0), sum, 10, 10, look);
    return new LabelledFrame("files", null, sum, picture, List.of(), List.of(), "ada", "file", 0);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
