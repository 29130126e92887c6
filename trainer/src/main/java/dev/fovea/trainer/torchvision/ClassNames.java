package dev.fovea.trainer.torchvision;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * The names of a network's outputs, label 0 first. Of those that are no classes (the background,
 * and ids that COCO left empty) nothing is served.
 */
public record ClassNames(List<String> outputs) {
  /** torchvision's label 0. RetinaNet has an output for it, which learns to stay silent. */
  private static final String BACKGROUND = "__background__";

  /** Ids that COCO announced and never used. */
  private static final String NOT_USED = "N/A";

  /** Outputs of a network for COCO: the ids go up to 90. */
  private static final int COCO_OUTPUTS = 91;

  public ClassNames {
    outputs = List.copyOf(outputs);
  }

  /**
   * Names for a network.
   *
   * @param given one for each output; or one for each but the first, which is the background then;
   *     or none for a network of COCO's 91 outputs
   * @param outputs how many the network has
   * @throws IllegalArgumentException saying how many names there must be
   */
  static ClassNames of(List<String> given, int outputs) {
    if (given.isEmpty()) {
      if (outputs != COCO_OUTPUTS) {
        throw new IllegalArgumentException(
            ("the network has %d outputs, and not COCO's %d: name its %d classes with --classes, in"
                    + " the order of their labels from 1 on")
                .formatted(outputs, COCO_OUTPUTS, outputs - 1));
      }
      return new ClassNames(coco());
    }
    List<String> names = new ArrayList<>(given);
    if (names.size() == outputs - 1) {
      names.add(0, BACKGROUND);
    }
    if (names.size() != outputs) {
      throw new IllegalArgumentException(
          "there are %d class names, and the network has %d outputs: %d names are needed, or %d if label 0 is a class too"
              .formatted(given.size(), outputs, outputs - 1, outputs));
    }
    ClassNames all = new ClassNames(names);
    all.requireUsable();
    return all;
  }

  private void requireUsable() {
    List<String> served = served();
    if (served.isEmpty()) {
      throw new IllegalArgumentException("there is no class beside the background");
    }
    HashSet<String> seen = new HashSet<>();
    for (String name : served) {
      if (name.isBlank() || !seen.add(name)) {
        throw new IllegalArgumentException(
            "the class name \"%s\" is blank or there twice".formatted(name));
      }
    }
  }

  /** The outputs that are classes, by number. */
  List<Integer> servedOutputs() {
    List<Integer> served = new ArrayList<>();
    for (int output = 0; output < outputs.size(); output++) {
      String name = outputs.get(output);
      if (!name.equals(BACKGROUND) && !name.equals(NOT_USED)) {
        served.add(output);
      }
    }
    return served;
  }

  /** The classes' names, in the outputs' order. */
  List<String> served() {
    return servedOutputs().stream().map(outputs::get).toList();
  }

  private static List<String> coco() {
    try (InputStream in =
            Objects.requireNonNull(ClassNames.class.getResourceAsStream("coco-ids.txt"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
