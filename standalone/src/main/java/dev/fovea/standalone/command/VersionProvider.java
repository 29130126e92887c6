package dev.fovea.standalone.command;

import dev.fovea.standalone.Main;
import picocli.CommandLine.IVersionProvider;

/** Fovea's version from the jar's manifest, and the Java it runs on. */
public final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {
      "fovea " + (version == null ? "(not packaged)" : version),
      "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name")
    };
  }
}
