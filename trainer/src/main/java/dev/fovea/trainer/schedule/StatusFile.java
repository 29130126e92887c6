package dev.fovea.trainer.schedule;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fovea.trainer.round.RoundState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code status.json}: what the trainer is at, for a person or a monitor. The loop's thread. */
public final class StatusFile {
  private static final Logger log = LoggerFactory.getLogger(StatusFile.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private String last = "";

  public StatusFile(Path file) {
    this.file = file;
  }

  /** Writes it where something in it has changed; a disk that is full is logged, no more. */
  void write(String doing, @Nullable RoundState round, Optional<Instant> nextPlanned) {
    ObjectNode node = JSON.createObjectNode();
    node.put("doing", doing);
    nextPlanned.ifPresent(time -> node.put("nextPlanned", time.toString()));
    if (round != null) {
      ObjectNode about = node.putObject("round");
      about.put("number", round.number());
      about.put("phase", round.phase().name().toLowerCase(Locale.ROOT));
      about.put("labels", round.labelVersion());
      about.put("startedAt", round.startedAt().toString());
      about.put("attempts", round.attempts());
      round.failure().ifPresent(why -> about.put("failure", why));
      round.retryAt().ifPresent(time -> about.put("retryAt", time.toString()));
      round.outcome().ifPresent(sentence -> about.put("outcome", sentence));
    }
    String text = node.toPrettyString() + "\n";
    if (text.equals(last)) {
      return;
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(part, text);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      last = text;
    } catch (IOException e) {
      log.warn("{} cannot be written: {}", file, e.toString());
    }
  }
}
