package dev.fovea.trainer.model;

import dev.fovea.trainer.model.NetworkGraph.Start;
import dev.fovea.trainer.model.NetworkGraph.Value;
import dev.fovea.trainer.settings.NetworkSettings.P6Source;
import java.util.List;

/**
 * The top-down network (Lin et al. 2017, Feature Pyramid Networks, §3): laterals on C3 to C5, the
 * coarser level upsampled and added, a 3×3 convolution on each sum; P6 and P7 by strided
 * convolutions (Focal Loss, §4, note 2).
 */
final class FeaturePyramid {
  private final NetworkGraph.Builder graph;
  private final int channels;
  private final P6Source p6From;

  FeaturePyramid(NetworkGraph.Builder graph, int channels, P6Source p6From) {
    this.graph = graph;
    this.channels = channels;
    this.p6From = p6From;
  }

  /**
   * Adds the pyramid.
   *
   * @param stages C3, C4, C5
   * @return P3 to P7, strides 8 to 128, all of the same channels
   */
  List<Value> build(List<Value> stages) {
    Value c5 = stages.get(2);
    Value top5 = lateral(5, c5);
    Value top4 = graph.add(lateral(4, stages.get(1)), graph.upsample(top5));
    Value top3 = graph.add(lateral(3, stages.get(0)), graph.upsample(top4));
    Value p3 = convolution("pyramid.p3", top3, 3, 1);
    Value p4 = convolution("pyramid.p4", top4, 3, 1);
    Value p5 = convolution("pyramid.p5", top5, 3, 1);
    Value p6 = convolution("pyramid.p6", p6From == P6Source.C5 ? c5 : p5, 3, 2);
    Value p7 = convolution("pyramid.p7", graph.relu(p6), 3, 2);
    return List.of(p3, p4, p5, p6, p7);
  }

  private Value lateral(int level, Value stage) {
    return convolution("pyramid.lateral" + level, stage, 1, 1);
  }

  private Value convolution(String name, Value x, int kernel, int stride) {
    return graph.convolutionWithBias(name, x, channels, kernel, stride, Start.FAN_IN, Start.ZERO);
  }
}
