package dev.fovea.trainer.labels;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A version on disk.
 *
 * <pre>
 * versions/7/train.json      COCO
 * versions/7/val.json        COCO
 * versions/7/pictures.jsonl  the ledger, a line a picture
 * versions/7/dataset.json    counts, offsets, and the sums of the other files
 * </pre>
 *
 * It is written under another name and renamed when all of it is on the disk.
 */
final class VersionFolder {
  private static final String TRAIN = "train.json";
  private static final String VAL = "val.json";
  private static final String PICTURES = "pictures.jsonl";
  private static final String DATASET = "dataset.json";
  private static final int FORMAT = 1;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final ObjectMapper LINES = new ObjectMapper();

  private VersionFolder() {}

  /** {@code dataset.json}. */
  record Dataset(
      int format,
      String version,
      @Nullable String parent,
      String createdAt,
      List<String> classes,
      int trainPictures,
      int valPictures,
      int withheldPictures,
      int boxes,
      Map<String, Integer> boxesByClass,
      Map<String, Integer> picturesByCamera,
      long annotations,
      Map<Integer, Long> offsets,
      double validationFraction,
      Map<String, String> sha256) {}

  /** Writes {@code id} in {@code versions} and returns when it is there for good. */
  static void write(
      Path versions,
      String id,
      Optional<String> parent,
      LabelLedger ledger,
      Map<Integer, Long> offsets,
      double validationFraction)
      throws IOException {
    Path unfinished = versions.resolve(DurableFiles.UNFINISHED + id);
    Files.createDirectory(unfinished);
    List<String> classes = ledger.classes();
    List<PictureEntry> train = side(ledger, Side.TRAIN);
    List<PictureEntry> val = side(ledger, Side.VAL);
    CocoFile.write(unfinished.resolve(TRAIN), classes, train);
    CocoFile.write(unfinished.resolve(VAL), classes, val);
    writePictures(unfinished.resolve(PICTURES), ledger);
    Map<String, String> sums = new TreeMap<>();
    for (String file : List.of(TRAIN, VAL, PICTURES)) {
      DurableFiles.force(unfinished.resolve(file));
      sums.put(file, Sha256.of(unfinished.resolve(file)));
    }
    List<PictureEntry> all = new ArrayList<>(train);
    all.addAll(val);
    Map<String, Integer> boxesByClass = boxesByClass(classes, all);
    Dataset dataset =
        new Dataset(
            FORMAT,
            id,
            parent.orElse(null),
            Instant.now().toString(),
            classes,
            train.size(),
            val.size(),
            (int) ledger.pictures().stream().filter(VersionFolder::isWithheld).count(),
            boxesByClass.values().stream().mapToInt(Integer::intValue).sum(),
            boxesByClass,
            picturesByCamera(all),
            ledger.annotations(),
            new TreeMap<>(offsets),
            validationFraction,
            sums);
    JSON.writeValue(unfinished.resolve(DATASET).toFile(), dataset);
    DurableFiles.force(unfinished.resolve(DATASET));
    DurableFiles.forceFolder(unfinished);
    DurableFiles.move(unfinished, versions.resolve(id));
  }

  private static boolean isWithheld(PictureEntry picture) {
    return picture.side() == Side.WITHHELD && !picture.withdrawn();
  }

  private static List<PictureEntry> side(LabelLedger ledger, Side side) {
    return ledger.pictures().stream().filter(p -> p.counts() && p.side() == side).toList();
  }

  private static void writePictures(Path file, LabelLedger ledger) throws IOException {
    try (SequenceWriter lines =
        LINES.writer().withRootValueSeparator("\n").writeValues(file.toFile())) {
      for (PictureEntry picture : ledger.pictures()) {
        lines.write(picture);
      }
    }
  }

  private static Map<String, Integer> boxesByClass(
      List<String> classes, List<PictureEntry> pictures) {
    Map<String, Integer> boxes = new LinkedHashMap<>();
    classes.forEach(name -> boxes.put(name, 0));
    for (PictureEntry picture : pictures) {
      picture.boxes().forEach(box -> boxes.merge(box.label(), 1, Integer::sum));
    }
    return boxes;
  }

  private static Map<String, Integer> picturesByCamera(List<PictureEntry> pictures) {
    Map<String, Integer> counts = new TreeMap<>();
    pictures.forEach(picture -> counts.merge(picture.camera(), 1, Integer::sum));
    return counts;
  }

  /**
   * What a version says of itself.
   *
   * @throws LabelArchiveException if its {@code dataset.json} cannot be read
   */
  static LabelVersion read(Path folder, Path images) {
    Dataset dataset = dataset(folder);
    return new LabelVersion(
        dataset.version(),
        Optional.ofNullable(dataset.parent()),
        folder.resolve(TRAIN),
        folder.resolve(VAL),
        images,
        dataset.classes(),
        dataset.trainPictures(),
        dataset.valPictures(),
        dataset.withheldPictures(),
        dataset.boxes(),
        dataset.boxesByClass(),
        dataset.picturesByCamera(),
        dataset.annotations(),
        dataset.offsets(),
        Instant.parse(dataset.createdAt()));
  }

  private static Dataset dataset(Path folder) {
    Path file = folder.resolve(DATASET);
    try {
      Dataset dataset = JSON.readValue(file.toFile(), Dataset.class);
      if (dataset.format() != FORMAT) {
        throw new LabelArchiveException(
            file, "has format " + dataset.format() + ", this Fovea reads " + FORMAT);
      }
      return dataset;
    } catch (IOException e) {
      throw damaged(file, folder, e);
    }
  }

  /**
   * The version's pictures, in the order of their ids, after its files' sums were checked.
   *
   * @throws LabelArchiveException if a file is not what was written
   */
  static List<PictureEntry> pictures(Path folder) {
    for (Map.Entry<String, String> sum : dataset(folder).sha256().entrySet()) {
      Path file = folder.resolve(sum.getKey());
      try {
        if (!Sha256.of(file).equals(sum.getValue())) {
          throw new LabelArchiveException(
              file, "is not the file that was written (its SHA-256 differs); " + wayBack(folder));
        }
      } catch (IOException e) {
        throw damaged(file, folder, e);
      }
    }
    Path file = folder.resolve(PICTURES);
    try (MappingIterator<PictureEntry> lines =
        LINES.readerFor(PictureEntry.class).readValues(file.toFile())) {
      return lines.readAll();
    } catch (IOException e) {
      throw damaged(file, folder, e);
    }
  }

  private static LabelArchiveException damaged(Path file, Path folder, IOException e) {
    String why = e instanceof JacksonException json ? json.getOriginalMessage() : e.toString();
    return new LabelArchiveException(file, "cannot be read: " + why + "; " + wayBack(folder), e);
  }

  private static String wayBack(Path folder) {
    return "remove the folder "
        + folder
        + " to go on from the version before it: the annotations are read from Kafka again";
  }
}
