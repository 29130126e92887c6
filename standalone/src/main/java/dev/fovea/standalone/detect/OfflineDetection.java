package dev.fovea.standalone.detect;

import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.FrameDetections;
import dev.fovea.ingest.publish.EncodeFailedException;
import dev.fovea.ingest.publish.FrameEncoder;
import dev.fovea.ingest.publish.RecordedSize;
import dev.fovea.ingest.source.CapturedFrame;
import dev.fovea.ingest.source.FrameSource;
import dev.fovea.ingest.source.Picture;
import dev.fovea.ingest.source.SourceFailedException;
import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.schema.avro.LabelledBox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects in every frame of a source, in order, with the services' own classes and no Kafka. Frames
 * go through JPEG here too: a model sees what it would see live.
 */
public final class OfflineDetection {
  private static final Logger log = LoggerFactory.getLogger(OfflineDetection.class);
  private static final int JPEG_QUALITY = 90;

  private final LoadedModel model;
  private final DecodingSettings decoding;

  public OfflineDetection(LoadedModel model, DecodingSettings decoding) {
    this.model = model;
    this.decoding = decoding;
  }

  /**
   * A frame with its answer.
   *
   * @param index the frame's number in the source, from 0
   * @param name its file's name where each picture is a file; else null
   * @param jpeg the picture as the model saw it
   * @param truth what is in the picture, where the source knows it; else null
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  public record Answer(
      long index,
      @Nullable String name,
      byte[] jpeg,
      @Nullable List<LabelledBox> truth,
      FrameDetections detections) {}

  /** Takes the answers, in frame order. */
  public interface Receiver {
    void receive(Answer answer) throws IOException;
  }

  /**
   * What came of it.
   *
   * @param framesRead frames the source delivered
   * @param framesDetected frames the model looked at
   * @param detections objects found
   * @param damaged frames that were left out as unreadable, or that the video decoder said are
   *     damaged
   * @param firstDamage the first of them and what is wrong with it, in a sentence
   * @param failure why the source ended early; empty when it was read to its proper end
   */
  public record Summary(
      long framesRead,
      long framesDetected,
      long detections,
      long damaged,
      Optional<String> firstDamage,
      Optional<String> failure) {
    /** Whether all of the source was there and whole. */
    public boolean isWhole() {
      return damaged == 0 && failure.isEmpty();
    }
  }

  /**
   * Reads {@code source} to its end, or to where it breaks; the answers up to there are given all
   * the same.
   */
  public Summary run(FrameSource source, Receiver receiver)
      throws IOException, InterruptedException {
    Run run = new Run(receiver);
    Optional<String> failure = Optional.empty();
    try (FrameEncoder encoder =
        new FrameEncoder(RecordedSize.AS_IS, JPEG_QUALITY, SourceOptions.DEFAULT_MAX_PIXELS)) {
      for (CapturedFrame frame = source.next(); frame != null; frame = source.next()) {
        run.add(frame, encoder);
      }
    } catch (SourceFailedException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    }
    run.flush();
    return new Summary(
        run.framesRead,
        run.framesDetected,
        run.detections,
        run.damaged,
        Optional.ofNullable(run.firstDamage),
        failure);
  }

  /** Gathers frames into batches of the model's size. */
  private final class Run {
    private final Receiver receiver;
    private final List<Pending> batch = new ArrayList<>();
    private long framesRead;
    private long framesDetected;
    private long detections;
    private long damaged;
    private @Nullable String firstDamage;

    Run(Receiver receiver) {
      this.receiver = receiver;
    }

    void add(CapturedFrame frame, FrameEncoder encoder) throws IOException {
      framesRead++;
      if (frame.corrupt() && !(frame.picture() instanceof Picture.Unreadable)) {
        damaged(frame.index(), "is damaged, says the video decoder");
      }
      try {
        batch.add(
            new Pending(
                frame.index(),
                frame.name(),
                encoder.encode(frame.picture()).jpeg(),
                frame.truth()));
      } catch (EncodeFailedException e) {
        damaged(frame.index(), "is left out: " + e.getMessage());
      }
      if (batch.size() == model.maxBatch()) {
        flush();
      }
    }

    private void damaged(long index, String what) {
      damaged++;
      if (firstDamage == null) {
        firstDamage = "frame " + index + " " + what;
      }
      log.debug("frame {} {}", index, what);
    }

    void flush() throws IOException {
      List<FrameDetections> answers =
          model.detect(batch.stream().map(Pending::jpeg).toList(), decoding);
      for (int i = 0; i < answers.size(); i++) {
        Pending frame = batch.get(i);
        FrameDetections answer = answers.get(i);
        if (answer.error().isPresent()) {
          damaged(frame.index(), "is left out: " + answer.error().get());
          continue;
        }
        framesDetected++;
        detections += answer.detections().size();
        receiver.receive(
            new Answer(frame.index(), frame.name(), frame.jpeg(), frame.truth(), answer));
      }
      batch.clear();
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  private record Pending(
      long index, @Nullable String name, byte[] jpeg, @Nullable List<LabelledBox> truth) {}
}
