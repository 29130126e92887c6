package dev.fovea.trainer.torchvision;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of the trainer's parameters to torchvision's keys. Where versions of torchvision differ,
 * the newer key comes first: since 0.13 a convolution with its activation is a block of its own.
 */
final class Keys {
  private static final String BODY = "backbone.body.";
  private static final Pattern PARAMETER =
      Pattern.compile("(.+?)(\\.norm)?\\.(weight|bias|gamma|beta|mean|variance)");
  private static final Pattern RESIDUAL = Pattern.compile("stage([2-5])\\.([0-9]+)\\.(.+)");
  private static final Pattern PYRAMID = Pattern.compile("pyramid\\.(lateral|p)([3-7])");
  private static final Pattern HEAD = Pattern.compile("(class|box)\\.([0-9]+|last)");

  private Keys() {}

  /** Where a RetinaNet's parameter may be, the likeliest first. */
  static List<String> ofRetinaNet(String parameter) {
    Name name = Name.of(parameter);
    Matcher pyramid = PYRAMID.matcher(name.layer);
    if (pyramid.matches()) {
      return pyramid(pyramid.group(1), Integer.parseInt(pyramid.group(2)), name);
    }
    Matcher head = HEAD.matcher(name.layer);
    if (head.matches()) {
      return head(head.group(1), head.group(2), name);
    }
    return List.of(BODY + ofResNet(parameter));
  }

  private static List<String> pyramid(String kind, int level, Name name) {
    String fpn = "backbone.fpn.";
    if (level > 5) {
      return List.of(fpn + "extra_blocks.p" + level + name.suffix());
    }
    String block = fpn + (kind.equals("lateral") ? "inner_blocks." : "layer_blocks.") + (level - 3);
    return List.of(block + ".0" + name.suffix(), block + name.suffix());
  }

  private static List<String> head(String head, String layer, Name name) {
    boolean classes = head.equals("class");
    String prefix = classes ? "head.classification_head." : "head.regression_head.";
    if (layer.equals("last")) {
      return List.of(prefix + (classes ? "cls_logits" : "bbox_reg") + name.suffix());
    }
    String convolution = prefix + "conv." + layer;
    if (name.norm) {
      return List.of(convolution + ".1" + name.suffix());
    }
    // Before, every second place was its ReLU.
    String before = prefix + "conv." + 2 * Integer.parseInt(layer);
    return List.of(convolution + ".0" + name.suffix(), before + name.suffix());
  }

  /**
   * Where a residual network's parameter is, in torchvision and in timm.
   *
   * @throws IllegalArgumentException if it is no residual network's
   */
  static String ofResNet(String parameter) {
    Name name = Name.of(parameter);
    if (name.layer.equals("stem")) {
      return (name.norm ? "bn1" : "conv1") + name.suffix();
    }
    Matcher residual = RESIDUAL.matcher(name.layer);
    if (!residual.matches()) {
      throw new IllegalArgumentException(parameter + " is no residual network's");
    }
    int stage = Integer.parseInt(residual.group(1)) - 1;
    String block = "layer" + stage + "." + residual.group(2) + ".";
    String part = residual.group(3);
    if (part.equals("shortcut")) {
      return block + "downsample." + (name.norm ? "1" : "0") + name.suffix();
    }
    return block + (name.norm ? "bn" : "conv") + part + name.suffix();
  }

  /**
   * A parameter's name in its parts.
   *
   * @param norm whether it is the layer's normalisation's
   * @param value what of it
   */
  private record Name(String layer, boolean norm, String value) {
    static Name of(String parameter) {
      Matcher matcher = PARAMETER.matcher(parameter);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("no parameter of the trainer: " + parameter);
      }
      return new Name(matcher.group(1), matcher.group(2) != null, matcher.group(3));
    }

    String suffix() {
      return switch (value) {
        case "gamma", "weight" -> ".weight";
        case "beta", "bias" -> ".bias";
        case "mean" -> ".running_mean";
        default -> ".running_var";
      };
    }
  }
}
