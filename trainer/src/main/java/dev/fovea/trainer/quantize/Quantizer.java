package dev.fovea.trainer.quantize;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtException;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.UndecodableImageException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Makes an 8-bit release of a release and says what it costs and gains. */
public final class Quantizer {
  private static final int CHECKED_PICTURES = 8;
  private static final int TIMED_ROUNDS = 5;

  /** Scores below this in both are no detections; their changes do not count. */
  private static final double COUNTED_SCORE = 0.05;

  private final int pictures;
  private final int weightBits;

  /**
   * @param pictures how many are measured on, at most
   * @param weightBits 8, or 7 for CPUs whose 16-bit sums saturate
   */
  public Quantizer(int pictures, int weightBits) {
    if (pictures < 1) {
      throw new IllegalArgumentException("pictures must be at least 1, not " + pictures);
    }
    if (weightBits != 7 && weightBits != 8) {
      throw new IllegalArgumentException("weight bits must be 7 or 8, not " + weightBits);
    }
    this.pictures = pictures;
    this.weightBits = weightBits;
  }

  /**
   * What came of it, both releases on one thread.
   *
   * @param manifest the new release's
   * @param largestScoreChange of a score that is 0.05 or more in either
   */
  public record Outcome(
      ModelManifest manifest,
      long bytesBefore,
      long bytesAfter,
      double millisBefore,
      double millisAfter,
      double largestScoreChange) {}

  /**
   * Quantizes a release.
   *
   * @param imageFolder JPEGs like those it will see; some are measured on, others compared on
   * @param out the new release's folder
   * @throws ModelLoadException if either release cannot be served
   * @throws IllegalArgumentException if the folder has no pictures that can be read, or {@code out}
   *     is the release's own
   */
  public Outcome quantize(Path release, Path imageFolder, Path out)
      throws IOException, ModelLoadException {
    if (out.toAbsolutePath().normalize().equals(release.toAbsolutePath().normalize())) {
      throw new IllegalArgumentException(
          "the 8-bit release must have a folder of its own, not that of " + release);
    }
    ReleaseFolder source = ReleaseFolder.open(release);
    ModelManifest manifest = source.manifest();
    List<float[]> all = read(manifest, spread(jpegs(imageFolder), pictures + CHECKED_PICTURES));
    int measuredOn = Math.max(1, Math.min(pictures, all.size() - CHECKED_PICTURES));
    byte[] before = source.graph().withBatch(1);
    ModelProto model = ModelProto.parseFrom(before);
    byte[] after;
    try {
      Map<String, Range> ranges =
          ActivationRanges.measure(
              model, all.subList(0, measuredOn), manifest.inputWidthPx(), manifest.inputHeightPx());
      after = QuantizedGraph.of(model, ranges, weightBits).toByteArray();
    } catch (OrtException e) {
      throw new ModelLoadException(
          "release " + release + " cannot be measured: " + e.getMessage(), e);
    }
    ModelManifest quantized = manifest(manifest, after, imageFolder, measuredOn);
    ReleaseFolder.write(out, quantized, after);
    List<float[]> checked = all.subList(Math.max(0, all.size() - CHECKED_PICTURES), all.size());
    return compare(source, ReleaseFolder.open(out), checked, before.length, after.length);
  }

  private static List<Path> jpegs(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> jpegs =
          files
              .filter(
                  f -> f.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.jpe?g"))
              .sorted()
              .toList();
      if (jpegs.isEmpty()) {
        throw new IllegalArgumentException(folder + ": has no .jpg or .jpeg files");
      }
      return jpegs;
    }
  }

  /** Some of them, from all over the list. */
  private static List<Path> spread(List<Path> all, int count) {
    List<Path> some = new ArrayList<>();
    int taken = Math.min(count, all.size());
    for (int i = 0; i < taken; i++) {
      some.add(all.get((int) ((long) i * all.size() / taken)));
    }
    return some;
  }

  private static List<float[]> read(ModelManifest manifest, List<Path> files) throws IOException {
    List<float[]> images = new ArrayList<>();
    ImageBatch slot = new ImageBatch(1, manifest.inputWidthPx(), manifest.inputHeightPx());
    try (Preprocessor preprocessor = new Preprocessor(manifest, PictureLimits.DEFAULT)) {
      for (Path file : files) {
        preprocessor.preprocess(Files.readAllBytes(file), slot, 0);
        FloatBuffer values = slot.data().duplicate().rewind();
        float[] image = new float[3 * manifest.inputWidthPx() * manifest.inputHeightPx()];
        values.get(image);
        images.add(image);
      }
    } catch (UndecodableImageException e) {
      throw new IllegalArgumentException(
          files.get(images.size()) + " cannot be read: " + e.getMessage(), e);
    }
    return images;
  }

  private ModelManifest manifest(
      ModelManifest from, byte[] model, Path imageFolder, int measuredOn) {
    String sha256 = ReleaseFolder.sha256(model);
    Map<String, String> provenance = new LinkedHashMap<>(from.provenance());
    provenance.put("quantizedFrom", from.name() + " " + from.version() + " " + from.sha256());
    provenance.put(
        "quantization",
        "unsigned 8-bit activations measured on %d pictures of %s, %d-bit weights"
            .formatted(measuredOn, imageFolder.getFileName(), weightBits));
    // The figures were the other graph's.
    return new ModelManifest(
        from.name(),
        sha256.substring(0, 12),
        from.inputWidthPx(),
        from.inputHeightPx(),
        from.fit(),
        from.mean(),
        from.scale(),
        from.classes(),
        from.anchors(),
        from.scoreThreshold(),
        from.nmsIou(),
        from.topKPerLevel(),
        from.maxDetections(),
        sha256,
        Map.of(),
        provenance);
  }

  private static Outcome compare(
      ReleaseFolder before,
      ReleaseFolder after,
      List<float[]> images,
      long bytesBefore,
      long bytesAfter)
      throws ModelLoadException {
    EngineSettings settings = EngineSettings.cpu(1, 1);
    try (LoadedModel first = LoadedModel.load(before, settings);
        LoadedModel second = LoadedModel.load(after, settings)) {
      double largest = 0;
      double millisBefore = Double.MAX_VALUE;
      double millisAfter = Double.MAX_VALUE;
      ImageBatch batch = first.newBatch();
      batch.setSize(1);
      for (int round = 0; round < TIMED_ROUNDS; round++) {
        for (float[] image : images) {
          batch.data().duplicate().rewind().put(image);
          long start = System.nanoTime();
          RawPredictions expected = first.infer(batch);
          long middle = System.nanoTime();
          RawPredictions got = second.infer(batch);
          long end = System.nanoTime();
          millisBefore = Math.min(millisBefore, (middle - start) / 1e6);
          millisAfter = Math.min(millisAfter, (end - middle) / 1e6);
          largest = round == 0 ? Math.max(largest, scoreChange(expected, got)) : largest;
        }
      }
      return new Outcome(
          after.manifest(), bytesBefore, bytesAfter, millisBefore, millisAfter, largest);
    }
  }

  private static double scoreChange(RawPredictions expected, RawPredictions got) {
    double largest = 0;
    for (int level = 0; level < expected.levels().size(); level++) {
      FloatBuffer one = expected.levels().get(level).logits();
      FloatBuffer other = got.levels().get(level).logits();
      for (int i = 0; i < one.limit(); i++) {
        double a = sigmoid(one.get(i));
        double b = sigmoid(other.get(i));
        if (Math.max(a, b) >= COUNTED_SCORE) {
          largest = Math.max(largest, Math.abs(a - b));
        }
      }
    }
    return largest;
  }

  private static double sigmoid(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }
}
