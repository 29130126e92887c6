package dev.fovea.trainer.loss;

import ai.djl.ndarray.NDArray;

/**
 * Numbers in a loss, as tensors. For {@code x.mul(2)} DJL makes a tensor too, but lets go of it
 * with the operation; mul, div, minimum, maximum and pow need it again for the gradient, and by
 * then the garbage collector may have given its memory away: the gradient is garbage, now and then.
 * So where a gradient is wanted, those operations get their number from here. Adding and
 * subtracting do not need it again.
 */
final class Constant {
  private Constant() {}

  /** A scalar that lives as long as what {@code beside} is on the manager of. */
  static NDArray of(double value, NDArray beside) {
    return beside.getManager().create((float) value);
  }
}
