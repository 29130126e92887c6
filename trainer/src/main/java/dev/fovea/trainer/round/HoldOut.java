package dev.fovea.trainer.round;

import dev.fovea.trainer.data.CocoDataset;
import java.util.Map;

/**
 * The pictures that candidate and live model are measured on, and where they come from.
 *
 * @param data pictures and truth
 * @param cameras by picture id; a picture that is not in it comes from no known camera
 * @param scenes by picture id, what it was drawn with, such as a camera's minute: pictures of one
 *     scene stand or fall together and are resampled together; one that is not in it is a scene of
 *     its own
 */
public record HoldOut(CocoDataset data, Map<Long, String> cameras, Map<Long, String> scenes) {
  public HoldOut {
    cameras = Map.copyOf(cameras);
    scenes = Map.copyOf(scenes);
  }
}
