package dev.fovea.ingest.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens sources of every kind. */
public final class FrameSources {
  private FrameSources() {}

  /**
   * Opens a source that only this thread will end: for offline use.
   *
   * @param source as a user writes it, see {@link SourceSpec#parse}
   * @throws IllegalArgumentException if {@code source} is of no known kind
   * @throws SourceFailedException if it cannot be opened or holds no pictures
   */
  public static FrameSource open(String source, SourceOptions options)
      throws SourceFailedException, InterruptedException {
    ReadGuard guard = new ReadGuard();
    try {
      FrameSource opened = open(SourceSpec.parse(source), options, guard);
      return new GuardedSource(opened, guard);
    } catch (SourceFailedException | InterruptedException | RuntimeException e) {
      guard.close();
      throw e;
    }
  }

  /**
   * Opens a source; {@code guard} holds its deadlines, lets another thread end it, and must stay
   * open until the source is closed.
   */
  public static FrameSource open(SourceSpec spec, SourceOptions options, ReadGuard guard)
      throws SourceFailedException, InterruptedException {
    return switch (spec.kind()) {
      case FILE -> {
        requireReadable(spec);
        yield LibavSource.open(spec, options, guard);
      }
      case RTSP, HTTP, V4L2 -> LibavSource.open(spec, options, guard);
      case FOLDER -> ImageFolderSource.open(spec, options, guard);
      case SYNTHETIC -> SyntheticSource.open(spec, options, guard);
    };
  }

  private static void requireReadable(SourceSpec spec) throws SourceFailedException {
    Path file = Path.of(spec.address());
    String why = whyUnreadable(file);
    if (why != null) {
      throw new SourceFailedException(SourceFailedException.Kind.UNUSABLE, spec.toString(), why, 0);
    }
  }

  private static @Nullable String whyUnreadable(Path file) {
    try {
      if (!Files.exists(file)) {
        return "there is no such file or folder";
      }
      if (!Files.isRegularFile(file)) {
        return "is neither a file nor a folder; for a camera device write v4l2:" + file;
      }
      if (!Files.isReadable(file)) {
        return "may not be read by this user; check its permissions";
      }
      return Files.size(file) == 0 ? "is empty (0 bytes)" : null;
    } catch (IOException e) {
      return "cannot be read: " + e.getMessage();
    }
  }

  /** A source together with the guard that was made for it alone. */
  private record GuardedSource(FrameSource source, ReadGuard guard) implements FrameSource {
    @Override
    public @Nullable CapturedFrame next() throws SourceFailedException, InterruptedException {
      return source.next();
    }

    @Override
    public void close() {
      source.close();
      guard.close();
    }
  }
}
