package dev.fovea.standalone.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** The experiment's JSON files. Each is written beside its place first, so that none is half. */
final class ResultFiles {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ResultFiles() {}

  static void write(Path file, Map<String, String> identity) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    identity.forEach(root::put);
    write(file, root);
  }

  static Map<String, String> readIdentity(Path file) throws IOException {
    return identity(read(file));
  }

  private static Map<String, String> identity(JsonNode root) {
    Map<String, String> identity = new TreeMap<>();
    root.properties().forEach(field -> identity.put(field.getKey(), field.getValue().asText()));
    return identity;
  }

  static void write(Path file, RunResult run) throws IOException {
    write(file, node(run));
  }

  static RunResult readRun(Path file) throws IOException {
    return run(file, read(file));
  }

  static void write(Path file, Concentration concentration) throws IOException {
    write(file, node(concentration));
  }

  static Concentration readConcentration(Path file) throws IOException {
    return concentration(file, read(file));
  }

  static void write(Path file, Results results) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    ObjectNode settings = root.putObject("settings");
    results.settings().forEach(settings::put);
    ArrayNode runs = root.putArray("runs");
    results.runs().forEach(run -> runs.add(node(run)));
    results.concentration().ifPresent(c -> root.set("concentration", node(c)));
    write(file, root);
  }

  static Results readResults(Path file) throws IOException {
    JsonNode root = read(file);
    List<RunResult> runs = new ArrayList<>();
    for (JsonNode run : root.path("runs")) {
      runs.add(run(file, run));
    }
    return new Results(
        identity(root.path("settings")),
        runs,
        root.has("concentration")
            ? Optional.of(concentration(file, root.get("concentration")))
            : Optional.empty());
  }

  private static ObjectNode node(RunResult run) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("variant", run.variant());
    node.put("seed", run.seed());
    run.divergedAt().ifPresent(step -> node.put("divergedAt", step));
    node.put("ap", run.ap());
    node.put("ap50", run.ap50());
    putIfFinite(node, "firstLoss", run.firstLoss());
    putIfFinite(node, "lastLoss", run.lastLoss());
    node.put("seconds", run.seconds());
    return node;
  }

  /** JSON has no other numbers. */
  private static void putIfFinite(ObjectNode node, String key, double value) {
    if (Double.isFinite(value)) {
      node.put(key, value);
    }
  }

  private static RunResult run(Path file, JsonNode node) throws IOException {
    return new RunResult(
        required(file, node, "variant").asText(),
        required(file, node, "seed").asLong(),
        node.has("divergedAt")
            ? OptionalInt.of(node.get("divergedAt").asInt())
            : OptionalInt.empty(),
        required(file, node, "ap").asDouble(),
        required(file, node, "ap50").asDouble(),
        node.path("firstLoss").asDouble(Double.NaN),
        node.path("lastLoss").asDouble(Double.NaN),
        required(file, node, "seconds").asDouble());
  }

  private static ObjectNode node(Concentration concentration) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("foregroundOutputs", concentration.foregroundOutputs());
    node.put("backgroundOutputs", concentration.backgroundOutputs());
    lines(node.putObject("foreground"), concentration.foreground());
    lines(node.putObject("background"), concentration.background());
    return node;
  }

  private static void lines(ObjectNode node, Map<Double, List<Double>> lines) {
    lines.forEach(
        (gamma, points) -> {
          ArrayNode array = node.putArray(String.valueOf(gamma));
          points.forEach(p -> array.add(Math.round(p * 1e6) / 1e6));
        });
  }

  private static Concentration concentration(Path file, JsonNode node) throws IOException {
    return new Concentration(
        required(file, node, "foregroundOutputs").asLong(),
        required(file, node, "backgroundOutputs").asLong(),
        lines(required(file, node, "foreground")),
        lines(required(file, node, "background")));
  }

  private static Map<Double, List<Double>> lines(JsonNode node) {
    Map<Double, List<Double>> lines = new TreeMap<>();
    node.properties()
        .forEach(
            field -> {
              List<Double> points = new ArrayList<>();
              field.getValue().forEach(p -> points.add(p.asDouble()));
              lines.put(Double.valueOf(field.getKey()), points);
            });
    return lines;
  }

  private static JsonNode required(Path file, JsonNode node, String key) throws IOException {
    JsonNode value = node.get(key);
    if (value == null) {
      throw new IOException(file + ": lacks \"" + key + "\"; delete it, and its run is done again");
    }
    return value;
  }

  private static JsonNode read(Path file) throws IOException {
    try {
      return MAPPER.readTree(Files.readAllBytes(file));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException(
          file + ": is no JSON; delete it, and it is made again: " + e.getOriginalMessage(), e);
    }
  }

  private static void write(Path file, JsonNode node) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(beside, MAPPER.writeValueAsString(node) + "\n");
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
