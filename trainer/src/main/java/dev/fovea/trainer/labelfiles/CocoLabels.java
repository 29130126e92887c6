package dev.fovea.trainer.labelfiles;

import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * COCO. A class counts as looked for in a picture unless {@code not_exhaustive_category_ids} has
 * it, or the picture has a crowd of it: a crowd's box is no object's, and is left out.
 */
final class CocoLabels {
  private CocoLabels() {}

  static List<FileLabels> read(Path file, Path images) {
    CocoDataset dataset = CocoDataset.read(file, images);
    List<FileLabels> pictures = new ArrayList<>();
    for (LabelledPicture picture : dataset.pictures()) {
      PictureSize size = PictureSize.of(picture.file());
      if (size.widthPx() != picture.widthPx() || size.heightPx() != picture.heightPx()) {
        throw new LabelFileException(
            file,
            "image %d: %s is %dx%d, not %dx%d"
                .formatted(
                    picture.id(),
                    picture.file(),
                    size.widthPx(),
                    size.heightPx(),
                    picture.widthPx(),
                    picture.heightPx()));
      }
      pictures.add(labels(file, dataset.classes(), picture));
    }
    return pictures;
  }

  private static FileLabels labels(Path file, List<String> names, LabelledPicture picture) {
    TreeSet<Integer> lookedFor = new TreeSet<>();
    for (int label = 0; label < names.size(); label++) {
      lookedFor.add(label);
    }
    lookedFor.removeAll(picture.unmarked());
    List<LabelledBox> boxes = new ArrayList<>();
    for (LabelledPicture.Annotation a : picture.annotations()) {
      if (a.crowd()) {
        lookedFor.remove(a.label());
      } else {
        boxes.add(
            new LabelledBox(
                names.get(a.label()),
                (float) a.x(),
                (float) a.y(),
                (float) (a.x() + a.width()),
                (float) (a.y() + a.height())));
      }
    }
    return new FileLabels(
        picture.file(),
        picture.widthPx(),
        picture.heightPx(),
        boxes,
        lookedFor.stream().map(names::get).toList(),
        file + ", image " + picture.id());
  }
}
