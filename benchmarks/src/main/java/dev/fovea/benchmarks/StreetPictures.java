package dev.fovea.benchmarks;

import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Pictures like a camera's: the synthetic street, as JPEG. */
public final class StreetPictures {
  /** Size that cameras are recorded at by default. */
  public static final int WIDTH_PX = 640;

  public static final int HEIGHT_PX = 360;

  private static final long SEED = 7;

  private StreetPictures() {}

  /** Frame {@code frameIndex} of the street. */
  public static byte[] jpeg(int widthPx, int heightPx, long frameIndex) {
    StreetScene scene = new StreetScene(StreetSettings.of(SEED).withSize(widthPx, heightPx));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(scene.render(frameIndex), "jpeg", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
