package dev.fovea.trainer.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.settings.InputSettings;

/** The training graph as it predicts: running statistics, no gradients kept. */
public final class RawGraph {
  private final GraphBlock block;
  private final InputSettings input;
  private final ParameterStore parameters;

  public RawGraph(GraphBlock block, InputSettings input, NDManager manager) {
    this.block = block;
    this.input = input;
    this.parameters = new ParameterStore(manager, false);
  }

  /**
   * The graph's raw outputs.
   *
   * @param images (N, 3, H, W), normalised
   * @return cls_p3 (N, A·K, H, W), box_p3 (N, A·4, H, W), …, box_p7, on {@code step}
   */
  public NDList forward(NDManager step, float[] images, int pictures) {
    NDArray x = step.create(images, new Shape(pictures, 3, input.heightPx(), input.widthPx()));
    return block.forward(parameters, new NDList(x), false);
  }
}
