package dev.fovea.trainer.model;

import dev.fovea.trainer.model.NetworkGraph.Start;
import dev.fovea.trainer.model.NetworkGraph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The bottom-up network: ResNet (He et al. 2016, table 1) with its channels multiplied by a factor;
 * where a block halves the size, its 3×3 convolution does (as torchvision has it, not the paper).
 */
final class Backbone {
  private static final int[] STAGE_CHANNELS = {64, 128, 256, 512};

  private final NetworkGraph.Builder graph;
  private final int[] blocks;
  private final boolean bottleneck;
  private final double widthFactor;

  Backbone(NetworkGraph.Builder graph, int depth, double widthFactor) {
    this.graph = graph;
    this.blocks =
        switch (depth) {
          case 18 -> new int[] {2, 2, 2, 2};
          case 34, 50 -> new int[] {3, 4, 6, 3};
          case 101 -> new int[] {3, 4, 23, 3};
          default -> throw new IllegalArgumentException("no ResNet of depth " + depth);
        };
    this.bottleneck = depth >= 50;
    this.widthFactor = widthFactor;
  }

  /**
   * Adds the network.
   *
   * @param frozenStages so many of its five, from the stem, are not learned at all
   * @param frozenStatistics the others learn, but normalise by the running statistics they have
   * @return C3, C4, C5: strides 8, 16, 32
   */
  List<Value> build(Value images, int frozenStages, boolean frozenStatistics) {
    graph.freeze(frozenStages > 0, frozenStages > 0 || frozenStatistics);
    Value x = graph.convolution("stem", images, channels(0), 7, 2, Start.HE_FAN_OUT);
    x = graph.relu(graph.batchNorm("stem.norm", x));
    x = graph.maxPool(x, 3, 2, 1);
    List<Value> stages = new ArrayList<>();
    for (int stage = 0; stage < STAGE_CHANNELS.length; stage++) {
      boolean frozen = frozenStages > stage + 1; // the stem is the first
      graph.freeze(frozen, frozen || frozenStatistics);
      for (int block = 0; block < blocks[stage]; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String name = "stage" + (stage + 2) + "." + block;
        x = residual(name, x, channels(stage), stride);
      }
      stages.add(x);
    }
    graph.freeze(false, false);
    return stages.subList(1, 4);
  }

  private Value residual(String name, Value x, int channels, int stride) {
    Value branch =
        bottleneck ? bottleneck(name, x, channels, stride) : basic(name, x, channels, stride);
    Value shortcut = x;
    if (stride != 1 || x.channels() != branch.channels()) {
      shortcut =
          graph.batchNorm(
              name + ".shortcut.norm",
              graph.convolution(
                  name + ".shortcut", x, branch.channels(), 1, stride, Start.HE_FAN_OUT));
    }
    return graph.relu(graph.add(branch, shortcut));
  }

  private Value basic(String name, Value x, int channels, int stride) {
    Value y = graph.relu(normalised(name + ".1", x, channels, 3, stride));
    return normalised(name + ".2", y, channels, 3, 1);
  }

  private Value bottleneck(String name, Value x, int channels, int stride) {
    Value y = graph.relu(normalised(name + ".1", x, channels, 1, 1));
    y = graph.relu(normalised(name + ".2", y, channels, 3, stride));
    return normalised(name + ".3", y, 4 * channels, 1, 1);
  }

  private Value normalised(String name, Value x, int channels, int kernel, int stride) {
    return graph.batchNorm(
        name + ".norm", graph.convolution(name, x, channels, kernel, stride, Start.HE_FAN_OUT));
  }

  /** A multiple of 16, so that vector units are used whole. */
  private int channels(int stage) {
    return Math.max(16, (int) Math.round(STAGE_CHANNELS[stage] * widthFactor / 16) * 16);
  }
}
