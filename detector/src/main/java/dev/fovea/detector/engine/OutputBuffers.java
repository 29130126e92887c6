package dev.fovea.detector.engine;

import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.OnnxGraph;
import dev.fovea.detector.model.RawPredictions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A direct buffer for each output of a model, with room for the largest batch. */
final class OutputBuffers {
  /** One output: its name, the shape of an image's part of it, and all images' floats. */
  record Output(String name, int channels, int height, int width, FloatBuffer floats) {
    int floatsPerImage() {
      return channels * height * width;
    }

    /** The part of some images, a view of its own. */
    FloatBuffer slice(int firstImage, int images) {
      return floats.slice(firstImage * floatsPerImage(), images * floatsPerImage());
    }

    long[] shape(int images) {
      return new long[] {images, channels, height, width};
    }
  }

  private final List<Output> outputs = new ArrayList<>();
  private final List<RawPredictions.Level> levels = new ArrayList<>();

  OutputBuffers(ModelManifest manifest, int maxBatch) {
    AnchorGenerator anchors = manifest.anchorGenerator();
    List<String> names = OnnxGraph.outputNames();
    for (int level = 0; level < anchors.levels(); level++) {
      int height = anchors.height(level);
      int width = anchors.width(level);
      int logitChannels = anchors.perLocation() * manifest.classes().size();
      int deltaChannels = anchors.perLocation() * 4;
      Output logits = output(names.get(2 * level), maxBatch, logitChannels, height, width);
      Output deltas = output(names.get(2 * level + 1), maxBatch, deltaChannels, height, width);
      outputs.add(logits);
      outputs.add(deltas);
      levels.add(new RawPredictions.Level(height, width, logits.floats(), deltas.floats()));
    }
  }

  private static Output output(String name, int maxBatch, int channels, int height, int width) {
    int length = Math.multiplyExact(maxBatch, channels * height * width * Float.BYTES);
    FloatBuffer floats =
        ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    return new Output(name, channels, height, width, floats);
  }

  /** In the graph's order. */
  List<Output> outputs() {
    return outputs;
  }

  /** What stands in the buffers, for the first images. */
  RawPredictions predictions(int images) {
    return new RawPredictions(images, levels);
  }
}
