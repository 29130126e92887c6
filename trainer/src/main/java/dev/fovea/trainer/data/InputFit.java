package dev.fovea.trainer.data;

import dev.fovea.detector.model.Fit;
import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import dev.fovea.trainer.loss.Truth;
import dev.fovea.trainer.settings.InputSettings;
import java.util.List;

/** Where a picture's pixels lie in the network's input, as {@link ImagePlacement} has it. */
public record InputFit(ImagePlacement placement) {

  /** As the detector's preprocessor places a picture of this size. */
  public static InputFit of(LabelledPicture picture, InputSettings input) {
    int width = input.widthPx();
    int height = input.heightPx();
    if (input.fit() == Fit.LETTERBOX) {
      double scale =
          Math.min(
              (double) input.widthPx() / picture.widthPx(),
              (double) input.heightPx() / picture.heightPx());
      width = (int) Math.max(1, Math.min(width, Math.round(picture.widthPx() * scale)));
      height = (int) Math.max(1, Math.min(height, Math.round(picture.heightPx() * scale)));
    }
    return new InputFit(new ImagePlacement(picture.widthPx(), picture.heightPx(), width, height));
  }

  /** A picture's truth in pixels of the network's input. */
  public Truth truth(LabelledPicture picture) {
    List<Annotation> objects = picture.annotations().stream().filter(a -> !a.crowd()).toList();
    List<Annotation> crowds = picture.annotations().stream().filter(Annotation::crowd).toList();
    return new Truth(
        corners(objects, picture),
        objects.stream().mapToInt(Annotation::label).toArray(),
        corners(crowds, picture),
        List.of(Truth.Part.whole(picture.unmarked())));
  }

  private float[] corners(List<Annotation> annotations, LabelledPicture picture) {
    double scaleX = (double) placement.placedWidthPx() / placement.frameWidthPx();
    double scaleY = (double) placement.placedHeightPx() / placement.frameHeightPx();
    float[] corners = new float[4 * annotations.size()];
    for (int i = 0; i < annotations.size(); i++) {
      Annotation a = annotations.get(i);
      corners[4 * i] = (float) (Math.max(0, a.x()) * scaleX);
      corners[4 * i + 1] = (float) (Math.max(0, a.y()) * scaleY);
      corners[4 * i + 2] = (float) (Math.min(picture.widthPx(), a.x() + a.width()) * scaleX);
      corners[4 * i + 3] = (float) (Math.min(picture.heightPx(), a.y() + a.height()) * scaleY);
    }
    return corners;
  }
}
