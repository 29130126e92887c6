package dev.fovea.trainer.torchvision;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.settings.NetworkSettings.HeadNorm;
import dev.fovea.trainer.settings.NetworkSettings.P6Source;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * torchvision's two RetinaNets. Both are a ResNet-50 with a feature pyramid of 256 channels and
 * heads of four convolutions; the first is close to the paper's.
 */
public enum Architecture {
  /** P6 from P5, heads without normalisation, frozen BatchNorm. */
  RETINANET_RESNET50_FPN(P6Source.P5, HeadNorm.NONE, "retinanet_resnet50_fpn_coco-eeacb38b.pth"),

  /** P6 from C5, heads with GroupNorm, trained with GIoU loss. */
  RETINANET_RESNET50_FPN_V2(
      P6Source.C5, HeadNorm.GROUP, "retinanet_resnet50_fpn_v2_coco-5905b1c5.pth");

  private static final String PUBLISHED_AT = "https://download.pytorch.org/models/";

  private final P6Source p6From;
  private final HeadNorm headNorm;
  private final String publishedFile;

  Architecture(P6Source p6From, HeadNorm headNorm, String publishedFile) {
    this.p6From = p6From;
    this.headNorm = headNorm;
    this.publishedFile = publishedFile;
  }

  /** torchvision's name of it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where torchvision publishes its weights for COCO. */
  public URI published() {
    return URI.create(PUBLISHED_AT + publishedFile);
  }

  /** The first eight digits of their SHA-256, which torchvision puts into their name. */
  public String publishedSum() {
    return publishedFile.replaceAll(".*-([0-9a-f]{8})\\.pth", "$1");
  }

  /**
   * What torchvision adds to the variance in its BatchNorm. For the first network's published
   * weights that is nothing: they were trained before its frozen BatchNorm had such a term
   * (pytorch/vision#2933), and {@code overwrite_eps} sets it to 0 when it loads them.
   *
   * @param sha256 of the weights' file
   */
  double batchNormEpsilon(String sha256) {
    return this == RETINANET_RESNET50_FPN && sha256.startsWith(publishedSum()) ? 0 : 1e-5;
  }

  boolean hasGroupNorm() {
    return headNorm == HeadNorm.GROUP;
  }

  /**
   * This network in a trainer's words, with torchvision's defaults for pre- and post-processing.
   *
   * @param widthPx of the input, a multiple of 32
   * @param heightPx of the input, a multiple of 32
   */
  public TrainSettings settings(int widthPx, int heightPx, double servingThreshold) {
    Map<String, String> set = new HashMap<>();
    set.put("input.width", String.valueOf(widthPx));
    set.put("input.height", String.valueOf(heightPx));
    set.put("input.fit", "letterbox");
    set.put("network.depth", "50");
    set.put("network.width-factor", "1");
    set.put("network.pyramid-channels", "256");
    set.put("network.p6-from", p6From.name().toLowerCase(Locale.ROOT));
    set.put("network.head-convolutions", "4");
    set.put("network.head-norm", headNorm.name().toLowerCase(Locale.ROOT));
    set.put("anchors.scale", "4");
    set.put("anchors.torchvision-rounding", "true");
    set.put("loss.box", this == RETINANET_RESNET50_FPN ? "l1" : "giou");
    set.put("decoding.serving-threshold", String.valueOf(servingThreshold));
    set.put("decoding.max-detections", "300");
    return TrainSettings.with(set);
  }
}
