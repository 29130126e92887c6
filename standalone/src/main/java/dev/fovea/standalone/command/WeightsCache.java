package dev.fovea.standalone.command;

import dev.fovea.detector.engine.HomeCache;
import dev.fovea.standalone.download.Download;
import dev.fovea.standalone.download.RemoteFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Weights out of the net, kept so that the same command need not fetch them again. */
final class WeightsCache {
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern SUM_IN_NAME = Pattern.compile(".*-([0-9a-f]{8,64})\\.[a-z]+");

  private final Path folder;
  private final PrintWriter out;

  WeightsCache(PrintWriter out) {
    this(HomeCache.folder().resolve("weights"), out);
  }

  WeightsCache(Path folder, PrintWriter out) {
    this.folder = folder;
    this.out = out;
  }

  /**
   * The file at an address, fetched unless it is here with a sum that is known.
   *
   * @param sha256 its sum or the first digits of it; empty for what its name says
   * @throws IOException if it cannot be fetched, with the address and what to do
   */
  Path fetch(URI uri, String sha256) throws IOException, InterruptedException {
    String path = String.valueOf(uri.getPath());
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(uri + ": its path must end in a file's name");
    }
    Matcher named = SUM_IN_NAME.matcher(name);
    String sum =
        sha256.isEmpty() && named.matches() ? named.group(1) : sha256.toLowerCase(Locale.ROOT);
    Path file = folder.resolve(name);
    if (Files.exists(file) && !sum.isEmpty()) {
      // Whoever reads it holds it against the sum again.
      return file;
    }
    Files.createDirectories(folder);
    DownloadProgress progress = new DownloadProgress(out);
    String advice =
        "behind a proxy set FOVEA_JAVA_OPTS=-Dhttps.proxyHost=HOST, or fetch it elsewhere and name"
            + " the file: fovea import --torchvision FILE --out DIR";
    new Download(PAUSE, SILENCE, advice, (done, total) -> progress.fetched(name, done, total))
        .fetch(new RemoteFile(uri, OptionalLong.empty(), sum), file);
    return file;
  }
}
