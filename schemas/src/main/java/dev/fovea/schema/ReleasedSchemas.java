package dev.fovea.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The versions of a record that were ever released, from {@code released/RECORD/vN.avsc} beside
 * this class, N = 1, 2, … without a gap. {@code docs/schemas.md} says how one is released.
 */
final class ReleasedSchemas {
  private ReleasedSchemas() {}

  /** Every released version of {@code current}'s record, oldest first. */
  static List<Schema> of(Schema current) {
    List<Schema> versions = new ArrayList<>();
    while (true) {
      String name = "released/" + current.getName() + "/v" + (versions.size() + 1) + ".avsc";
      try (InputStream in = ReleasedSchemas.class.getResourceAsStream(name)) {
        if (in == null) {
          return versions;
        }
        versions.add(new Schema.Parser().parse(in));
      } catch (IOException e) {
        throw new UncheckedIOException(name, e);
      }
    }
  }
}
