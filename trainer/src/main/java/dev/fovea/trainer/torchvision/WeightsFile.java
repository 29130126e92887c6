package dev.fovea.trainer.torchvision;

import dev.fovea.trainer.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sum of a file of weights, and what it must be. */
final class WeightsFile {
  /** As torch.hub has it: the file's name ends in the sum's first digits. */
  private static final Pattern SUM_IN_NAME = Pattern.compile(".*-([0-9a-f]{8,64})\\.[a-z]+");

  private static final Pattern SUM = Pattern.compile("[0-9a-f]{8,64}");
  private static final int BUFFER_BYTES = 1 << 16;

  private WeightsFile() {}

  /**
   * Computes the sum and holds it against what is known of it.
   *
   * @param expected the whole sum, or at least eight first digits of it
   * @return lower-case hexadecimal
   * @throws WeightsException if it is another than expected, or than the file's name says
   */
  static String checkedSum(Path file, Optional<String> expected) throws IOException {
    String wanted = expected.map(sum -> sum.strip().toLowerCase(Locale.ROOT)).orElse("");
    if (expected.isPresent() && !SUM.matcher(wanted).matches()) {
      throw new IllegalArgumentException(
          "--sha256 must be 8 to 64 hexadecimal digits, not \"%s\"".formatted(expected.get()));
    }
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(file, "there is no such file");
    }
    String sum = sum(file);
    if (!sum.startsWith(wanted)) {
      throw new WeightsException(
          file, "has the SHA-256 %s, and must have %s".formatted(sum, wanted));
    }
    Matcher named = SUM_IN_NAME.matcher(String.valueOf(file.getFileName()));
    if (named.matches() && !sum.startsWith(named.group(1))) {
      throw new WeightsException(
          file,
          ("by its name its SHA-256 begins with %s, but it is %s: the file is damaged or another;"
                  + " rename it if its name does not mean that")
              .formatted(named.group(1), sum));
    }
    return sum;
  }

  private static String sum(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file);
        DigestInputStream in = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"))) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (in.read(buffer) >= 0) {
        // The digest takes what is read.
      }
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
