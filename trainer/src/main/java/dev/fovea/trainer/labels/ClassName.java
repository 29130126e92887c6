package dev.fovea.trainer.labels;

/** What a class may be called: it stands in manifests, records, tables and file formats. */
final class ClassName {
  static final String RULE =
      "class names must have 1 to 64 characters, no control characters, and no space at either end";

  private static final int MAX_CHARS = 64;

  private ClassName() {}

  static boolean isValid(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_CHARS
        && name.strip().equals(name)
        && name.chars().noneMatch(Character::isISOControl);
  }
}
