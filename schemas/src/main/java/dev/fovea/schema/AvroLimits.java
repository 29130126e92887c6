package dev.fovea.schema;

import dev.fovea.schema.avro.Frame;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.SystemLimitException;
import org.apache.avro.util.ClassSecurityValidator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caps what Avro's decoder believes a record that says how long its parts are: without, four bytes
 * can ask for two gigabytes (CVE-2023-39410). Avro reads the caps once, from system properties,
 * when it decodes for the first time; so they are set here, by whoever makes a serde first. A
 * property that is set already stays.
 *
 * <p>Avro also makes no object of a class that it was not told to trust (CVE-2024-47561): the
 * generated records are, and nothing else.
 */
final class AvroLimits {
  /** Longest byte string: no picture is larger than a record may be. */
  static final int MAX_BYTES = Topics.MAX_RECORD_BYTES;

  /** Longest text, in bytes: ids, labels, addresses, sentences. */
  static final int MAX_STRING_BYTES = 64 * 1024;

  /** Most entries of a list or map: far above the objects of any picture. */
  static final int MAX_ITEMS = 100_000;

  private static final String RECORDS = Frame.class.getPackageName();

  private static final Logger log = LoggerFactory.getLogger(AvroLimits.class);

  private AvroLimits() {}

  /** Sets the caps; to be called once, before anything is decoded. */
  static void apply() {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(RECORDS)));
    set(SystemLimitException.MAX_BYTES_LENGTH_PROPERTY, MAX_BYTES);
    set(SystemLimitException.MAX_STRING_LENGTH_PROPERTY, MAX_STRING_BYTES);
    set(SystemLimitException.MAX_COLLECTION_LENGTH_PROPERTY, MAX_ITEMS);
    set(SystemLimitException.MAX_COLLECTION_ALLOCATION_PROPERTY, MAX_ITEMS);
    if (!hold()) {
      log.warn(
          "Avro decoded something before Fovea could set its limits: a hostile record may allocate"
              + " up to 2 GiB. Set the system properties org.apache.avro.limits.* at the start.");
    }
  }

  /** Whether Avro refuses a byte string over the cap. */
  static boolean hold() {
    long cap = Integer.getInteger(SystemLimitException.MAX_BYTES_LENGTH_PROPERTY, MAX_BYTES);
    try {
      SystemLimitException.checkMaxBytesLength(cap + 1);
      return false;
    } catch (AvroRuntimeException | UnsupportedOperationException e) {
      return true;
    }
  }

  private static void set(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }
}
