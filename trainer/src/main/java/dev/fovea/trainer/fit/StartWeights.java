package dev.fovea.trainer.fit;

import dev.fovea.trainer.export.ReleaseWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Weights that another run begins with, as far as name and size agree.
 *
 * @param values by parameter name
 * @param folded the statistics of batch normalisation are not among them: they have gone into the
 *     convolutions, and have to be measured anew
 */
public record StartWeights(Map<String, float[]> values, boolean folded) {
  /** All weights are drawn by the seed. */
  public static final StartWeights NONE = new StartWeights(Map.of(), false);

  /**
   * Weights that came from elsewhere, with their statistics.
   *
   * @param values by parameter name; what is not in it is drawn
   */
  public static StartWeights of(Map<String, float[]> values) {
    return new StartWeights(values, false);
  }

  /**
   * Reads them.
   *
   * @param from a checkpoint, a folder that {@code fovea train} wrote one into, or the folder of a
   *     release
   * @throws IOException naming the file, if it is none of them or damaged
   */
  public static StartWeights read(Path from) throws IOException {
    if (!Files.isDirectory(from)) {
      return of(Checkpoint.read(from).released());
    }
    Path checkpoint = from.resolve(Checkpoint.FILE_NAME);
    return Files.exists(checkpoint)
        ? of(Checkpoint.read(checkpoint).released())
        : new StartWeights(ReleaseWeights.read(from), true);
  }
}
