package dev.fovea.standalone.experiment;

import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.mining.CandidateMiner;
import dev.fovea.detector.mining.MiningSettings;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.detector.stream.BatchModel;
import dev.fovea.detector.stream.ReleaseFolders;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import dev.fovea.trainer.data.LabelledPicture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a detector would have proposed for labelling, had these pictures been its cameras': its own
 * path and its own rule, without Kafka. Nothing is drawn at random.
 */
final class Mining {
  private static final int[] FIRST_SLOT = {0};

  private final List<Looked> looked;
  private final double minutes;

  /** A picture of the pool, what was found in it, and how uncertain that is. */
  private record Looked(int picture, Detections answer, double uncertainty) {}

  private Mining(List<Looked> looked, double minutes) {
    this.looked = looked;
    this.minutes = minutes;
  }

  /**
   * Runs the model on every picture.
   *
   * @param pool camera after camera, as many pictures of each
   * @param perCamera so many
   * @param framesPerSecond of a camera
   */
  static Mining of(Path model, List<LabelledPicture> pool, int perCamera, double framesPerSecond)
      throws IOException, ModelLoadException {
    List<Looked> looked = new ArrayList<>();
    try (BatchModel loaded = ReleaseFolders.load(model, EngineSettings.cpu(1, 1), settings(1));
        BatchModel.Batch batch = loaded.newBatch()) {
      for (int i = 0; i < pool.size(); i++) {
        LabelledPicture picture = pool.get(i);
        read(batch, picture);
        batch.infer(FIRST_SLOT);
        List<Detected> found = batch.detections(0);
        long micros = Math.round((i % perCamera) * 1e6 / framesPerSecond);
        looked.add(
            new Looked(
                i,
                answer("street-" + i / perCamera, micros, picture, found, loaded),
                batch.uncertainty(0)));
      }
    }
    return new Mining(looked, pool.size() / framesPerSecond / 60);
  }

  /**
   * The pictures that are proposed where about so many are wanted of the whole pool, in the order
   * of their time.
   *
   * @return at most {@code wanted} indices into the pool
   */
  List<Integer> choose(int wanted) {
    CandidateMiner miner = new CandidateMiner(settings(wanted / minutes));
    List<Looked> chosen = new ArrayList<>();
    for (Looked one : looked) {
      if (miner.look(one.answer, one.uncertainty).isPresent()) {
        chosen.add(one);
      }
    }
    chosen.sort(
        java.util.Comparator.comparingLong((Looked l) -> l.answer.getCaptureTimeMicros())
            .thenComparingInt(Looked::picture));
    return chosen.stream().limit(wanted).map(Looked::picture).toList();
  }

  private static MiningSettings settings(double perCameraPerMinute) {
    return new MiningSettings(true, perCameraPerMinute, 0.1f, 0);
  }

  private static void read(BatchModel.Batch batch, LabelledPicture picture) throws IOException {
    try {
      batch.read(
          0,
          ByteBuffer.wrap(Files.readAllBytes(picture.file())),
          picture.widthPx(),
          picture.heightPx());
    } catch (UndecodableImageException e) {
      throw new IOException(picture.file() + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Detections answer(
      String camera, long micros, LabelledPicture picture, List<Detected> found, BatchModel model) {
    return Detections.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(micros)
        .setFrameNumber(1)
        .setFramePartition(0)
        .setFrameOffset(0)
        .setWidthPx(picture.widthPx())
        .setHeightPx(picture.heightPx())
        .setOutcome(Outcome.DETECTED)
        .setDetections(
            found.stream()
                .map(
                    d ->
                        new Detection(
                            String.valueOf(d.classIndex()),
                            d.score(),
                            d.x1(),
                            d.y1(),
                            d.x2(),
                            d.y2()))
                .toList())
        .setModelName(model.name())
        .setModelVersion(model.version())
        .setEngine(model.engine())
        .setTimings(new StageTimings(0L, 0L, 0L, 0L, 0L))
        .build();
  }
}
