package dev.fovea.trainer.round;

import dev.fovea.trainer.data.JpegFile;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.evaluate.ErrorBreakdown;
import dev.fovea.trainer.evaluate.ErrorBreakdown.Cause;
import dev.fovea.trainer.evaluate.ErrorBreakdown.Mistake;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * The worst mistakes as pictures within the page: of each cause as many, the surest wrong
 * detections and the largest missed boxes first. Pictures are made small, so that a report stays a
 * few megabytes.
 */
final class MistakePictures {
  private static final int WIDTH_PX = 420;
  private static final long MOST_PIXELS = 40_000_000;
  private static final float JPEG_QUALITY = 0.75f;

  private final HoldOut holdOut;
  private final ErrorBreakdown errors;
  private final Map<Long, LabelledPicture> pictures = new HashMap<>();

  MistakePictures(HoldOut holdOut, ErrorBreakdown errors) {
    this.holdOut = holdOut;
    this.errors = errors;
    holdOut.data().pictures().forEach(p -> pictures.put(p.id(), p));
  }

  /**
   * @param most pictures
   */
  void writeTo(Markup out, int most) {
    List<Mistake> chosen = choose(most);
    if (chosen.isEmpty()) {
      out.raw("<p class=\"none\">None to show.</p>");
      return;
    }
    out.raw("<div class=\"pictures\">");
    chosen.forEach(mistake -> write(out, mistake));
    out.raw("</div>");
  }

  /** Takes from the causes by turns, so that a frequent one does not fill the page. */
  private List<Mistake> choose(int most) {
    Map<Cause, Iterator<Mistake>> byCause = new EnumMap<>(Cause.class);
    for (Cause cause : Cause.values()) {
      byCause.put(cause, errors.worst().stream().filter(m -> m.cause() == cause).iterator());
    }
    List<Mistake> chosen = new ArrayList<>();
    boolean more = true;
    while (more && chosen.size() < most) {
      more = false;
      for (Iterator<Mistake> next : byCause.values()) {
        if (next.hasNext() && chosen.size() < most) {
          chosen.add(next.next());
          more = true;
        }
      }
    }
    chosen.sort((a, b) -> a.cause().compareTo(b.cause()));
    return chosen;
  }

  private void write(Markup out, Mistake mistake) {
    LabelledPicture picture = pictures.get(mistake.imageId());
    if (picture == null) {
      return;
    }
    out.raw("<figure class=\"mistake\">");
    Optional<String> data = dataUri(picture.file());
    if (data.isPresent()) {
      out.format(
          "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
          picture.widthPx(), picture.heightPx());
      out.text(words(mistake)).raw("\">");
      out.format(
          "<image width=\"%d\" height=\"%d\" href=\"", picture.widthPx(), picture.heightPx());
      out.raw(data.get()).raw("\"/>");
      for (LabelledPicture.Annotation a : picture.annotations()) {
        box(out, "truth", a.x(), a.y(), a.width(), a.height());
      }
      box(
          out,
          mistake.cause() == Cause.MISSED ? "missed" : "wrong",
          mistake.x(),
          mistake.y(),
          mistake.width(),
          mistake.height());
      out.raw("</svg>");
    } else {
      out.raw("<p class=\"none\">The picture cannot be read.</p>");
    }
    String camera = holdOut.cameras().getOrDefault(mistake.imageId(), "");
    out.raw("<figcaption>")
        .element("b", words(mistake))
        .raw("<br>")
        .text(camera.isEmpty() ? "picture " + mistake.imageId() : camera)
        .raw("</figcaption></figure>");
  }

  private String words(Mistake mistake) {
    String label = holdOut.data().classes().get(mistake.label());
    String score = String.format(Locale.ROOT, "%.2f", mistake.score());
    return switch (mistake.cause()) {
      case CLASS -> "Wrong class: " + label + " " + score;
      case PLACE -> "Misplaced: " + label + " " + score;
      case BOTH -> "Wrong class and misplaced: " + label + " " + score;
      case DUPLICATE -> "Duplicate: " + label + " " + score;
      case BACKGROUND -> "Nothing there: " + label + " " + score;
      case MISSED -> "Missed: " + label;
    };
  }

  private static void box(Markup out, String kind, double x, double y, double w, double h) {
    for (String layer : List.of("casing", kind)) {
      out.raw("<rect class=\"" + layer + "\"")
          .format(" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", x, y, w, h);
    }
  }

  private static Optional<String> dataUri(Path file) {
    try {
      BufferedImage small = small(file);
      return Optional.of(
          "data:image/jpeg;base64,"
              + Base64.getEncoder().encodeToString(JpegFile.of(small, JPEG_QUALITY)));
    } catch (IOException | RuntimeException e) {
      // A report without one of its pictures is better than none.
      return Optional.empty();
    }
  }

  private static BufferedImage small(Path file) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException(file + ": is not a picture");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in);
        if ((long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS) {
          throw new IOException(file + ": has too many pixels");
        }
        return scaled(reader.read(0));
      } finally {
        reader.dispose();
      }
    }
  }

  private static BufferedImage scaled(BufferedImage image) {
    int width = Math.min(WIDTH_PX, image.getWidth());
    int height = Math.max(1, Math.round((float) image.getHeight() * width / image.getWidth()));
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = small.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.drawImage(image, 0, 0, width, height, null);
    g.dispose();
    return small;
  }
}
