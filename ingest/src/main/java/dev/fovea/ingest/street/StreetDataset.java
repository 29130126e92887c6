package dev.fovea.ingest.street;

import dev.fovea.ingest.street.StreetFilm.Take;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A COCO data set of synthetic streets, written as {@link StreetFilm} does. Every image is another
 * street at another time, so that two data sets with different seeds share none and may be used to
 * train and to test.
 *
 * @param seed which data set
 * @param count images, 1 to 1 000 000
 * @param light at what hours the pictures are taken
 * @param workers threads that draw, 1 to 64; the files don't depend on it
 */
public record StreetDataset(long seed, int count, DatasetLight light, int workers) {
  /** Sub-folder of the pictures, which the annotations' file names are relative to. */
  public static final String IMAGES = StreetFilm.IMAGES;

  public StreetDataset {
    if (count < 1 || count > 1_000_000) {
      throw new IllegalArgumentException("count " + count + ": must be 1 to 1000000");
    }
    if (workers < 1 || workers > 64) {
      throw new IllegalArgumentException("workers " + workers + ": must be 1 to 64");
    }
  }

  /** Pictures of all hours. */
  public StreetDataset(long seed, int count, int workers) {
    this(seed, count, DatasetLight.MIXED, workers);
  }

  /** The scene of image {@code index}, from 0; the image is its frame 0. */
  StreetScene scene(int index) {
    return new StreetScene(street(index));
  }

  private StreetSettings street(int index) {
    Dice dice = Dice.of(seed, 0x5EED, index);
    StreetSettings street = StreetSettings.of(dice.next()).withDensity(dice.between(0.6, 1.5));
    return switch (light) {
      case DAY -> street.withDaylight(Daylight.fixed(StreetSettings.dayHour(dice)));
      case NIGHT -> street.withDaylight(Daylight.fixed(StreetSettings.nightHour(dice)));
      case MIXED -> street;
    };
  }

  /**
   * Draws and writes it.
   *
   * @param folder absent or empty
   */
  public void write(Path folder, StreetFilm.Progress progress)
      throws IOException, InterruptedException {
    List<Take> takes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      takes.add(new Take(street(i), 0, 1, 1));
    }
    new StreetFilm(takes, workers).write(folder, progress);
  }
}
