package dev.fovea.trainer;

import ai.djl.engine.Engine;
import dev.fovea.trainer.data.CocoDataset;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** A data set of coloured rectangles and a network that fits into a test. */
public final class TinyRun {
  private TinyRun() {}

  /** Starts DJL's PyTorch without its report home. */
  public static void quietEngine() {
    System.setProperty("OPT_OUT_TRACKING", "true");
    Engine.getEngine("PyTorch");
  }

  /** Settings of a network small enough to train in seconds. */
  public static TrainSettings settings(Map<String, String> more) {
    Map<String, String> set = new HashMap<>();
    set.put("input.width", "64");
    set.put("input.height", "64");
    set.put("network.width-factor", "0.1");
    set.put("network.pyramid-channels", "16");
    set.put("network.head-convolutions", "1");
    set.put("schedule.batch", "4");
    set.put("schedule.steps", "30");
    set.put("schedule.evaluate-every", "0");
    set.put("schedule.checkpoint-every", "1000");
    set.put("optimizer.warm-up-steps", "5");
    set.put("optimizer.average-decay", "0.9");
    set.putAll(more);
    return TrainSettings.with(set);
  }

  /** Writes pictures of 80 × 60 px with up to two rectangles of two classes; the first is empty. */
  public static CocoDataset rectangles(Path folder, int pictures, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder images = new StringBuilder();
    StringBuilder boxes = new StringBuilder();
    int annotation = 0;
    Files.createDirectories(folder);
    for (int id = 1; id <= pictures; id++) {
      BufferedImage picture = new BufferedImage(80, 60, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = picture.createGraphics();
      g.setColor(Color.GRAY);
      g.fillRect(0, 0, 80, 60);
      int count = id == 1 ? 0 : 1 + random.nextInt(2);
      for (int i = 0; i < count; i++) {
        int label = random.nextInt(2);
        int w = 12 + random.nextInt(14);
        int h = 12 + random.nextInt(14);
        int x = random.nextInt(80 - w);
        int y = random.nextInt(60 - h);
        g.setColor(label == 0 ? Color.RED : Color.BLUE);
        g.fillRect(x, y, w, h);
        boxes.append(
            String.format(
                Locale.ROOT,
                "%s{\"id\":%d,\"image_id\":%d,\"category_id\":%d,\"bbox\":[%d,%d,%d,%d]}",
                annotation++ == 0 ? "" : ",",
                annotation,
                id,
                label + 1,
                x,
                y,
                w,
                h));
      }
      g.dispose();
      // PNG and JPEG both: a folder may mix them.
      String name = id + (id % 2 == 0 ? ".png" : ".jpg");
      ImageIO.write(picture, name.substring(name.length() - 3), folder.resolve(name).toFile());
      images.append(
          String.format(
              Locale.ROOT,
              "%s{\"id\":%d,\"file_name\":\"%s\",\"width\":80,\"height\":60}",
              id == 1 ? "" : ",",
              id,
              name));
    }
    Path file = folder.resolve("annotations.json");
    Files.writeString(
        file,
        "{\"images\":["
            + images
            + "],\"annotations\":["
            + boxes
            + "],\"categories\":["
            + "{\"id\":1,\"name\":\"red\"},{\"id\":2,\"name\":\"blue\"}]}");
    return CocoDataset.read(file, folder);
  }
}
