package dev.fovea.trainer.fit;

import com.typesafe.config.ConfigFactory;
import dev.fovea.trainer.TrainSettings;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * Everything a run goes on from, or a release is made of. The order of pictures and every change to
 * them follow from seed and step, so there is no generator's state to keep.
 *
 * @param step steps done
 * @param data what it learns from, in words
 * @param figures of the last evaluation, by name; empty before the first
 * @param weights as the optimizer has them, by name
 * @param average their moving average, by name: what is evaluated
 * @param best the best evaluation's, where a run stops early
 * @param moments the optimizer's, by name
 * @param probes a few pictures the network has as input, (3, H, W) bytes: what an export is checked
 *     on
 */
public record Checkpoint(
    TrainSettings settings,
    List<String> classes,
    int step,
    String data,
    Map<String, Double> figures,
    Map<String, float[]> weights,
    Map<String, float[]> average,
    Optional<Best> best,
    Map<String, float[]> moments,
    List<byte[]> probes) {

  /**
   * The evaluation that was best so far.
   *
   * @param step when it was
   * @param since evaluations since then
   * @param average the weights' moving average then, by name
   */
  public record Best(int step, double ap, int since, Map<String, float[]> average) {
    Best passedOver() {
      return new Best(step, ap, since + 1, average);
    }
  }

  private static final long MAGIC = 0x464F564541434B50L; // "FOVEACKP"
  private static final int VERSION = 2;

  /** Before {@link Best}. */
  private static final int FIRST_VERSION = 1;

  /** The file's name in a release folder. */
  public static final String FILE_NAME = "checkpoint.bin";

  public Checkpoint {
    classes = List.copyOf(classes);
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    probes = List.copyOf(probes);
  }

  /** What is exported, and what other runs start from. */
  public Map<String, float[]> released() {
    return best.map(Best::average).orElse(average);
  }

  /** The released weights alone, without what only resuming needs: what other runs start from. */
  public Checkpoint forStarting() {
    return new Checkpoint(
        settings,
        classes,
        step,
        data,
        figures,
        released(),
        released(),
        Optional.empty(),
        Map.of(),
        probes);
  }

  /**
   * The same weights for pictures of another size: the network was trained on parts of what it is
   * to see whole. Its figures are left out, for they were measured at the old size.
   *
   * @throws IllegalArgumentException if the network cannot see such pictures
   */
  public Checkpoint forInput(int widthPx, int heightPx) {
    var from = settings.input();
    TrainSettings sized = settings.withInputSize(widthPx, heightPx);
    List<byte[]> repeated =
        probes.stream()
            .map(p -> repeat(p, from.widthPx(), from.heightPx(), widthPx, heightPx))
            .toList();
    return new Checkpoint(
        sized, classes, step, data, Map.of(), weights, average, best, moments, repeated);
  }

  /** Fills a picture of another size with copies of this one; (3, H, W) bytes. */
  private static byte[] repeat(byte[] picture, int width, int height, int newWidth, int newHeight) {
    byte[] filled = new byte[3 * newWidth * newHeight];
    for (int row = 0; row < 3 * newHeight; row++) {
      int from = (row / newHeight * height + row % newHeight % height) * width;
      for (int x = 0; x < newWidth; x += width) {
        System.arraycopy(picture, from, filled, row * newWidth + x, Math.min(width, newWidth - x));
      }
    }
    return filled;
  }

  /** Writes beside the target first, so that a crash leaves the old checkpoint. */
  public void write(Path file) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    CRC32 crc = new CRC32();
    try (DataOutputStream out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(beside), 1 << 20), crc))) {
      out.writeLong(MAGIC);
      out.writeInt(VERSION);
      text(out, settings.render());
      out.writeInt(classes.size());
      for (String name : classes) {
        text(out, name);
      }
      out.writeInt(step);
      text(out, data);
      out.writeInt(figures.size());
      for (Map.Entry<String, Double> figure : figures.entrySet()) {
        text(out, figure.getKey());
        out.writeDouble(figure.getValue());
      }
      arrays(out, weights);
      arrays(out, average);
      best(out, best);
      arrays(out, moments);
      out.writeInt(probes.size());
      for (byte[] probe : probes) {
        out.writeInt(probe.length);
        out.write(probe);
      }
      out.writeLong(crc.getValue());
    }
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Reads a checkpoint.
   *
   * @throws IOException naming the file and what is wrong with it
   */
  public static Checkpoint read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": there is no such checkpoint");
    }
    long size = Files.size(file);
    CRC32 crc = new CRC32();
    try (DataInputStream in =
        new DataInputStream(
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), 1 << 20), crc))) {
      if (in.readLong() != MAGIC) {
        throw new IOException("does not begin as one");
      }
      int version = in.readInt();
      if (version < FIRST_VERSION || version > VERSION) {
        throw new IOException("its version is " + version + ", not 1 or " + VERSION);
      }
      Checkpoint checkpoint = readBody(in, version, size);
      long expected = crc.getValue();
      if (in.readLong() != expected) {
        throw new IOException("its checksum is wrong");
      }
      return checkpoint;
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(file + ": damaged or not a checkpoint: " + e.getMessage(), e);
    }
  }

  /**
   * The step a checkpoint was made at, without reading its weights or checking its sum.
   *
   * @throws IOException naming the file and what is wrong with it
   */
  public static int readStep(Path file) throws IOException {
    long size = Files.size(file);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (in.readLong() != MAGIC || in.readInt() > VERSION) {
        throw new IOException("is not a checkpoint of this version");
      }
      text(in, size);
      for (int left = length(in, size); left > 0; left--) {
        text(in, size);
      }
      return in.readInt();
    } catch (IOException e) {
      throw new IOException(file + ": damaged or not a checkpoint: " + e.getMessage(), e);
    }
  }

  private static Checkpoint readBody(DataInputStream in, int version, long size)
      throws IOException {
    TrainSettings settings = TrainSettings.from(ConfigFactory.parseString(text(in, size)));
    List<String> classes = new ArrayList<>();
    for (int left = length(in, size); left > 0; left--) {
      classes.add(text(in, size));
    }
    int step = in.readInt();
    String data = text(in, size);
    Map<String, Double> figures = new LinkedHashMap<>();
    for (int left = length(in, size); left > 0; left--) {
      figures.put(text(in, size), in.readDouble());
    }
    Map<String, float[]> weights = arrays(in, size);
    Map<String, float[]> average = arrays(in, size);
    Optional<Best> best = version == FIRST_VERSION ? Optional.empty() : best(in, size);
    Map<String, float[]> moments = arrays(in, size);
    List<byte[]> probes = new ArrayList<>();
    for (int left = length(in, size); left > 0; left--) {
      probes.add(bytes(in, length(in, size)));
    }
    return new Checkpoint(
        settings, classes, step, data, figures, weights, average, best, moments, probes);
  }

  private static void best(DataOutputStream out, Optional<Best> best) throws IOException {
    out.writeBoolean(best.isPresent());
    if (best.isPresent()) {
      out.writeInt(best.get().step());
      out.writeDouble(best.get().ap());
      out.writeInt(best.get().since());
      arrays(out, best.get().average());
    }
  }

  private static Optional<Best> best(DataInputStream in, long size) throws IOException {
    return in.readBoolean()
        ? Optional.of(new Best(in.readInt(), in.readDouble(), in.readInt(), arrays(in, size)))
        : Optional.empty();
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in, long size) throws IOException {
    return new String(bytes(in, length(in, size)), StandardCharsets.UTF_8);
  }

  private static void arrays(DataOutputStream out, Map<String, float[]> arrays) throws IOException {
    out.writeInt(arrays.size());
    for (Map.Entry<String, float[]> entry : arrays.entrySet()) {
      text(out, entry.getKey());
      ByteBuffer buffer = ByteBuffer.allocate(4 * entry.getValue().length);
      buffer.asFloatBuffer().put(entry.getValue());
      out.writeInt(entry.getValue().length);
      out.write(buffer.array());
    }
  }

  private static Map<String, float[]> arrays(DataInputStream in, long size) throws IOException {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    for (int left = length(in, size); left > 0; left--) {
      String name = text(in, size);
      int length = length(in, size / 4);
      float[] values = new float[length];
      ByteBuffer.wrap(bytes(in, 4 * length)).asFloatBuffer().get(values);
      arrays.put(name, values);
    }
    return arrays;
  }

  private static byte[] bytes(DataInputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  /** A length can't be larger than the file, so a damaged one does not allocate without bound. */
  private static int length(DataInputStream in, long most) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > most) {
      throw new IOException("a length of " + length + " in a file of " + most + " bytes");
    }
    return length;
  }
}
