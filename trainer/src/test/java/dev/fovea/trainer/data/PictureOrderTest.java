package dev.fovea.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.trainer.data.LabelledPicture.Annotation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PictureOrderTest {
  private static final int COMMON = 0;
  private static final int RARE = 1;

  /** One hundred pictures with the common class; the last four have the rare one too. */
  private static final List<LabelledPicture> PICTURES = pictures();

  @Test
  void withoutAThresholdAnEpochTakesEachPictureOnceInAnOrderOfItsOwn() {
    PictureOrder order = new PictureOrder(PICTURES, 2, 0, 1);

    assertThat(order.epochLength()).isEqualTo(100);
    int[] first = epoch(order, 0);
    int[] second = epoch(order, 1);
    assertThat(first).isNotEqualTo(second);
    for (int[] drawn : List.of(first, second)) {
      assertThat(Arrays.stream(drawn).sorted()).containsExactlyElementsOf(indices(100));
    }
  }

  @Test
  void picturesOfARareClassComeByTheRootOfTheThresholdOverItsPart() {
    PictureOrder order = new PictureOrder(PICTURES, 2, 0.25, 1); // √(.25 / .04) = 2.5

    assertThat(order.epochLength()).isEqualTo(96 + 10);
    int[] times = new int[100];
    for (int epoch = 0; epoch < 400; epoch++) {
      int[] now = new int[100];
      Arrays.stream(epoch(order, epoch)).forEach(picture -> now[picture]++);
      assertThat(Arrays.copyOf(now, 96)).as("epoch %d", epoch).containsOnly(1);
      assertThat(Arrays.copyOfRange(now, 96, 100)).as("epoch %d", epoch).containsOnly(2, 3);
      Arrays.setAll(times, picture -> times[picture] + now[picture]);
    }
    for (int picture = 96; picture < 100; picture++) {
      assertThat(times[picture] / 400.0).isCloseTo(2.5, within(0.1));
    }
  }

  @Test
  void noPictureIsLeftOutWhateverTheThreshold() {
    for (double threshold = 0.05; threshold < 1; threshold += 0.05) {
      PictureOrder order = new PictureOrder(PICTURES, 2, threshold, 1);
      for (int epoch = 0; epoch < 50; epoch++) {
        assertThat(Arrays.stream(epoch(order, epoch)).distinct().count()).isEqualTo(100);
      }
    }
  }

  @Test
  void aDrawDoesNotDependOnTheDrawsBeforeIt() {
    PictureOrder all = new PictureOrder(PICTURES, 2, 0.3, 7);
    int[] expected = IntStream.range(0, 500).map(all::of).toArray();
    for (int draw = 499; draw >= 0; draw -= 53) {
      assertThat(new PictureOrder(PICTURES, 2, 0.3, 7).of(draw)).isEqualTo(expected[draw]);
    }
  }

  @Test
  void whatIsAddedToAMosaicIsRepeatedToo() {
    PictureOrder order = new PictureOrder(PICTURES, 2, 0.25, 1);
    Random random = new Random(3);

    double rare =
        LongStream.range(0, 20_000).filter(draw -> order.another(draw, random) >= 96).count();

    assertThat(rare / 20_000).isCloseTo(10 / 106.0, within(0.01));
  }

  private static int[] epoch(PictureOrder order, int epoch) {
    long first = (long) epoch * order.epochLength();
    return LongStream.range(first, first + order.epochLength()).mapToInt(order::of).toArray();
  }

  private static List<Integer> indices(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static List<LabelledPicture> pictures() {
    List<LabelledPicture> pictures = new ArrayList<>();
    for (int id = 0; id < 100; id++) {
      List<Annotation> boxes = new ArrayList<>(List.of(box(COMMON), box(COMMON)));
      if (id >= 96) {
        boxes.add(box(RARE));
      }
      pictures.add(new LabelledPicture(id, Path.of(id + ".jpg"), 10, 10, boxes, Set.of()));
    }
    return pictures;
  }

  private static Annotation box(int label) {
    return new Annotation(1, label, 0, 0, 5, 5, 25, false);
  }
}
