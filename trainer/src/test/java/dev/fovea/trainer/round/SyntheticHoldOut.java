package dev.fovea.trainer.round;

import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import dev.fovea.trainer.evaluate.ScoredBox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Pictures with boxes on a grid, and models of known skill that look at them. */
final class SyntheticHoldOut {
  static final List<String> CLASSES = List.of("car", "person");
  private static final int CELL_PX = 50;
  private static final int CELLS = 4;

  private final Random random;
  private final CocoDataset data;
  private final Map<Long, String> cameras = new HashMap<>();

  /** Two cameras by turns; one to four objects a picture. */
  SyntheticHoldOut(int pictures, long seed) {
    random = new Random(seed);
    List<LabelledPicture> all = new ArrayList<>();
    long annotation = 1;
    for (long id = 1; id <= pictures; id++) {
      List<Annotation> truth = new ArrayList<>();
      int count = 1 + random.nextInt(CELLS);
      for (int i = 0; i < count; i++) {
        truth.add(
            new Annotation(annotation++, random.nextInt(2), CELL_PX * i, 0, 40, 40, 1_600, false));
      }
      all.add(new LabelledPicture(id, Path.of(id + ".jpg"), 200, 100, truth, Set.of()));
      cameras.put(id, id % 2 == 0 ? "north" : "south");
    }
    data = new CocoDataset(Path.of("val.json"), CLASSES, List.of(1L, 2L), all);
  }

  HoldOut holdOut() {
    return new HoldOut(data, cameras, Map.of());
  }

  CocoDataset data() {
    return data;
  }

  /** Finds each object with probability {@code recall}, and as often something beside it. */
  Contender model(double recall) {
    return model(picture -> recall, label -> recall);
  }

  /** Skill by camera and by class; the lower counts. */
  Contender model(Skill ofCamera, ClassSkill ofClass) {
    List<ScoredBox> found = new ArrayList<>();
    for (LabelledPicture picture : data.pictures()) {
      for (Annotation a : picture.annotations()) {
        double skill =
            Math.min(ofCamera.of(cameras.getOrDefault(picture.id(), "")), ofClass.of(a.label()));
        if (random.nextDouble() < skill) {
          double shift = 6 * random.nextDouble();
          found.add(
              new ScoredBox(
                  picture.id(),
                  a.label(),
                  a.x() + shift,
                  a.y(),
                  40,
                  40,
                  0.4 + 0.6 * random.nextDouble()));
        } else {
          found.add(
              new ScoredBox(
                  picture.id(), a.label(), a.x(), 60, 40, 40, 0.2 + 0.6 * random.nextDouble()));
        }
      }
    }
    return new Contender(CLASSES, found, 10);
  }

  /** Recall on a camera's pictures. */
  interface Skill {
    double of(String camera);
  }

  /** Recall on a class. */
  interface ClassSkill {
    double of(int label);
  }
}
