package dev.fovea.ingest.source;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * The images of a folder in the order of their names: JPEGs are passed through, PNGs decoded. Other
 * files are left alone; an image that cannot be read is delivered as such, and the next follows.
 */
final class ImageFolderSource implements FrameSource {
  private static final long MAX_FILE_BYTES = 64L * 1024 * 1024;

  private final SourceSpec spec;
  private final SourceOptions options;
  private final ReadGuard guard;
  private final List<Path> images;
  private final Pacer pacer;
  private @Nullable StillDecoder pngDecoder;
  private long delivered;

  private ImageFolderSource(
      SourceSpec spec, SourceOptions options, ReadGuard guard, List<Path> images) {
    this.spec = spec;
    this.options = options;
    this.guard = guard;
    this.images = images;
    this.pacer = new Pacer(options);
  }

  static ImageFolderSource open(SourceSpec spec, SourceOptions options, ReadGuard guard)
      throws SourceFailedException {
    Libav.load();
    List<Path> images;
    try (Stream<Path> files = Files.list(Path.of(spec.address()))) {
      images = files.filter(ImageFolderSource::isImage).sorted().toList();
    } catch (IOException e) {
      throw unusable(spec, "cannot be listed: " + e.getMessage());
    }
    if (images.isEmpty()) {
      throw unusable(spec, "has no .jpg, .jpeg or .png files");
    }
    return new ImageFolderSource(spec, options, guard, images);
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png");
  }

  private static SourceFailedException unusable(SourceSpec spec, String reason) {
    return new SourceFailedException(
        SourceFailedException.Kind.UNUSABLE, spec.toString(), reason, 0);
  }

  @Override
  public @Nullable CapturedFrame next() throws InterruptedException {
    if (guard.isCancelled()) {
      throw new InterruptedException(spec + ": cancelled while it was read");
    }
    if (delivered == images.size() && !options.loop()) {
      return null;
    }
    Path file = images.get((int) (delivered % images.size()));
    long index = delivered++;
    long mediaTime = Math.round(index * 1e6 / options.framesPerSecond());
    long captureTime = pacer.awaitDue(mediaTime);
    JpegRepair.Repaired read = read(file);
    return new CapturedFrame(
        index,
        file.getFileName().toString(),
        mediaTime,
        captureTime,
        read.picture(),
        read.corrupt(),
        null);
  }

  private JpegRepair.Repaired read(Path file) throws InterruptedException {
    guard.arm(options.readDeadline());
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        return unreadable(file, "is larger than " + MAX_FILE_BYTES + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      if (isPng(bytes)) {
        return new JpegRepair.Repaired(decodePng(file, bytes), false);
      }
      JpegRepair.Repaired repaired = JpegRepair.repair(bytes, options.maxPixels());
      return repaired.picture() instanceof Picture.Unreadable unreadable
          ? unreadable(file, unreadable.reason())
          : repaired;
    } catch (ClosedByInterruptException e) {
      throw new InterruptedException(spec + ": cancelled while it was read");
    } catch (IOException e) {
      return unreadable(file, "cannot be read: " + e.getMessage());
    } finally {
      guard.disarm();
    }
  }

  private static boolean isPng(byte[] bytes) {
    return bytes.length > 8 && (bytes[0] & 0xFF) == 0x89 && bytes[1] == 'P' && bytes[2] == 'N';
  }

  private static JpegRepair.Repaired unreadable(Path file, String why) {
    return new JpegRepair.Repaired(
        new Picture.Unreadable(file.getFileName() + ": " + why), /* corrupt= */ true);
  }

  private Picture decodePng(Path file, byte[] bytes) {
    if (pngDecoder == null) {
      pngDecoder = StillDecoder.ofPng(options.maxPixels());
    }
    AVFrame frame = pngDecoder.decode(bytes);
    return frame == null
        ? new Picture.Unreadable(
            file.getFileName() + ": is a damaged PNG, or has more pixels than max-pixels allows")
        : new Picture.Decoded(frame);
  }

  @Override
  public void close() {
    if (pngDecoder != null) {
      pngDecoder.close();
    }
  }
}
