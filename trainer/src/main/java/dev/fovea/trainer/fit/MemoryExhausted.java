package dev.fovea.trainer.fit;

import dev.fovea.trainer.TrainSettings;
import java.util.Optional;

/** Memory did not suffice for a run; the message says which settings to lower. */
public final class MemoryExhausted extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What PyTorch's allocators say, among much else. */
  private static final String[] NATIVE = {
    "can't allocate memory", "not enough memory", "out of memory"
  };

  private MemoryExhausted(String message, Throwable cause) {
    super(message, cause);
  }

  /** The advice if it was memory that ended, Java's or PyTorch's. */
  static Optional<MemoryExhausted> of(Throwable failure, TrainSettings settings, int step) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof OutOfMemoryError) {
        return Optional.of(new MemoryExhausted(heap(settings, step), failure));
      }
      if (isNative(t)) {
        return Optional.of(new MemoryExhausted(tensors(settings, step), failure));
      }
    }
    return Optional.empty();
  }

  private static boolean isNative(Throwable t) {
    String message = t.getMessage();
    if (message != null) {
      for (String words : NATIVE) {
        if (message.contains(words)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String tensors(TrainSettings settings, int step) {
    return ("out of memory at step %d, in PyTorch's tensors: lower schedule.batch (%d), or"
            + " input.width and input.height (%dx%d); --resume goes on only where neither changed")
        .formatted(
            step,
            settings.schedule().batch(),
            settings.input().widthPx(),
            settings.input().heightPx());
  }

  private static String heap(TrainSettings settings, int step) {
    return ("out of memory at step %d, in Java's heap of %d MB: lower schedule.cache-mb (%d), which"
            + " --resume may change, or schedule.batch (%d); or give a larger heap (-Xmx in"
            + " FOVEA_JAVA_OPTS)")
        .formatted(
            step,
            Runtime.getRuntime().maxMemory() / 1_000_000,
            settings.schedule().cacheMegabytes(),
            settings.schedule().batch());
  }
}
