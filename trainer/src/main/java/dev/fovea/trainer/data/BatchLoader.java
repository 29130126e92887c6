package dev.fovea.trainer.data;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.loss.TargetAssigner;
import dev.fovea.trainer.loss.Truth;
import dev.fovea.trainer.settings.InputSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Makes the batches of steps {@code first}, {@code first + 1}, … on a thread of its own, a few
 * ahead. Which pictures a step has, and how each is changed, follows from the seed and the step
 * alone.
 */
public final class BatchLoader implements AutoCloseable {
  private static final int AHEAD = 3;

  /** Sets the generator of sizes apart from those of pictures. */
  private static final long SIZES = 0x53495A4553L;

  private final List<LabelledPicture> pictures;
  private final TrainSettings settings;
  private final PictureStore store;
  private final PictureOrder order;
  private final List<Maker> makers;
  private final BlockingQueue<Made> queue = new ArrayBlockingQueue<>(AHEAD);
  private final Thread thread;

  /** What the thread hands over: a batch, or what stopped it. */
  private sealed interface Made {
    record Ready(Batch batch) implements Made {}

    record Failed(Throwable cause) implements Made {}
  }

  /** What makes batches of one size. */
  private record Maker(InputSize size, Augmentation augmentation, TargetAssigner assigner) {}

  public BatchLoader(CocoDataset data, TrainSettings settings, PictureStore store, int firstStep) {
    this.pictures = data.pictures();
    this.settings = settings;
    this.store = store;
    this.order =
        new PictureOrder(
            data.pictures(),
            data.classes().size(),
            settings.schedule().repeatThreshold(),
            settings.schedule().seed());
    this.makers =
        settings.input().sizes().stream()
            .map(size -> maker(settings, data.classes().size(), size))
            .toList();
    this.thread = new Thread(() -> run(firstStep), "batch-loader");
    thread.setDaemon(true);
    thread.start();
  }

  private static Maker maker(TrainSettings settings, int classes, InputSize size) {
    return new Maker(
        size,
        new Augmentation(settings.input(), settings.augmentation(), size),
        TargetAssigner.of(settings, classes, size.widthPx(), size.heightPx()));
  }

  /**
   * The next step's batch.
   *
   * @throws DatasetException if one of its pictures can't be read
   * @throws OutOfMemoryError if the heap did not suffice for it
   */
  public Batch next() throws InterruptedException {
    Made made = queue.take();
    if (made instanceof Made.Failed failed) {
      if (failed.cause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failed.cause();
    }
    return ((Made.Ready) made).batch();
  }

  /** Returns when the thread has ended, so that what it read with may be closed too. */
  @Override
  public void close() {
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(int firstStep) {
    try {
      for (int step = firstStep; !Thread.currentThread().isInterrupted(); step++) {
        queue.put(make(step));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private Made make(int step) {
    try {
      return new Made.Ready(batch(step));
    } catch (RuntimeException | OutOfMemoryError e) {
      return new Made.Failed(e);
    }
  }

  private Batch batch(int step) {
    Maker maker = makerOf(step);
    Augmentation augmentation = maker.augmentation;
    int size = settings.schedule().batch();
    int slot = 3 * maker.size.heightPx() * maker.size.widthPx();
    float[] images = new float[size * slot];
    List<Truth> truths = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      long draw = (long) step * size + i;
      Random random = new Random(Seeds.mix(settings.schedule().seed(), draw));
      LabelledPicture first = pictures.get(order.of(draw));
      truths.add(
          isMosaic(step, random)
              ? augmentation.mosaic(withThreeMore(first, draw, random), random, images, i * slot)
              : augmentation.whole(source(first), random, images, i * slot));
    }
    return new Batch(size, maker.size, images, maker.assigner.assign(truths));
  }

  private Maker makerOf(int step) {
    Random random = new Random(Seeds.mix(settings.schedule().seed() ^ SIZES, step));
    return makers.get(random.nextInt(makers.size()));
  }

  private boolean isMosaic(int step, Random random) {
    double probability = settings.augmentation().mosaic();
    return probability > 0
        && step < settings.augmentation().mosaicUntil() * settings.schedule().steps()
        && random.nextDouble() < probability;
  }

  private List<Augmentation.Source> withThreeMore(LabelledPicture first, long draw, Random random) {
    List<Augmentation.Source> four = new ArrayList<>();
    four.add(source(first));
    while (four.size() < 4) {
      four.add(source(pictures.get(order.another(draw, random))));
    }
    return four;
  }

  private Augmentation.Source source(LabelledPicture picture) {
    InputFit fit = InputFit.of(picture, settings.input());
    return new Augmentation.Source(
        store.pyramid(picture),
        fit.placement().placedWidthPx(),
        fit.placement().placedHeightPx(),
        fit.truth(picture));
  }
}
