package dev.fovea.trainer.data;

import dev.fovea.trainer.data.LabelledPicture.Annotation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Which picture each draw of a run shows. An epoch takes every picture once, in an order of its
 * own; with a threshold, pictures of rare classes more often (repeat factor sampling, Gupta et al.
 * 2019, LVIS): a class that is in the part f of the pictures has the factor max(1, √(threshold /
 * f)), a picture the largest of its classes' factors. Of a factor's fraction it is chance, anew
 * each epoch, whether it makes one more copy.
 */
final class PictureOrder {
  /** Sets the generator of copies apart from that of the order. */
  private static final long COPIES = 0x434F50494553L;

  private final double[] factors;
  private final double total;
  private final int epochLength;
  private final long seed;
  private long epoch = -1;
  private int[] repeated = new int[0]; // in their order, as often as the epoch has them
  private int[] order = new int[0];

  /**
   * @param classes K
   * @param threshold 0 takes each picture once
   */
  PictureOrder(List<LabelledPicture> pictures, int classes, double threshold, long seed) {
    this.factors = factors(pictures, classes, threshold);
    this.total = Arrays.stream(factors).sum();
    this.epochLength = (int) Math.ceil(total); // rounded up: no picture is left out
    this.seed = seed;
  }

  /** Draws of an epoch. */
  int epochLength() {
    return epochLength;
  }

  /** The index of a draw's picture; draws of one epoch are fast one after another. */
  int of(long draw) {
    enter(draw / epochLength);
    return order[(int) (draw % epochLength)];
  }

  /** The index of one more picture for a draw, as likely as it is to be drawn. */
  int another(long draw, Random random) {
    enter(draw / epochLength);
    return repeated[random.nextInt(epochLength)];
  }

  private static double[] factors(List<LabelledPicture> pictures, int classes, double threshold) {
    int[] withClass = new int[classes];
    pictures.forEach(p -> labels(p).forEach(label -> withClass[label]++));
    return pictures.stream()
        .mapToDouble(
            p ->
                labels(p)
                    .mapToDouble(c -> Math.sqrt(threshold * pictures.size() / withClass[c]))
                    .reduce(1, Math::max))
        .toArray();
  }

  private static IntStream labels(LabelledPicture picture) {
    return picture.annotations().stream().mapToInt(Annotation::label).distinct();
  }

  private void enter(long wanted) {
    if (wanted != epoch) {
      repeated = repeat(new Random(Seeds.mix(seed ^ COPIES, wanted)).nextDouble());
      int[] places = shuffled(epochLength, new Random(Seeds.mix(~seed, wanted)));
      order = Arrays.stream(places).map(place -> repeated[place]).toArray();
      epoch = wanted;
    }
  }

  /**
   * Indices in their order, each as often as its factor says, rounded down or up, and at least once
   * (systematic sampling: a comb of even teeth laid over the factors end to end).
   *
   * @param offset of the first tooth, 0 to 1 of the space between two
   */
  private int[] repeat(double offset) {
    int[] pictures = new int[epochLength];
    double space = total / epochLength;
    int picture = 0;
    double end = factors[0];
    for (int tooth = 0; tooth < epochLength; tooth++) {
      while ((tooth + offset) * space >= end && picture < factors.length - 1) {
        end += factors[++picture];
      }
      pictures[tooth] = picture;
    }
    return pictures;
  }

  private static int[] shuffled(int size, Random random) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
