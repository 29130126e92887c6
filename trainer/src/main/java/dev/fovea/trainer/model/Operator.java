package dev.fovea.trainer.model;

/** What a node of a {@link NetworkGraph} computes; parameters are named, not held. */
public sealed interface Operator {

  /**
   * Convolution, square kernel. Weight {@code name.weight} is (filters, channels, kernel, kernel),
   * bias {@code name.bias}, where there is one, (filters). Nodes of the same name share both.
   */
  record Convolution(
      String name, int channels, int filters, int kernel, int stride, int padding, boolean bias)
      implements Operator {}

  /**
   * Batch normalisation over all inputs together, one output for each: mean and variance are taken
   * over the pictures and positions of every input. With one input it is the ordinary one. In a
   * head that is shared over levels this leaves one scale and shift a channel for all of them,
   * which folds into the shared convolution before it.
   *
   * @param frozen in training too it normalises by the running statistics, and keeps them
   */
  record BatchNorm(String name, int channels, boolean frozen) implements Operator {
    /** Added to the variance. */
    public static final float EPSILON = 1e-5f;

    /** How much of the running statistics a step keeps. */
    public static final float MOMENTUM = 0.9f;
  }

  /** Group normalisation (Wu and He 2018): a picture and group of channels is one population. */
  record GroupNorm(String name, int channels, int groups) implements Operator {
    /** Added to the variance. */
    public static final float EPSILON = 1e-5f;
  }

  /** max(x, 0). */
  record Relu() implements Operator {}

  /** Sum of two inputs of the same shape. */
  record Add() implements Operator {}

  /** Largest value in a square window. */
  record MaxPool(int kernel, int stride, int padding) implements Operator {}

  /** Every position becomes 2 × 2 positions of the same value. */
  record Upsample() implements Operator {}
}
