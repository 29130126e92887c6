package dev.fovea.detector.engine;

import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.DetectionDecoder;
import dev.fovea.detector.model.FrameDetections;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.UndecodableImageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A verified release on a warmed-up engine. The streaming detector takes it apart (preprocessors on
 * many threads, one thread on {@link #infer}); {@link #detect} does it all for offline use. {@link
 * #infer} and {@link #detect} belong to one thread at a time.
 */
public final class LoadedModel implements AutoCloseable {
  private final ModelManifest manifest;
  private final EngineSettings settings;
  private final InferenceEngine engine;

  LoadedModel(ModelManifest manifest, EngineSettings settings, InferenceEngine engine) {
    this.manifest = manifest;
    this.settings = settings;
    this.engine = engine;
  }

  /**
   * Verifies a release folder, loads its graph and runs it once.
   *
   * @throws ModelLoadException in one sentence naming release, file and rule
   */
  public static LoadedModel load(Path release, EngineSettings settings) throws ModelLoadException {
    return load(ReleaseFolder.open(release), settings);
  }

  /** The same for a release that is already verified. */
  public static LoadedModel load(ReleaseFolder release, EngineSettings settings)
      throws ModelLoadException {
    InferenceEngine engine =
        switch (settings.engine()) {
          case ONNXRUNTIME -> OnnxRuntimeEngine.load(release, settings);
          case TENSORRT -> TensorRtEngine.load(release, settings);
        };
    LoadedModel model = new LoadedModel(release.manifest(), settings, engine);
    try {
      model.warmUp();
    } catch (InferenceException e) {
      model.close();
      throw new ModelLoadException(
          "release %s: %s fails on its first run: %s"
              .formatted(release.folder(), ReleaseFolder.MODEL, e.getMessage()),
          e);
    }
    return model;
  }

  /** Runs what the engine sets up at a first run (memory plans, kernels) before frames come. */
  private void warmUp() {
    ImageBatch batch = newBatch();
    batch.setSize(1);
    engine.infer(batch);
    batch.setSize(batch.capacity());
    engine.infer(batch);
  }

  public ModelManifest manifest() {
    return manifest;
  }

  /** Engine and device, such as {@code onnxruntime:cpu}. */
  public String engineName() {
    return engine.name();
  }

  /** Most frames of one run. */
  public int maxBatch() {
    return engine.maxBatch();
  }

  /** A batch buffer of this model's input size and {@link #maxBatch()} slots. */
  public ImageBatch newBatch() {
    return new ImageBatch(maxBatch(), manifest.inputWidthPx(), manifest.inputHeightPx());
  }

  /** A preprocessor for one thread, which closes it. */
  public Preprocessor newPreprocessor() {
    return new Preprocessor(manifest, settings.pictureLimits());
  }

  /** A decoder for one thread, with the manifest's thresholds. */
  public DetectionDecoder newDecoder() {
    return newDecoder(manifest.decoding());
  }

  /** A decoder for one thread, with other thresholds. */
  public DetectionDecoder newDecoder(DecodingSettings decoding) {
    return new DetectionDecoder(manifest.classes(), manifest.anchorGenerator(), decoding);
  }

  /**
   * Runs the first {@link ImageBatch#size()} frames of a batch.
   *
   * @return the outputs, valid until the next call or close
   * @throws InferenceException if the engine fails
   */
  public RawPredictions infer(ImageBatch batch) {
    return engine.infer(batch);
  }

  /**
   * Detects in pictures, offline; a picture that cannot be read is reported in its place.
   *
   * @return one result a picture, in order
   */
  public List<FrameDetections> detect(List<byte[]> jpegs) {
    return detect(jpegs, manifest.decoding());
  }

  /** The same with other thresholds. */
  public List<FrameDetections> detect(List<byte[]> jpegs, DecodingSettings decoding) {
    List<FrameDetections> results = new ArrayList<>(jpegs.size());
    DetectionDecoder decoder = newDecoder(decoding);
    ImageBatch batch = newBatch();
    try (Preprocessor preprocessor = newPreprocessor()) {
      for (int from = 0; from < jpegs.size(); from += batch.capacity()) {
        int to = Math.min(from + batch.capacity(), jpegs.size());
        results.addAll(detectBatch(jpegs.subList(from, to), preprocessor, batch, decoder));
      }
    }
    return results;
  }

  private List<FrameDetections> detectBatch(
      List<byte[]> jpegs, Preprocessor preprocessor, ImageBatch batch, DetectionDecoder decoder) {
    FrameDetections[] results = new FrameDetections[jpegs.size()];
    int[] origin = new int[jpegs.size()];
    int filled = 0;
    for (int i = 0; i < jpegs.size(); i++) {
      try {
        preprocessor.preprocess(jpegs.get(i), batch, filled);
        origin[filled++] = i;
      } catch (UndecodableImageException e) {
        results[i] = FrameDetections.undecodable(e);
      }
    }
    batch.setSize(filled);
    if (filled > 0) {
      RawPredictions raw = infer(batch);
      for (int slot = 0; slot < filled; slot++) {
        ImagePlacement placement = batch.placement(slot);
        results[origin[slot]] =
            FrameDetections.of(
                placement.frameWidthPx(),
                placement.frameHeightPx(),
                decoder.decode(raw, slot, placement));
      }
    }
    return Arrays.asList(results);
  }

  @Override
  public void close() {
    engine.close();
  }
}
