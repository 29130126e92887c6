package dev.fovea.trainer.labelfiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of classes, in order: a text file with a name a line, or the {@code names} of a YOLO
 * {@code data.yaml}, as a list or by number. Of YAML no more is read than that takes.
 */
final class ClassList {
  private static final Pattern NAMES = Pattern.compile("names\\s*:\\s*(.*)");
  private static final Pattern ITEM = Pattern.compile("\\s*-\\s+(.+)");
  private static final Pattern NUMBERED = Pattern.compile("\\s+(\\d{1,6})\\s*:\\s*(.+)");
  private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");

  private ClassList() {}

  /**
   * Reads a list.
   *
   * @throws LabelFileException naming the file and line
   */
  static List<String> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new LabelFileException(file, "cannot be read as text: " + e, e);
    }
    String name = file.getFileName().toString();
    List<String> names =
        name.endsWith(".yaml") || name.endsWith(".yml") ? yaml(file, lines) : text(lines);
    if (names.isEmpty()) {
      throw new LabelFileException(file, "names no class");
    }
    if (new HashSet<>(names).size() != names.size()) {
      throw new LabelFileException(file, "must name each class once, not " + names);
    }
    return names;
  }

  private static List<String> text(List<String> lines) {
    return lines.stream().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private static List<String> yaml(Path file, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      Matcher names = NAMES.matcher(uncommented(lines.get(i)));
      if (names.matches()) {
        String inline = names.group(1).strip();
        return inline.isEmpty() ? block(file, lines, i + 1) : inline(file, inline, i + 1);
      }
    }
    throw new LabelFileException(file, "has no \"names:\"");
  }

  private static List<String> inline(Path file, String text, int line) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      throw new LabelFileException(
          file, line, "names must be a list [a, b], or lines \"- a\" or \"0: a\"");
    }
    List<String> names = new ArrayList<>();
    for (String name : text.substring(1, text.length() - 1).split(",", -1)) {
      names.add(unquoted(name));
    }
    return names;
  }

  private static List<String> block(Path file, List<String> lines, int from) {
    List<String> items = new ArrayList<>();
    TreeMap<Integer, String> numbered = new TreeMap<>();
    for (int i = from; i < lines.size(); i++) {
      String line = uncommented(lines.get(i));
      Matcher item = ITEM.matcher(line);
      Matcher number = NUMBERED.matcher(line);
      if (item.matches()) {
        items.add(unquoted(item.group(1)));
      } else if (number.matches()) {
        numbered.put(Integer.parseInt(number.group(1)), unquoted(number.group(2)));
      } else if (!line.isBlank()) {
        break;
      }
    }
    if (numbered.isEmpty()) {
      return items;
    }
    if (!items.isEmpty() || numbered.lastKey() != numbered.size() - 1) {
      throw new LabelFileException(
          file, from, "names must be numbered 0 to " + (numbered.size() - 1) + " without a gap");
    }
    return List.copyOf(numbered.values());
  }

  private static String uncommented(String line) {
    return COMMENT.matcher(line).replaceFirst("").stripTrailing();
  }

  private static String unquoted(String text) {
    String name = text.strip();
    boolean quoted =
        name.length() >= 2
            && (name.startsWith("\"") || name.startsWith("'"))
            && name.charAt(0) == name.charAt(name.length() - 1);
    return quoted ? name.substring(1, name.length() - 1) : name;
  }
}
