package dev.fovea.schema;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A service's configuration on top of its documented reference, and nothing but what the reference
 * knows: an unknown key or a value of the wrong type is refused with the key, the value, the rule,
 * and the file and line.
 *
 * <p>What counts, first to last: options ({@code overrides} that come from no file), environment
 * variables that the reference names ({@code port = ${?FOVEA_SINK_PORT}}), the user's file, the
 * reference. Every refusal is a {@link ConfigException}; {@link #explain} makes one sentence of
 * any.
 */
public final class StrictConfig {
  private static final String REFERENCE = "reference.conf";
  private static final String ENVIRONMENT = "environment variable ";
  private static final String CAMERAS = "cameras";
  private static final String CAMERA_DEFAULTS = "camera-defaults";
  private static final Pattern POSITION = Pattern.compile("^(.+?): (\\d+): ");

  /** How a service's reference says that it has the shared block, and nothing of its own in it. */
  private static final Pattern EMPTY_KAFKA_BLOCK = Pattern.compile("(?m)^kafka \\{\\s*\\}$");

  private StrictConfig() {}

  /**
   * Loads a service's configuration: {@code kafka} takes any key (what is not Fovea's goes to
   * Kafka's clients), and each {@code cameras.NAME} takes the keys of {@code camera-defaults}, from
   * where it also gets what it leaves out. Every other key must be in the reference.
   *
   * @param owner the service's config record; its {@code reference.conf} lies beside it on the
   *     class path (or, called after it, {@code my-config.conf} of {@code MyConfig})
   * @param overrides what the user gave: a file from {@link #parse}, options, or both
   * @throws ConfigException if something in it is refused
   */
  public static Config load(Class<?> owner, Config overrides) {
    return load(owner, overrides, Set.of(KafkaSettings.BLOCK), Map.of(CAMERAS, CAMERA_DEFAULTS));
  }

  /**
   * Loads a service's configuration with its own rules for blocks that the user fills.
   *
   * @param owner as above
   * @param overrides as above
   * @param freeForm paths of blocks that take any key; those that the reference has still keep
   *     their type
   * @param templates by path of a block of user-named blocks, the path of the block in the
   *     reference that says which keys each may have, and their defaults; where the reference has
   *     no such template, the block takes any key
   * @throws ConfigException if something in it is refused
   */
  public static Config load(
      Class<?> owner, Config overrides, Set<String> freeForm, Map<String, String> templates) {
    return load(owner, overrides, freeForm, templates, System.getenv());
  }

  static Config load(
      Class<?> owner,
      Config overrides,
      Set<String> freeForm,
      Map<String, String> templates,
      Map<String, String> environment) {
    Config variables = environmentAsConfig(environment);
    Config reference = resolve(reference(owner), variables);
    Config user = resolve(overrides.withFallback(reference), variables);
    Config merged = environmentOverFile(reference, user).withFallback(user);
    // What a value must be is said by the default, not by what the environment put in its place.
    Config known = resolve(reference(owner), ConfigFactory.empty());
    Rules rules = new Rules(freeForm, templates, known);
    check(rules, "", known.root(), merged.root());
    return withTemplates(merged, rules);
  }

  /**
   * Parses a user's file.
   *
   * @throws ConfigException naming the file, and the line where it is not HOCON, JSON or
   *     properties, or saying that it cannot be read
   */
  public static Config parse(Path file) throws ConfigException {
    if (!Files.isRegularFile(file)) {
      throw new Refused(
          file + ": " + (Files.exists(file) ? "is not a file" : "there is no such file"));
    }
    if (!Files.isReadable(file)) {
      throw new Refused(file + ": may not be read by this user");
    }
    return ConfigFactory.parseFile(
        file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
  }

  /**
   * The documented reference configuration of {@code owner}, as text for a person to start from.
   */
  public static String referenceText(Class<?> owner) {
    String own = resourceText(owner);
    if (owner == KafkaSettings.class || !reference(owner).hasPath(KafkaSettings.BLOCK)) {
      return own;
    }
    String shared = resourceText(KafkaSettings.class);
    Matcher empty = EMPTY_KAFKA_BLOCK.matcher(own);
    return empty.find()
        ? own.substring(0, empty.start()) + shared.stripTrailing() + own.substring(empty.end())
        : own.stripTrailing() + "\n\n" + shared;
  }

  /** A whole number of {@code config} within {@code min} and {@code max}, both included. */
  public static int intBetween(Config config, String key, int min, int max) {
    double value = config.getDouble(key);
    if (value != Math.rint(value) || value < min || value > max) {
      throw refuse(config, key, "must be a whole number from " + min + " to " + max);
    }
    return (int) value;
  }

  /** A number of {@code config} within {@code min} and {@code max}, both included. */
  public static double doubleBetween(Config config, String key, double min, double max) {
    double value = config.getDouble(key);
    if (!(value >= min && value <= max)) {
      throw refuse(config, key, "must be a number from " + min + " to " + max);
    }
    return value;
  }

  /** A duration of {@code config} within {@code min} and {@code max}, both included. */
  public static Duration durationBetween(Config config, String key, Duration min, Duration max) {
    Duration value = config.getDuration(key);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw refuse(config, key, "must be a time from " + words(min) + " to " + words(max));
    }
    return value;
  }

  /** The value at {@code key}, one of {@code allowed}. */
  public static String oneOf(Config config, String key, Set<String> allowed) {
    String value = config.getString(key);
    if (!allowed.contains(value)) {
      throw refuse(
          config, key, "must be one of " + String.join(", ", allowed.stream().sorted().toList()));
    }
    return value;
  }

  /**
   * The exception for a value that breaks a rule: names key, value, rule, and where it was said.
   *
   * @param rule what it must be, such as {@code must be a power of two}
   */
  public static ConfigException refuse(Config config, String key, String rule) {
    return refuse(key, config.getValue(key), rule);
  }

  /** One sentence for a person about any error of reading or checking a configuration. */
  public static String explain(ConfigException error) {
    String message = String.valueOf(error.getMessage());
    return error instanceof Refused
        ? message
        : POSITION
            .matcher(message)
            .replaceFirst("$1:$2: ")
            .replaceFirst("Invalid value at '([^']*)'", "$1");
  }

  /** Refuses what {@code actual} has and {@code known} has not, and values of another type. */
  static void checkBlock(String path, Config known, Config actual) {
    check(new Rules(Set.of(), Map.of(), known), path, known.root(), actual.root());
  }

  private static Config reference(Class<?> owner) {
    Config own =
        ConfigFactory.parseResources(
            owner, referenceName(owner), ConfigParseOptions.defaults().setAllowMissing(false));
    return own.hasPath(KafkaSettings.BLOCK) ? own.withFallback(KafkaSettings.reference()) : own;
  }

  private static Config environmentAsConfig(Map<String, String> environment) {
    Map<String, ConfigValue> values = new HashMap<>();
    environment.forEach(
        (name, value) ->
            values.put(name, ConfigValueFactory.fromAnyRef(value, ENVIRONMENT + name)));
    return ConfigValueFactory.fromMap(values).toConfig();
  }

  /** Resolves substitutions, to environment variables too, without keeping those as keys. */
  private static Config resolve(Config config, Config variables) {
    ConfigObject resolved =
        config.withFallback(variables).resolve(ConfigResolveOptions.noSystem()).root();
    for (String name : variables.root().keySet()) {
      if (!config.root().containsKey(name)) {
        resolved = resolved.withoutKey(name);
      }
    }
    return resolved.toConfig();
  }

  /** What the environment says through the reference, where the user's own word is in a file. */
  private static Config environmentOverFile(Config reference, Config user) {
    Config result = ConfigFactory.empty();
    for (Map.Entry<String, ConfigValue> entry : reference.entrySet()) {
      if (entry.getValue().origin().description().startsWith(ENVIRONMENT)
          && user.hasPathOrNull(entry.getKey())
          && user.getValue(entry.getKey()).origin().filename() != null) {
        result = result.withValue(entry.getKey(), entry.getValue());
      }
    }
    return result;
  }

  private static void check(Rules rules, String path, ConfigObject known, ConfigObject actual) {
    for (Map.Entry<String, ConfigValue> entry : actual.entrySet()) {
      String key = join(path, entry.getKey());
      ConfigValue rule = known.get(entry.getKey());
      Optional<ConfigObject> template = rules.template(key);
      if (template.isPresent()) {
        checkNamedBlocks(rules, key, template.get(), entry.getValue());
      } else if (rule == null) {
        if (!rules.freeForm(path)) {
          throw unknown(rules, key, entry.getValue());
        }
      } else if (rule instanceof ConfigObject block) {
        check(rules, key, block, block(key, entry.getValue()));
      } else {
        checkType(key, rule.valueType(), entry.getValue());
      }
    }
  }

  private static void checkNamedBlocks(
      Rules rules, String path, ConfigObject template, ConfigValue actual) {
    for (Map.Entry<String, ConfigValue> named : block(path, actual).entrySet()) {
      String key = join(path, named.getKey());
      check(rules, key, template, block(key, named.getValue()));
    }
  }

  private static ConfigObject block(String key, ConfigValue value) {
    if (value instanceof ConfigObject block) {
      return block;
    }
    throw refuse(key, value, "must be a block { … }");
  }

  private static void checkType(String key, ConfigValueType wanted, ConfigValue actual) {
    Config one = actual.atKey("value");
    boolean scalar =
        actual.valueType() != ConfigValueType.OBJECT
            && actual.valueType() != ConfigValueType.LIST
            && actual.valueType() != ConfigValueType.NULL;
    switch (wanted) {
      case NUMBER -> {
        // A size or a time whose default is a plain number may be given with a unit.
        if (!scalar
            || !(reads(() -> one.getDouble("value"))
                || reads(() -> one.getBytes("value"))
                || reads(() -> one.getDuration("value")))) {
          throw refuse(key, actual, "must be a number");
        }
      }
      case BOOLEAN -> {
        if (!scalar || !reads(() -> one.getBoolean("value"))) {
          throw refuse(key, actual, "must be true or false");
        }
      }
      case STRING -> {
        if (!scalar) {
          throw refuse(key, actual, "must be a single value");
        }
      }
      case LIST -> {
        if (actual.valueType() != ConfigValueType.LIST) {
          throw refuse(key, actual, "must be a list [ … ]");
        }
      }
      case NULL, OBJECT -> {} // Null in the reference: nothing is known of its type.
    }
  }

  private static boolean reads(Runnable read) {
    try {
      read.run();
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }

  private static Config withTemplates(Config config, Rules rules) {
    Config result = config;
    for (Map.Entry<String, String> entry : rules.templates().entrySet()) {
      Optional<ConfigObject> template = rules.template(entry.getKey());
      if (template.isEmpty() || !config.hasPath(entry.getKey())) {
        continue;
      }
      // The defaults as the user changed them, not as the reference has them.
      ConfigObject defaults = config.getObject(entry.getValue());
      for (String name : config.getObject(entry.getKey()).keySet()) {
        String path = join(entry.getKey(), name);
        result = result.withValue(path, config.getObject(path).withFallback(defaults));
      }
    }
    return result;
  }

  private static Refused unknown(Rules rules, String key, ConfigValue value) {
    String hint =
        NearestName.of(key, rules.knownKeys())
            .map(nearest -> "; did you mean \"" + nearest + "\"?")
            .orElse("");
    return new Refused(where(value.origin()) + "unknown key \"" + key + "\"" + hint);
  }

  private static Refused refuse(String key, ConfigValue value, String rule) {
    return new Refused(
        where(value.origin()) + key + " = " + Secrets.masked(key, shown(value)) + ": " + rule);
  }

  private static String shown(ConfigValue value) {
    return switch (value.valueType()) {
      case OBJECT -> "{ … }";
      case LIST -> "[ … ]";
      case NULL -> "null";
      case STRING -> "\"" + value.unwrapped() + "\"";
      case NUMBER, BOOLEAN -> String.valueOf(value.unwrapped());
    };
  }

  private static String where(ConfigOrigin origin) {
    @Nullable String file = origin.filename() == null ? origin.resource() : origin.filename();
    if (file != null) {
      return file + (origin.lineNumber() > 0 ? ":" + origin.lineNumber() : "") + ": ";
    }
    return origin.description().startsWith(ENVIRONMENT) ? origin.description() + ": " : "";
  }

  private static String words(Duration time) {
    if (time.toMillisPart() != 0 || time.isZero()) {
      return time.toMillis() + " ms";
    }
    if (time.toSecondsPart() != 0) {
      return time.toSeconds() + " s";
    }
    return time.toMinutesPart() != 0 ? time.toMinutes() + " min" : time.toHours() + " h";
  }

  private static String join(String path, String key) {
    String element = ConfigUtil.joinPath(key);
    return path.isEmpty() ? element : path + "." + element;
  }

  /** A package with two configurations has one of them in a file called after its record. */
  private static String referenceName(Class<?> owner) {
    String own =
        owner.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT)
            + ".conf";
    return owner.getResource(own) == null ? REFERENCE : own;
  }

  private static String resourceText(Class<?> owner) {
    try (InputStream in = owner.getResourceAsStream(referenceName(owner))) {
      if (in == null) {
        throw new IllegalStateException(
            "no " + REFERENCE + " beside " + owner.getName() + " on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Which blocks the user fills, and with what. */
  private record Rules(Set<String> freeForm, Map<String, String> templates, Config reference) {

    boolean freeForm(String path) {
      return freeForm.stream().anyMatch(block -> path.equals(block) || path.startsWith(block + "."))
          || (templates.containsKey(path) && template(path).isEmpty());
    }

    /**
     * The keys each block below {@code path} may have; empty where {@code path} is no such block.
     */
    Optional<ConfigObject> template(String path) {
      String template = templates.get(path);
      return template != null && reference.hasPath(template)
          ? Optional.of(reference.getObject(template))
          : Optional.empty();
    }

    List<String> knownKeys() {
      Set<String> keys = new HashSet<>();
      addKeys(keys, "", reference.root());
      return new ArrayList<>(keys);
    }

    private static void addKeys(Set<String> keys, String path, ConfigObject block) {
      for (Map.Entry<String, ConfigValue> entry : block.entrySet()) {
        String key = join(path, entry.getKey());
        keys.add(key);
        if (entry.getValue() instanceof ConfigObject inner) {
          addKeys(keys, key, inner);
        }
      }
    }
  }

  /** A configuration that breaks a rule; the message is the whole sentence. */
  private static final class Refused extends ConfigException {
    Refused(String sentence) {
      super(sentence);
    }
  }
}
