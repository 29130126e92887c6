package dev.fovea.trainer.model;

import dev.fovea.trainer.model.NetworkGraph.Value;
import java.util.List;

/** Residual networks alone, for tests. */
public final class ResidualNetworks {
  private ResidualNetworks() {}

  /** At full width, with C3, C4 and C5 as outputs. */
  public static NetworkGraph graph(int widthPx, int heightPx, int depth) {
    NetworkGraph.Builder graph = new NetworkGraph.Builder(widthPx, heightPx);
    List<Value> stages = new Backbone(graph, depth, 1).build(graph.input(), 0, false);
    for (int stage = 0; stage < stages.size(); stage++) {
      graph.output("c" + (stage + 3), stages.get(stage));
    }
    return graph.build();
  }
}
