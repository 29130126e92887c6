package dev.fovea.trainer.data;

import dev.fovea.trainer.loss.Targets;

/** Pictures and targets of one step. Owned by whoever took it from the {@link BatchLoader}. */
public final class Batch {
  private final int pictures;
  private final float[] images;
  private final Targets targets;

  Batch(int pictures, float[] images, Targets targets) {
    this.pictures = pictures;
    this.images = images;
    this.targets = targets;
  }

  /** N. */
  public int pictures() {
    return pictures;
  }

  /** (N, 3, H, W), normalised. */
  public float[] images() {
    return images;
  }

  /** What the network should answer. */
  public Targets targets() {
    return targets;
  }
}
