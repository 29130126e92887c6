package dev.fovea.standalone.dashboard;

import java.nio.file.Path;

/** Where pictures of the page are kept, to be looked at. */
final class Screenshots {

  private Screenshots() {}

  static Path path(String name) {
    return Path.of("target", "screenshots", name + ".png");
  }
}
