package dev.fovea.standalone.detect;

import dev.fovea.detector.model.Detected;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/**
 * Draws detections on a picture as the dashboard does: a 2 px line in the class's colour on a dark
 * casing, solid from a score of .70, dashed below, and a chip with class and score where there is
 * room.
 */
final class BoxPainter {
  /** In the order of the model's classes; beyond seven they repeat. */
  private static final Color[] CLASS_COLOURS = {
    new Color(0x9FCAFF),
    new Color(0xF3C96E),
    new Color(0xFF45AC),
    new Color(0xA581FD),
    new Color(0x62FFC2),
    new Color(0xD17C66),
    new Color(0xDAF928)
  };

  private static final Color CASING = new Color(0x07, 0x08, 0x0A, 158);
  private static final Color CHIP_TEXT = new Color(0x0B0D11);
  private static final Font CHIP_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 12);
  private static final int CHIP_PADDING_PX = 4;
  private static final float CERTAIN_SCORE = .70f;
  private static final float SMALLEST_BOX_WITH_CHIP_PX2 = 500;

  private final List<String> classes;

  BoxPainter(List<String> classes) {
    this.classes = List.copyOf(classes);
  }

  void paint(BufferedImage picture, List<Detected> detections) {
    Graphics2D g = picture.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    try {
      List<Rectangle2D> boxes = detections.stream().map(BoxPainter::box).toList();
      // Least certain first, so that the surest lies on top.
      for (int i = detections.size() - 1; i >= 0; i--) {
        paintBox(g, boxes.get(i), detections.get(i));
      }
      paintChips(g, detections, boxes, picture);
    } finally {
      g.dispose();
    }
  }

  private static Rectangle2D box(Detected d) {
    return new Rectangle2D.Float(
        Math.round(d.x1()),
        Math.round(d.y1()),
        Math.round(d.x2() - d.x1()),
        Math.round(d.y2() - d.y1()));
  }

  private void paintBox(Graphics2D g, Rectangle2D box, Detected d) {
    g.setColor(CASING);
    g.setStroke(new BasicStroke(4));
    g.draw(box);
    g.setColor(colour(d));
    g.setStroke(
        d.score() >= CERTAIN_SCORE
            ? new BasicStroke(2)
            : new BasicStroke(
                2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {6, 4}, 0));
    g.draw(box);
  }

  private Color colour(Detected d) {
    return CLASS_COLOURS[Math.floorMod(classes.indexOf(d.label()), CLASS_COLOURS.length)];
  }

  /** The surest first: where there is not room for all, theirs are read. */
  private void paintChips(
      Graphics2D g, List<Detected> detections, List<Rectangle2D> boxes, BufferedImage picture) {
    g.setFont(CHIP_FONT);
    FontMetrics metrics = g.getFontMetrics();
    ChipLayout layout = new ChipLayout(picture.getWidth(), picture.getHeight(), boxes);
    for (int i = 0; i < boxes.size(); i++) {
      Rectangle2D box = boxes.get(i);
      if (box.getWidth() * box.getHeight() < SMALLEST_BOX_WITH_CHIP_PX2) {
        continue;
      }
      Detected d = detections.get(i);
      String text = chipText(d);
      layout
          .place(box, metrics.stringWidth(text) + 2 * CHIP_PADDING_PX)
          .ifPresent(spot -> paintChip(g, spot, colour(d), text));
    }
  }

  private static String chipText(Detected d) {
    String score = String.format(Locale.ROOT, "%.2f", d.score());
    return d.label()
        + " "
        + (score.startsWith("0") ? score.substring(1) : score)
        + (d.score() < CERTAIN_SCORE ? " ?" : "");
  }

  private static void paintChip(Graphics2D g, Rectangle2D spot, Color colour, String text) {
    g.setColor(colour);
    g.fill(
        new RoundRectangle2D.Double(
            spot.getX(), spot.getY(), spot.getWidth(), spot.getHeight(), 6, 6));
    g.setColor(CHIP_TEXT);
    g.drawString(text, (float) spot.getX() + CHIP_PADDING_PX, (float) spot.getY() + 13);
  }
}
