package dev.fovea.trainer.settings;

import static dev.fovea.trainer.settings.Block.require;

/** Block {@code loss}: what is minimised. */
public record LossSettings(
    ClassLossKind classes,
    double alpha,
    double gamma,
    Ohem ohem,
    BoxLossKind box,
    double beta,
    double boxWeight) {

  /** Reads and renders it. */
  public static final Block<LossSettings> BLOCK = new Block<>("loss", LossSettings.class);

  /** Loss on the classes. */
  public enum ClassLossKind {
    FOCAL,
    CROSS_ENTROPY,
    BALANCED_CROSS_ENTROPY,
    QUALITY_FOCAL,
    OHEM
  }

  /** Loss on the boxes. */
  public enum BoxLossKind {
    SMOOTH_L1,
    L1,
    GIOU
  }

  /** Block {@code loss.ohem}: which examples are hard. */
  public record Ohem(int examples, double nmsIou, int backgroundPerForeground) {
    public Ohem {
      require(examples > 0, "loss.ohem.examples", examples, "above 0");
      require(nmsIou >= 0 && nmsIou <= 1, "loss.ohem.nms-iou", nmsIou, "0 to 1");
      require(
          backgroundPerForeground >= 0,
          "loss.ohem.background-per-foreground",
          backgroundPerForeground,
          "0 or more");
    }
  }

  public LossSettings {
    require(alpha > 0 && alpha < 1, "loss.alpha", alpha, "between 0 and 1");
    double least = classes == ClassLossKind.QUALITY_FOCAL ? 1 : 0;
    require(gamma >= least, "loss.gamma", gamma, least == 0 ? "0 or more" : "1 or more");
    require(beta > 0, "loss.beta", beta, "above 0");
    require(boxWeight > 0, "loss.box-weight", boxWeight, "above 0");
  }
}
