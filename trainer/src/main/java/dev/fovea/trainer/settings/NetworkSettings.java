package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

import java.util.List;

/** Block {@code network}: RetinaNet's size (Lin et al. 2017, §4). */
public record NetworkSettings(
    int depth,
    double widthFactor,
    int pyramidChannels,
    P6Source p6From,
    int headConvolutions,
    HeadNorm headNorm,
    double prior,
    int frozenStages,
    boolean frozenStatistics) {

  /** Reads and renders it. */
  public static final Block<NetworkSettings> BLOCK = new Block<>("network", NetworkSettings.class);

  /** What the pyramid's P6 is made of. */
  public enum P6Source {
    C5,
    P5
  }

  /** Normalisation in the heads. */
  public enum HeadNorm {
    BATCH,
    GROUP,
    NONE
  }

  public NetworkSettings {
    require(List.of(18, 34, 50, 101).contains(depth), "network.depth", depth, "18, 34, 50 or 101");
    require(
        widthFactor > 0 && widthFactor <= 4,
        "network.width-factor",
        widthFactor,
        "above 0 and at most 4");
    require(
        pyramidChannels >= 8 && pyramidChannels % 8 == 0,
        "network.pyramid-channels",
        pyramidChannels,
        "a positive multiple of 8");
    require(
        headConvolutions >= 0 && headConvolutions <= 8,
        "network.head-convolutions",
        headConvolutions,
        "0 to 8");
    require(prior > 0 && prior < 1, "network.prior", prior, "between 0 and 1");
    require(
        frozenStages >= 0 && frozenStages <= 5, "network.frozen-stages", frozenStages, "0 to 5");
  }
}
