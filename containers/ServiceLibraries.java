import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Picks the libraries of one service out of the launcher's, which are those of all services, and leaves the natives of
 * other platforms out of them. Which libraries a service needs is what Maven resolved for its module; the module's jar
 * carries the list. Run by containers/Dockerfile as {@code java ServiceLibraries.java SERVICE DIST OUT}: the service's
 * libraries go to OUT/lib (and OUT/lib-training), Fovea's own jars, which change with every build, to OUT/own.
 */
final class ServiceLibraries {
  /** What the launcher itself needs, whatever it starts. */
  private static final Pattern LAUNCHER =
      Pattern.compile("(picocli|progressbar|jline-[a-z]+|logback-[a-z]+|jackson-[a-z]+)-[0-9].*\\.jar");

  private static final Pattern OWN = Pattern.compile("fovea-.*\\.jar");

  private static final Pattern NATIVE =
      Pattern.compile("\\.(so|dll|dylib|jnilib|pdb|a|lib|exe)(\\.[0-9.]+)?$|\\.so_|\\.dSYM/");

  private static final Pattern SOME_PLATFORM =
      Pattern.compile(
          "(?i)linux|android|windows|(^|[/_-])win(32|64)?[/_.-]|darwin|osx|(^|[/_-])mac(os)?[/_.-]|[a-z]bsd|sunos|(^|/)aix");

  private static final Pattern OUR_PLATFORM =
      Pattern.compile("(?i)(^|[/_-])linux[-_/]?(x86[-_]64|x64|amd64|64)([./_]|$)");

  private ServiceLibraries() {}

  public static void main(String[] args) throws IOException {
    String service = args[0];
    Path dist = Path.of(args[1]);
    Path out = Path.of(args[2]);
    List<Path> own = jars(dist.resolve("lib"), OWN);
    Set<String> wanted = new LinkedHashSet<>(needed(own, service));
    jars(dist.resolve("lib"), LAUNCHER).forEach(jar -> wanted.add(jar.getFileName().toString()));

    for (Path jar : own) {
      copy(jar, out.resolve("own"));
    }
    for (String name : wanted) {
      if (OWN.matcher(name).matches()) {
        continue;
      }
      String folder = Files.exists(dist.resolve("lib").resolve(name)) ? "lib" : "lib-training";
      stripForeignNatives(copy(dist.resolve(folder).resolve(name), out.resolve(folder)));
    }
    System.out.printf("%s: %d libraries, %d MB%n", service, wanted.size(), size(out) >> 20);
  }

  /** File names of the module's runtime libraries. */
  private static List<String> needed(List<Path> own, String service) throws IOException {
    Path jar =
        own.stream()
            .filter(j -> j.getFileName().toString().startsWith("fovea-" + service + "-"))
            .findFirst()
            .orElseThrow(() -> new IOException("there is no jar of " + service));
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      String list = Files.readString(zip.getPath("META-INF/fovea/libraries"), StandardCharsets.UTF_8);
      return Stream.of(list.strip().split(":"))
          .map(path -> path.substring(path.lastIndexOf('/') + 1))
          .toList();
    }
  }

  private static List<Path> jars(Path folder, Pattern name) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> name.matcher(f.getFileName().toString()).matches()).sorted().toList();
    }
  }

  private static Path copy(Path jar, Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.copy(jar, folder.resolve(jar.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
  }

  private static void stripForeignNatives(Path jar) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar)) {
      List<Path> foreign;
      try (Stream<Path> entries = Files.walk(zip.getPath("/"))) {
        foreign = entries.filter(Files::isRegularFile).filter(ServiceLibraries::isForeignNative).toList();
      }
      for (Path entry : foreign) {
        Files.delete(entry);
      }
    }
  }

  private static boolean isForeignNative(Path entry) {
    String path = entry.toString();
    return NATIVE.matcher(path).find()
        && SOME_PLATFORM.matcher(path).find()
        && !OUR_PLATFORM.matcher(path).find();
  }

  private static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(ServiceLibraries::bytes).sum();
    }
  }

  private static long bytes(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
