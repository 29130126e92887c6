package dev.fovea.trainer.settings;

import com.typesafe.config.Config;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * A block of the configuration and the record that holds it. The record's components are the only
 * list of the block's keys: {@code scaleMin} is {@code scale-min}, unless {@link Key} says
 * otherwise. Components are whole numbers, numbers, true or false, words of an enum, lists of
 * numbers, or records for blocks within.
 *
 * @param name of the block, such as {@code input}; with dots where it lies in another
 */
public record Block<R extends Record>(String name, Class<R> type) {

  /**
   * Reads the record.
   *
   * @param config has every key of the block
   * @throws IllegalArgumentException naming the key, the value and the rule broken
   */
  public R read(Config config) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values =
        Arrays.stream(components).map(c -> value(config, key(c), c)).toArray(Object[]::new);
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A record's values by full key, in the form that a configuration has them. */
  public Map<String, Object> values(R record) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = valueOf(component, record);
      if (value instanceof Record inner) {
        values.putAll(within(key(component), inner.getClass()).valuesOf(inner));
      } else {
        values.put(key(component), value instanceof Enum<?> choice ? word(choice) : value);
      }
    }
    return values;
  }

  private Map<String, Object> valuesOf(Record record) {
    return values(type.cast(record));
  }

  private static <B extends Record> Block<B> within(String name, Class<B> type) {
    return new Block<>(name, type);
  }

  private static Object valueOf(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private String key(RecordComponent component) {
    Key named = component.getAnnotation(Key.class);
    return name + "." + (named != null ? named.value() : words(component.getName()));
  }

  /** {@code topKPerLevel} is {@code top-k-per-level}. */
  private static String words(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static Object value(Config config, String key, RecordComponent component) {
    Class<?> wanted = component.getType();
    if (wanted == int.class) {
      return config.getInt(key);
    }
    if (wanted == long.class) {
      return config.getLong(key);
    }
    if (wanted == double.class) {
      return config.getDouble(key);
    }
    if (wanted == boolean.class) {
      return config.getBoolean(key);
    }
    if (wanted == List.class) {
      return List.copyOf(config.getDoubleList(key));
    }
    if (wanted.isRecord()) {
      return within(key, wanted.asSubclass(Record.class)).read(config);
    }
    return choice(wanted, config, key);
  }

  private static Object choice(Class<?> choices, Config config, String key) {
    String word = config.getString(key);
    TreeSet<String> words = new TreeSet<>();
    for (Object choice : choices.getEnumConstants()) {
      String name = word((Enum<?>) choice);
      if (name.equals(word)) {
        return choice;
      }
      words.add(name);
    }
    throw new IllegalArgumentException(
        key + " = " + word + ": must be one of " + String.join(", ", words));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Refuses a value that breaks a rule. */
  public static void require(boolean holds, String key, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(key + " = " + value + ": must be " + rule);
    }
  }
}
