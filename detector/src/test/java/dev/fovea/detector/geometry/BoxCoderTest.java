package dev.fovea.detector.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoxCoderTest {
  private static final long SEED = 20261124;

  @Test
  void codesAreTensorFlows() {
    JsonNode golden = Golden.unitTests().get("box_coder_tf");
    assertCodes(golden, "codes", new BoxCoder());
  }

  @Test
  void weightedCodesAreTensorFlows() {
    JsonNode golden = Golden.unitTests().get("box_coder_tf");
    float[] yxhw = Golden.floats(golden.get("scale_factors"));
    assertCodes(golden, "codes_scaled", new BoxCoder(yxhw[1], yxhw[0], yxhw[3], yxhw[2]));
  }

  private static void assertCodes(JsonNode golden, String codesField, BoxCoder coder) {
    float tolerance = (float) golden.get("tol").doubleValue();
    float[] boxes = xFirst(Golden.floats(golden.get("boxes")));
    float[] anchors = xFirst(Golden.floats(golden.get("anchors")));
    float[] codes = xFirst(Golden.floats(golden.get(codesField)));
    for (int at = 0; at < boxes.length; at += 4) {
      float[] code = new float[4];
      float[] box = new float[4];

      coder.encode(boxes, at, anchors, at, code, 0);
      coder.decode(codes, at, anchors, at, box, 0);

      for (int i = 0; i < 4; i++) {
        assertThat(code[i]).isCloseTo(codes[at + i], within(tolerance));
        assertThat(box[i]).isCloseTo(boxes[at + i], within(10 * tolerance));
      }
    }
  }

  @Test
  void decodeInvertsEncode() {
    Random random = new Random(SEED);
    BoxCoder coder = new BoxCoder(10, 10, 5, 5);
    for (int i = 0; i < 2_000; i++) {
      float[] anchor = box(random);
      float[] box = box(random);
      float[] code = new float[4];
      float[] decoded = new float[4];

      coder.encode(box, 0, anchor, 0, code, 0);
      coder.decode(code, 0, anchor, 0, decoded, 0);

      assertThat(decoded).as("seed %d, box %d", SEED, i).containsExactly(box, within(0.02f));
    }
  }

  @Test
  void sidesAreClampedWhereTheExponentialWouldExplode() {
    float[] anchor = {0, 0, 16, 16};
    float[] box = new float[4];

    new BoxCoder().decode(new float[] {0, 0, 80, 80}, 0, anchor, 0, box, 0);

    assertThat(box).containsExactly(new float[] {-492, -492, 508, 508}, within(0.01f));
  }

  /** A box whose sides are 8 to 208, so that no ratio exceeds the clamp. */
  private static float[] box(Random random) {
    float x = random.nextFloat() * 600;
    float y = random.nextFloat() * 400;
    return new float[] {x, y, x + 8 + random.nextFloat() * 200, y + 8 + random.nextFloat() * 200};
  }

  private static float[] xFirst(float[] yFirst) {
    float[] boxes = yFirst.clone();
    for (int i = 0; i < boxes.length; i += 2) {
      boxes[i] = yFirst[i + 1];
      boxes[i + 1] = yFirst[i];
    }
    return boxes;
  }
}
