package dev.fovea.detector.model;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * A graph's outputs for a batch, as the convolutions give them: per pyramid level the class logits,
 * (N, A·K, H, W) with channel {@code a·K + k}, and the box deltas, (N, A·4, H, W) with channel
 * {@code a·4 + {dx, dy, dw, dh}}.
 *
 * <p>The buffers belong to who made the object; an engine's are overwritten by its next run.
 */
public final class RawPredictions {
  private final int images;
  private final List<Level> levels;

  /**
   * One level's maps for the whole batch.
   *
   * @param height rows, H
   * @param width columns, W
   * @param logits (N, A·K, H, W), from index 0
   * @param deltas (N, A·4, H, W), from index 0
   */
  public record Level(int height, int width, FloatBuffer logits, FloatBuffer deltas) {
    int cells() {
      return height * width;
    }
  }

  /**
   * @param images frames in the batch, N
   * @param levels finest level first
   */
  public RawPredictions(int images, List<Level> levels) {
    this.images = images;
    this.levels = List.copyOf(levels);
  }

  /** Frames in the batch, N. */
  public int images() {
    return images;
  }

  /** The levels, finest first. */
  public List<Level> levels() {
    return levels;
  }
}
