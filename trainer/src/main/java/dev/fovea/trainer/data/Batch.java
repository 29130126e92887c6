package dev.fovea.trainer.data;

import dev.fovea.trainer.loss.Targets;
import dev.fovea.trainer.settings.InputSize;

/** Pictures and targets of one step. Owned by whoever took it from the {@link BatchLoader}. */
public final class Batch {
  private final int pictures;
  private final InputSize size;
  private final float[] images;
  private final Targets targets;

  Batch(int pictures, InputSize size, float[] images, Targets targets) {
    this.pictures = pictures;
    this.size = size;
    this.images = images;
    this.targets = targets;
  }

  /** N. */
  public int pictures() {
    return pictures;
  }

  /** W and H. */
  public InputSize size() {
    return size;
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
