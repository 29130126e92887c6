package dev.fovea.standalone.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The table of docs/security.md: what the documentation says is what the test grants. */
final class LeastRights {
  private static final Path TABLE = Path.of("../docs/security.md");

  /** {@code | service | OPERATION | resource | `name` | why |}. */
  private static final Pattern ROW =
      Pattern.compile("\\| (\\w+) +\\| ([A-Z_]+) +\\| ([a-z ]+?) +\\| `([^`]+)` +\\|.*");

  private LeastRights() {}

  /**
   * A row: a right of a service, whose user has the service's name.
   *
   * @param name a name, or what names start with where it ends in {@code *}
   */
  record Right(String service, AclOperation operation, ResourceType resource, String name) {

    AclBinding binding() {
      boolean prefix = name.endsWith("*");
      return new AclBinding(
          new ResourcePattern(
              resource,
              prefix ? start() : name,
              prefix ? PatternType.PREFIXED : PatternType.LITERAL),
          new AccessControlEntry("User:" + service, "*", operation, AclPermissionType.ALLOW));
    }

    /** How a sentence about its lack begins to name it. */
    String inWords() {
      String words = resource.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      return operation + " on " + words + " " + start();
    }

    private String start() {
      return name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
    }

    @Override
    public String toString() {
      return service + " without " + operation + " on " + resource + " " + name;
    }
  }

  static List<Right> read() throws IOException {
    List<Right> rights = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rights.add(
            new Right(
                row.group(1),
                AclOperation.fromString(row.group(2)),
                ResourceType.fromString(row.group(3).replace(' ', '_')),
                row.group(4)));
      }
    }
    return rights;
  }
}
