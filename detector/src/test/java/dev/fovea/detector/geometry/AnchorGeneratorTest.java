package dev.fovea.detector.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnchorGeneratorTest {
  @Test
  void roundedAnchorsAreTorchvisions() {
    JsonNode golden = Golden.torchvision();
    AnchorShapes shapes =
        new AnchorShapes(
            4,
            List.of(0.5, 1.0, 2.0),
            List.of(1.0, Math.pow(2, 1 / 3.0), Math.pow(2, 2 / 3.0)),
            true);

    AnchorGenerator anchors = AnchorGenerator.of(shapes, 128, 96);

    assertThat(anchors.generate()).containsExactly(Golden.floats(golden.get("anchors")));
    JsonNode sizes = golden.get("feature_sizes_h_w");
    for (int level = 0; level < sizes.size(); level++) {
      assertThat(anchors.height(level)).isEqualTo(sizes.get(level).get(0).intValue());
      assertThat(anchors.width(level)).isEqualTo(sizes.get(level).get(1).intValue());
    }
  }

  @Test
  void exactAnchorsAreTensorFlowsMultiscaleGrid() {
    for (JsonNode golden : Golden.unitTests().get("anchors_tf_multiscale").get("cases")) {
      List<Integer> strides = new ArrayList<>();
      golden.get("levels").forEach(level -> strides.add(1 << level.intValue()));
      List<Double> ratios = new ArrayList<>();
      // TensorFlow's aspect ratio is width over height.
      golden.get("aspect_ratios").forEach(ratio -> ratios.add(1 / ratio.doubleValue()));
      int perOctave = golden.get("scales_per_octave").intValue();
      List<Double> octaveScales = new ArrayList<>();
      for (int i = 0; i < perOctave; i++) {
        octaveScales.add(Math.pow(2, (double) i / perOctave));
      }
      AnchorShapes shapes =
          new AnchorShapes(golden.get("anchor_scale").doubleValue(), ratios, octaveScales, false);

      AnchorGenerator anchors =
          AnchorGenerator.of(
              shapes,
              strides,
              golden.get("im").get(1).intValue(),
              golden.get("im").get(0).intValue());

      float[] expected = Golden.floats(golden.get("expected"));
      swapXAndY(expected);
      // TensorFlow runs over the grid's rows and columns alike, but has y before x in a box; both
      // cases are square, so that only the boxes need turning.
      assertThat(anchors.generate()).containsExactly(expected, within(1e-3f));
    }
  }

  @Test
  void shapesAreDetectron2s() {
    JsonNode golden = Golden.unitTests().get("anchors_detectron2");
    float[] expected = Golden.floats(golden.get("expected"));
    int stride = golden.get("stride").intValue();
    int ratios = golden.get("aspect_ratios_h_over_w").size();
    int sizes = golden.get("sizes").size();
    List<Double> ratioList = new ArrayList<>();
    golden.get("aspect_ratios_h_over_w").forEach(ratio -> ratioList.add(ratio.doubleValue()));
    List<Double> octaveScales = new ArrayList<>();
    golden.get("sizes").forEach(size -> octaveScales.add(size.doubleValue() / stride));

    AnchorGenerator anchors =
        AnchorGenerator.of(
            new AnchorShapes(1, ratioList, octaveScales, false),
            List.of(stride),
            2 * stride,
            stride);

    float[] ours = anchors.generate();
    for (int column = 0; column < 2; column++) {
      for (int ratio = 0; ratio < ratios; ratio++) {
        for (int size = 0; size < sizes; size++) {
          // Theirs is size-major and starts at the corner of a cell, ours at its centre.
          int at = 4 * (column * ratios * sizes + ratio * sizes + size);
          int theirs = 4 * (column * ratios * sizes + size * ratios + ratio);
          for (int i = 0; i < 4; i++) {
            assertThat(ours[at + i] - stride / 2f).isCloseTo(expected[theirs + i], within(1e-4f));
          }
        }
      }
    }
  }

  @Test
  void thePapersAnchorsAreNineALocationAtTheCentresOfTheCells() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 384, 224);

    assertThat(anchors.levels()).isEqualTo(5);
    assertThat(anchors.perLocation()).isEqualTo(9);
    assertThat(anchors.count())
        .isEqualTo(9 * (48 * 28 + 24 * 14 + 12 * 7 + 6 * 4 + 3 * 2))
        .isEqualTo(anchors.generate().length / 4);
    float[] square = new float[4];
    anchors.write(1, 2, 3, 3, square, 0);
    assertThat(square).containsExactly(56 - 32, 40 - 32, 56 + 32, 40 + 32);
  }

  @Test
  void aSizeThatIsNoMultipleOfTheStrideGetsAnotherCell() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 385, 223);

    assertThat(anchors.width(0)).isEqualTo(49);
    assertThat(anchors.height(0)).isEqualTo(28);
    assertThat(anchors.width(4)).isEqualTo(4);
  }

  @Test
  void shapesThatAreNoneAreRefusedByName() {
    assertThatThrownBy(() -> AnchorShapes.paper(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scale must be above 0, not 0.0");
    assertThatThrownBy(() -> new AnchorShapes(4, List.of(), List.of(1.0), false))
        .hasMessage("ratios must not be empty");
    assertThatThrownBy(() -> new AnchorShapes(4, List.of(1.0), List.of(Double.NaN), false))
        .hasMessage("octaveScales must be above 0, not NaN");
  }

  private static void swapXAndY(float[] boxes) {
    for (int i = 0; i < boxes.length; i += 2) {
      float first = boxes[i];
      boxes[i] = boxes[i + 1];
      boxes[i + 1] = first;
    }
  }
}
