package dev.fovea.trainer.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A data set in COCO's format: an annotation file and the folder its pictures lie in. Classes are
 * the categories in the order of their ids. Pictures without a box are kept: they teach what is not
 * an object. Immutable.
 *
 * @param classes names, in label order
 * @param categoryIds the file's id of each class
 */
public record CocoDataset(
    Path annotationFile,
    List<String> classes,
    List<Long> categoryIds,
    List<LabelledPicture> pictures) {

  /** How far a box may reach over the picture's edge (rounding by label tools); pixels. */
  private static final double EDGE_TOLERANCE_PX = 1;

  private static final int PROBLEMS_SHOWN = 10;

  public CocoDataset {
    classes = List.copyOf(classes);
    categoryIds = List.copyOf(categoryIds);
    pictures = List.copyOf(pictures);
  }

  /**
   * Reads and checks a data set; pictures are looked for, not opened.
   *
   * @throws DatasetException naming the file, the picture or annotation, and the rule broken; up to
   *     ten problems at once
   */
  public static CocoDataset read(Path annotationFile, Path pictureFolder) {
    return new Reader(annotationFile, pictureFolder, true).read();
  }

  /**
   * Reads the annotations alone, as the truth that detections are measured against; the pictures'
   * files need not be there.
   *
   * @throws DatasetException as {@link #read(Path, Path)}
   */
  public static CocoDataset readTruth(Path annotationFile) {
    return new Reader(annotationFile, Path.of(""), false).read();
  }

  /** The same classes under other ids are the same classes; otherwise this throws. */
  public void requireClasses(List<String> expected) {
    if (!classes.equals(expected)) {
      throw new DatasetException(
          annotationFile, "its classes are " + classes + ", the model's are " + expected);
    }
  }

  /** Boxes in all pictures. */
  public int boxes() {
    return pictures.stream().mapToInt(p -> p.annotations().size()).sum();
  }

  /** The first pictures, at most so many; 0 is all. */
  public CocoDataset first(int count) {
    return count == 0 || count >= pictures.size()
        ? this
        : new CocoDataset(annotationFile, classes, categoryIds, pictures.subList(0, count));
  }

  /** Reads one file, collecting what is wrong with it. */
  private static final class Reader {
    private final Path file;
    private final Path folder;
    private final boolean pictureFiles;
    private final List<String> problems = new ArrayList<>();
    private final Map<Long, Integer> labels = new LinkedHashMap<>();
    private final List<String> classes = new ArrayList<>();
    private final Map<Long, JsonNode> images = new LinkedHashMap<>();
    private final Map<Long, List<Annotation>> annotations = new LinkedHashMap<>();

    Reader(Path file, Path folder, boolean pictureFiles) {
      this.file = file;
      this.folder = folder;
      this.pictureFiles = pictureFiles;
    }

    CocoDataset read() {
      JsonNode root = parse();
      list(root, "categories").forEach(this::category);
      orderLabels();
      list(root, "images").forEach(this::image);
      list(root, "annotations").forEach(this::annotation);
      List<LabelledPicture> pictures = new ArrayList<>();
      images.forEach((id, image) -> pictures.add(picture(id, image)));
      if (classes.isEmpty()) {
        problems.add("categories: there must be at least one");
      }
      if (pictures.isEmpty()) {
        problems.add("images: there must be at least one");
      }
      if (!problems.isEmpty()) {
        throw new DatasetException(file, summary());
      }
      return new CocoDataset(file, classes, List.copyOf(labels.keySet()), pictures);
    }

    private JsonNode parse() {
      if (pictureFiles && !Files.isDirectory(folder)) {
        throw new DatasetException(file, "the picture folder " + folder + " does not exist");
      }
      try (var in = Files.newBufferedReader(file)) {
        JsonNode root = new ObjectMapper().readTree(in);
        if (root == null || !root.isObject()) {
          throw new DatasetException(file, "must be a JSON object in COCO's format");
        }
        return root;
      } catch (JacksonException e) {
        var at = e.getLocation();
        throw new DatasetException(
            file,
            "is not JSON"
                + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
                + ": "
                + e.getOriginalMessage(),
            e);
      } catch (IOException e) {
        throw new DatasetException(file, "cannot be read: " + e, e);
      }
    }

    private Iterable<JsonNode> list(JsonNode root, String name) {
      JsonNode list = root.path(name);
      if (!list.isArray()) {
        throw new DatasetException(file, "must have a list \"" + name + "\"");
      }
      return list;
    }

    private void category(JsonNode category) {
      String name = category.path("name").asText("");
      if (!category.path("id").isIntegralNumber() || name.isBlank()) {
        problems.add("category " + category + ": must have a whole-numbered id and a name");
      } else if (labels.putIfAbsent(category.path("id").asLong(), classes.size()) != null) {
        problems.add("category " + category.path("id") + ": its id must be unique");
      } else {
        classes.add(name);
      }
    }

    private void orderLabels() {
      if (new HashSet<>(classes).size() != classes.size()) {
        problems.add("categories: names must be unique, not " + classes);
      }
      TreeMap<Long, Integer> byId = new TreeMap<>(labels);
      List<String> names = byId.values().stream().map(classes::get).toList();
      classes.clear();
      classes.addAll(names);
      labels.clear();
      for (long id : byId.keySet()) {
        labels.put(id, labels.size());
      }
    }

    private void image(JsonNode image) {
      JsonNode id = image.path("id");
      String name = image.path("file_name").asText("");
      if (!id.isIntegralNumber()) {
        problems.add("image " + image + ": must have a whole-numbered id");
        return;
      }
      String who = "image " + id + " (" + name + ")";
      if (image.path("width").asInt() <= 0 || image.path("height").asInt() <= 0) {
        problems.add(who + ": width and height must be above 0");
      } else if (images.putIfAbsent(id.asLong(), image) != null) {
        problems.add(who + ": its id must be unique");
      } else if (pictureFiles) {
        pictureFile(who, name);
      }
    }

    private void pictureFile(String who, String name) {
      if (name.isBlank() || !isInside(name)) {
        problems.add(who + ": file_name must name a file inside " + folder);
      } else if (!Files.isRegularFile(folder.resolve(name))) {
        problems.add(who + ": there is no file " + folder.resolve(name));
      }
    }

    private boolean isInside(String name) {
      Path root = folder.toAbsolutePath().normalize();
      return root.resolve(name).normalize().startsWith(root);
    }

    private void annotation(JsonNode annotation) {
      long imageId = annotation.path("image_id").asLong(Long.MIN_VALUE);
      String who =
          "annotation "
              + annotation.path("id").asText("?")
              + " of image "
              + annotation.path("image_id").asText("?");
      JsonNode image = images.get(imageId);
      Integer label = labels.get(annotation.path("category_id").asLong(Long.MIN_VALUE));
      if (image == null) {
        problems.add(who + ": there is no such image");
      } else if (label == null) {
        problems.add(
            who
                + ": unknown category "
                + annotation.path("category_id")
                + ", known are "
                + labels.keySet());
      } else {
        box(annotation, image, label, who)
            .ifPresent(a -> annotations.computeIfAbsent(imageId, k -> new ArrayList<>()).add(a));
      }
    }

    private Optional<Annotation> box(JsonNode annotation, JsonNode image, int label, String who) {
      JsonNode bbox = annotation.path("bbox");
      if (!bbox.isArray() || bbox.size() != 4 || !allNumbers(bbox)) {
        problems.add(who + ": bbox must be four numbers x, y, width, height, not " + bbox);
        return Optional.empty();
      }
      double x = bbox.get(0).asDouble();
      double y = bbox.get(1).asDouble();
      double width = bbox.get(2).asDouble();
      double height = bbox.get(3).asDouble();
      if (!(width > 0 && height > 0)) {
        problems.add(who + ": the box's width and height must be above 0, not " + bbox);
        return Optional.empty();
      }
      int pictureWidth = image.path("width").asInt();
      int pictureHeight = image.path("height").asInt();
      if (x < -EDGE_TOLERANCE_PX
          || y < -EDGE_TOLERANCE_PX
          || x + width > pictureWidth + EDGE_TOLERANCE_PX
          || y + height > pictureHeight + EDGE_TOLERANCE_PX) {
        problems.add(
            who
                + ": the box "
                + bbox
                + " must lie inside the picture, "
                + pictureWidth
                + "x"
                + pictureHeight);
        return Optional.empty();
      }
      return Optional.of(
          new Annotation(
              annotation.path("id").asLong(),
              label,
              x,
              y,
              width,
              height,
              annotation.path("area").asDouble(width * height),
              annotation.path("iscrowd").asInt() == 1));
    }

    private static boolean allNumbers(JsonNode list) {
      for (JsonNode value : list) {
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
          return false;
        }
      }
      return true;
    }

    private LabelledPicture picture(long id, JsonNode image) {
      Set<Integer> unmarked = new HashSet<>();
      for (JsonNode category : image.path("not_exhaustive_category_ids")) {
        Integer label = labels.get(category.asLong());
        if (label != null) {
          unmarked.add(label);
        }
      }
      return new LabelledPicture(
          id,
          folder.resolve(image.path("file_name").asText()),
          image.path("width").asInt(),
          image.path("height").asInt(),
          annotations.getOrDefault(id, List.of()),
          unmarked);
    }

    private String summary() {
      String shown =
          String.join("; ", problems.subList(0, Math.min(PROBLEMS_SHOWN, problems.size())));
      int more = problems.size() - PROBLEMS_SHOWN;
      return more > 0 ? shown + "; and " + more + " more problems" : shown;
    }
  }
}
