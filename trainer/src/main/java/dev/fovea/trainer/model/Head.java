package dev.fovea.trainer.model;

import dev.fovea.trainer.model.NetworkGraph.Start;
import dev.fovea.trainer.model.NetworkGraph.Value;
import dev.fovea.trainer.settings.NetworkSettings.HeadNorm;
import java.util.List;

/**
 * The class or the box subnet (Lin et al. 2017, Focal Loss, §4): 3×3 convolutions with ReLU and a
 * last one, the same weights on every level.
 */
final class Head {
  private final NetworkGraph.Builder graph;
  private final String name;
  private final int convolutions;
  private final HeadNorm norm;
  private final Start lastBias;

  Head(NetworkGraph.Builder graph, String name, int convolutions, HeadNorm norm, Start lastBias) {
    this.graph = graph;
    this.name = name;
    this.convolutions = convolutions;
    this.norm = norm;
    this.lastBias = lastBias;
  }

  /**
   * Adds the head to every level.
   *
   * @param filters channels of each result
   * @return a level's raw result, in the levels' order
   */
  List<Value> build(List<Value> levels, int filters) {
    List<Value> xs = levels;
    for (int i = 0; i < convolutions; i++) {
      xs = layer(name + "." + i, xs);
    }
    return xs.stream()
        .map(
            x -> graph.convolutionWithBias(name + ".last", x, filters, 3, 1, Start.SMALL, lastBias))
        .toList();
  }

  private List<Value> layer(String layer, List<Value> xs) {
    List<Value> ys = xs.stream().map(x -> convolution(layer, x)).toList();
    List<Value> normalised =
        switch (norm) {
          case BATCH -> graph.batchNorm(layer + ".norm", ys);
          case GROUP -> ys.stream().map(y -> graph.groupNorm(layer + ".norm", y)).toList();
          case NONE -> ys;
        };
    return normalised.stream().map(graph::relu).toList();
  }

  private Value convolution(String layer, Value x) {
    return norm == HeadNorm.NONE
        ? graph.convolutionWithBias(layer, x, x.channels(), 3, 1, Start.SMALL, Start.ZERO)
        : graph.convolution(layer, x, x.channels(), 3, 1, Start.SMALL);
  }
}
