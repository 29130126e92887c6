package dev.fovea.ingest.publish;

import dev.fovea.schema.avro.LabelledBox;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes known boxes along when a picture is recorded at another size. */
final class TruthScale {
  private TruthScale() {}

  /** {@code truth} in pixels of the recorded picture; null stays null. */
  static @Nullable List<LabelledBox> toRecorded(
      @Nullable List<LabelledBox> truth, EncodedPicture picture) {
    if (truth == null) {
      return null;
    }
    float x = (float) picture.widthPx() / picture.sourceWidthPx();
    float y = (float) picture.heightPx() / picture.sourceHeightPx();
    if (x == 1 && y == 1) {
      return truth;
    }
    List<LabelledBox> scaled = new ArrayList<>(truth.size());
    for (LabelledBox box : truth) {
      scaled.add(
          new LabelledBox(
              box.getLabel(), box.getX1() * x, box.getY1() * y, box.getX2() * x, box.getY2() * y));
    }
    return scaled;
  }
}
