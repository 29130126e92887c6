package dev.fovea.trainer.model;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.model.NetworkGraph.Start;
import dev.fovea.trainer.model.NetworkGraph.Value;
import java.util.List;

/** RetinaNet as a graph: (a) residual network, (b) feature pyramid, (c) class, (d) box subnet. */
public final class RetinaNet {
  /** The finest level, P3. */
  public static final int FIRST_LEVEL = 3;

  /** P3 to P7. */
  public static final int LEVELS = 5;

  private RetinaNet() {}

  /**
   * The graph for these settings.
   *
   * @param classes K
   * @return outputs {@code cls_p3} (N, A·K, H, W), {@code box_p3} (N, A·4, H, W), …, {@code
   *     box_p7}; raw logits and deltas
   */
  public static NetworkGraph graph(TrainSettings settings, int classes) {
    NetworkGraph.Builder graph =
        new NetworkGraph.Builder(settings.input().widthPx(), settings.input().heightPx());
    var network = settings.network();
    List<Value> stages =
        new Backbone(graph, network.depth(), network.widthFactor())
            .build(graph.input(), network.frozenStages(), network.frozenStatistics());
    List<Value> pyramid =
        new FeaturePyramid(graph, network.pyramidChannels(), network.p6From()).build(stages);
    int anchors = settings.anchors().shapes().perLocation();
    List<Value> logits =
        new Head(graph, "class", network.headConvolutions(), network.headNorm(), Start.PRIOR)
            .build(pyramid, anchors * classes);
    List<Value> deltas =
        new Head(graph, "box", network.headConvolutions(), network.headNorm(), Start.ZERO)
            .build(pyramid, anchors * 4);
    for (int level = 0; level < LEVELS; level++) {
      graph.output("cls_p" + (FIRST_LEVEL + level), logits.get(level));
      graph.output("box_p" + (FIRST_LEVEL + level), deltas.get(level));
    }
    return graph.build();
  }
}
