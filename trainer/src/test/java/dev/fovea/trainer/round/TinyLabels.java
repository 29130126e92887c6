package dev.fovea.trainer.round;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fovea.trainer.labels.LabelVersion;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;

/** A version of a data set of red and blue squares on grey, from two cameras. */
final class TinyLabels {
  static final List<String> CLASSES = List.of("red", "blue");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SIDE_PX = 64;

  private TinyLabels() {}

  /** As it should be. */
  static LabelVersion write(Path folder, int train, int val) throws IOException {
    return write(folder, train, val, false);
  }

  /** With {@code shuffled}, what is learned from says nothing of what is where. */
  static LabelVersion write(Path folder, int train, int val, boolean shuffled) throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    Random random = new Random(7);
    Path trainJson = folder.resolve("train.json");
    Path valJson = folder.resolve("val.json");
    int boxes =
        file(trainJson, images, 1, train, random, shuffled)
            + file(valJson, images, 1 + train, val, random, false);
    return new LabelVersion(
        "1",
        Optional.empty(),
        trainJson,
        valJson,
        images,
        CLASSES,
        train,
        val,
        0,
        boxes,
        Map.of("red", boxes / 2, "blue", boxes - boxes / 2),
        Map.of("north", (train + val) / 2, "south", (train + val) / 2),
        train + val,
        Map.of(),
        Instant.parse("2026-01-01T00:00:00Z"));
  }

  private static int file(
      Path file, Path images, int firstId, int count, Random random, boolean shuffled)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode categories = root.putArray("categories");
    for (int label = 0; label < CLASSES.size(); label++) {
      categories.addObject().put("id", label + 1).put("name", CLASSES.get(label));
    }
    ArrayNode pictures = root.putArray("images");
    ArrayNode annotations = root.putArray("annotations");
    for (int id = firstId; id < firstId + count; id++) {
      String name = id + ".jpg";
      pictures
          .addObject()
          .put("id", id)
          .put("file_name", name)
          .put("width", SIDE_PX)
          .put("height", SIDE_PX)
          .put("camera", id % 2 == 0 ? "north" : "south");
      BufferedImage picture = new BufferedImage(SIDE_PX, SIDE_PX, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = picture.createGraphics();
      g.setColor(new Color(110 + random.nextInt(30), 120, 120));
      g.fillRect(0, 0, SIDE_PX, SIDE_PX);
      for (int half = 0; half < 2; half++) {
        int label = random.nextInt(2);
        int side = 18 + random.nextInt(8);
        int x = 32 * half + random.nextInt(32 - side + 1);
        int y = random.nextInt(SIDE_PX - side);
        g.setColor(label == 0 ? Color.RED : Color.BLUE);
        g.fillRect(x, y, side, side);
        annotations
            .addObject()
            .put("id", annotations.size() + 1)
            .put("image_id", id)
            .put("category_id", (shuffled ? random.nextInt(2) : label) + 1)
            .putArray("bbox")
            .add(shuffled ? random.nextInt(SIDE_PX - side) : x)
            .add(shuffled ? random.nextInt(SIDE_PX - side) : y)
            .add(side)
            .add(side);
      }
      g.dispose();
      ImageIO.write(picture, "jpg", images.resolve(name).toFile());
    }
    JSON.writeValue(file.toFile(), root);
    return annotations.size();
  }
}
