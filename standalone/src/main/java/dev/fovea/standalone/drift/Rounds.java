package dev.fovea.standalone.drift;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundFolders;
import dev.fovea.trainer.round.RoundState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the trainer's folder says, for one who only reads. */
final class Rounds {
  private final Path folder;
  private final RoundFolders rounds;
  private final ObjectMapper json = new ObjectMapper();

  /**
   * @param folder the trainer's data-dir
   */
  Rounds(Path folder) {
    this.folder = folder;
    this.rounds = new RoundFolders(folder.resolve("rounds"));
  }

  /** The last round; empty before the first. */
  Optional<RoundState> last() {
    try {
      return rounds.last();
    } catch (IOException e) {
      return Optional.empty(); // As it is being written; the next look sees it.
    }
  }

  /** A round by number, once it has begun. */
  Optional<RoundState> round(int number) {
    return last().filter(last -> last.number() >= number).flatMap(last -> read(last, number));
  }

  private Optional<RoundState> read(RoundState last, int number) {
    try {
      return Optional.of(last.number() == number ? last : rounds.read(number));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether labels have come, and too few of them are held out for a round to begin. */
  boolean holdOutIsTooSmall(int minHoldOut) {
    return labels().filter(version -> version.valPictures() < minHoldOut).isPresent();
  }

  /** The round's page. */
  Path report(int number) {
    return rounds.folder(number).resolve("report.html");
  }

  /** The last version of the data set; empty before the first. */
  Optional<LabelVersion> labels() {
    return LabelArchive.latest(folder.resolve("labels"));
  }

  /** SHA-256 of every picture of the last version that is trained on. */
  Set<String> trainingPictures() {
    return labels()
        .map(
            version ->
                CocoDataset.read(version.trainJson(), version.images()).pictures().stream()
                    .map(picture -> picture.file().getFileName().toString())
                    .map(name -> name.substring(0, name.indexOf('.')))
                    .collect(Collectors.toSet()))
        .orElse(Set.of());
  }

  /** What a round is at, in some words. */
  String doing(RoundState round) {
    String phase = round.phase().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return "round " + round.number() + " " + phase + step(round);
  }

  /** The last step that was written down while it trains. */
  private String step(RoundState round) {
    Path progress = rounds.folder(round.number()).resolve("progress.jsonl");
    if (round.phase() != RoundState.Phase.TRAINING || !Files.isRegularFile(progress)) {
      return "";
    }
    try {
      List<String> lines = Files.readAllLines(progress);
      JsonNode last = json.readTree(lines.isEmpty() ? "{}" : lines.get(lines.size() - 1));
      return last.has("step") ? ", step " + last.get("step").asInt() : "";
    } catch (IOException e) {
      return ""; // A torn line; the next look sees it whole.
    }
  }
}
