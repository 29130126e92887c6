package dev.fovea.trainer.round;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The rounds' folders, {@code 0001}, {@code 0002} and so on, each with all that its round made. */
public final class RoundFolders {
  private static final Pattern NAME = Pattern.compile("\\d{4,9}");

  private final Path root;

  /**
   * @param root made if it is not there
   */
  public RoundFolders(Path root) {
    this.root = root;
  }

  /** The numbers of all rounds whose state is there, in order. */
  public List<Integer> numbers() throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(f -> NAME.matcher(f.getFileName().toString()).matches())
          .filter(f -> Files.isRegularFile(f.resolve(RoundState.FILE)))
          .map(f -> Integer.valueOf(f.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  /** The last round's state; empty before the first. */
  public Optional<RoundState> last() throws IOException {
    List<Integer> numbers = numbers();
    return numbers.isEmpty()
        ? Optional.empty()
        : Optional.of(read(numbers.get(numbers.size() - 1)));
  }

  public RoundState read(int number) throws IOException {
    return RoundState.read(folder(number));
  }

  public Path folder(int number) {
    return root.resolve(String.format(Locale.ROOT, "%04d", number));
  }

  /**
   * Deletes what the oldest rounds trained with, and keeps what they said: state, progress and
   * report.
   *
   * @param keep rounds that keep everything
   */
  public void prune(int keep) throws IOException {
    List<Integer> numbers = numbers();
    for (int number : numbers.subList(0, Math.max(0, numbers.size() - keep))) {
      deleteAll(folder(number).resolve(Round.TRAINING));
      deleteAll(folder(number).resolve(Round.RELEASE));
    }
  }

  static void deleteAll(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      entries.sorted(Comparator.reverseOrder()).forEach(RoundFolders::delete);
    } catch (UncheckedIOException e) {
      throw new IOException(folder + " cannot be deleted: " + e.getCause(), e);
    }
  }

  private static void delete(Path entry) {
    try {
      Files.delete(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
