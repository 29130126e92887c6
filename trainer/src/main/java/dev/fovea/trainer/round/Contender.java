package dev.fovea.trainer.round;

import dev.fovea.trainer.evaluate.ScoredBox;
import java.util.List;

/**
 * A model as the gate sees it.
 *
 * @param classes its classes
 * @param detections what it finds in the hold-out, in the hold-out's labels
 * @param millisPerPicture median time a picture, both models by turns on the same pictures
 */
public record Contender(List<String> classes, List<ScoredBox> detections, double millisPerPicture) {
  public Contender {
    classes = List.copyOf(classes);
    detections = List.copyOf(detections);
  }
}
