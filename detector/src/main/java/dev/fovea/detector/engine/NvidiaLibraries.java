package dev.fovea.detector.engine;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checks for what TensorRT needs of NVIDIA, in the order in which a lack of it would end the JVM
 * rather than throw: the driver, a device the driver can start, CUDA's runtime and its count of
 * devices, TensorRT itself. Nothing of DJL's TensorRT engine may be called before this passes.
 */
final class NvidiaLibraries {
  /** Driver API version 12 is what TensorRT 8.6.1 is built against. */
  private static final String DRIVER = "libcuda.so.1";

  private static final String RUNTIME = "libcudart.so.12";
  private static final List<String> TENSOR_RT =
      List.of("libnvinfer.so.8", "libnvinfer_plugin.so.8", "libnvonnxparser.so.8");
  private static final Path DRIVER_VERSION = Path.of("/sys/module/nvidia/version");
  private static final int NAME_BYTES = 256;

  /** cuda.h, CUdevice_attribute. */
  private static final int COMPUTE_CAPABILITY_MAJOR = 75;

  private static final int COMPUTE_CAPABILITY_MINOR = 76;
  private static final String OTHERWISE =
      "set engine = onnxruntime to run on the CPU, or install what is missing"
          + " (`fovea engine install tensorrt` fetches CUDA 12's runtime and TensorRT)";

  private final String driver;
  private final List<Path> folders;
  private final boolean linkerToo;

  /**
   * Of this machine: the folders that the dynamic linker and JNA look in, and CUDA's usual ones.
   */
  NvidiaLibraries() {
    this(DRIVER, usualFolders(), true);
  }

  /**
   * @param driver name or path of the driver's library
   * @param folders where CUDA's runtime and TensorRT are looked for, in order
   * @param linkerToo whether, after those, the dynamic linker looks where it always does
   */
  NvidiaLibraries(String driver, List<Path> folders, boolean linkerToo) {
    this.driver = driver;
    this.folders = List.copyOf(folders);
    this.linkerToo = linkerToo;
  }

  private static List<Path> usualFolders() {
    List<Path> folders = new ArrayList<>();
    for (String path :
        List.of(
            System.getProperty("jna.library.path", ""),
            Optional.ofNullable(System.getenv("LD_LIBRARY_PATH")).orElse(""),
            "/usr/local/cuda-12/lib64",
            "/usr/local/cuda/lib64",
            "/usr/lib/x86_64-linux-gnu")) {
      Pattern.compile(File.pathSeparator)
          .splitAsStream(path)
          .filter(folder -> !folder.isBlank())
          .map(Path::of)
          .forEach(folders::add);
    }
    return folders;
  }

  /**
   * Loads the libraries, globally visible as DJL's own library needs them.
   *
   * @throws EngineUnavailableException in one sentence saying what is missing and what to do
   */
  void require() throws EngineUnavailableException {
    var unused = loadAll();
  }

  /** The driver's and TensorRT's main library. */
  private record Loaded(NativeLibrary driver, NativeLibrary tensorRt) {}

  private Loaded loadAll() throws EngineUnavailableException {
    NativeLibrary cuda = load(driver, "an NVIDIA driver");
    int started = call(cuda, "cuInit", 0);
    if (started != 0) {
      throw unavailable("a working NVIDIA driver: cuInit answers error " + started);
    }
    NativeLibrary runtime = find(RUNTIME, "CUDA 12's runtime");
    IntByReference count = new IntByReference();
    int counted = call(runtime, "cudaGetDeviceCount", count);
    if (counted != 0) {
      throw unavailable("an NVIDIA GPU: cudaGetDeviceCount answers error " + counted);
    }
    if (count.getValue() < 1) {
      throw unavailable("an NVIDIA GPU: none is on this machine");
    }
    NativeLibrary tensorRt = find(TENSOR_RT.get(0), "TensorRT 8.6");
    for (String library : TENSOR_RT.subList(1, TENSOR_RT.size())) {
      find(library, "TensorRT 8.6");
    }
    return new Loaded(cuda, tensorRt);
  }

  /**
   * The first GPU, which is the one that models run on.
   *
   * @throws EngineUnavailableException if {@link #require} fails, or the driver does not answer
   */
  Gpu gpu() throws EngineUnavailableException {
    Loaded loaded = loadAll();
    NativeLibrary cuda = loaded.driver();
    IntByReference device = new IntByReference();
    demand(cuda, "cuDeviceGet", device, 0);
    byte[] name = new byte[NAME_BYTES];
    demand(cuda, "cuDeviceGetName", name, NAME_BYTES, device.getValue());
    return new Gpu(
        Native.toString(name, StandardCharsets.UTF_8),
        attribute(cuda, COMPUTE_CAPABILITY_MAJOR, device.getValue())
            + "."
            + attribute(cuda, COMPUTE_CAPABILITY_MINOR, device.getValue()),
        driverVersion(cuda),
        tensorRtVersion(call(loaded.tensorRt(), "getInferLibVersion")));
  }

  private static int attribute(NativeLibrary cuda, int attribute, int device)
      throws EngineUnavailableException {
    IntByReference value = new IntByReference();
    demand(cuda, "cuDeviceGetAttribute", value, attribute, device);
    return value.getValue();
  }

  /** As its kernel module says it, else the CUDA version that the driver is for. */
  private static String driverVersion(NativeLibrary cuda) throws EngineUnavailableException {
    try {
      return Files.readString(DRIVER_VERSION).strip();
    } catch (IOException e) {
      IntByReference version = new IntByReference();
      demand(cuda, "cuDriverGetVersion", version);
      return "cuda%d.%d".formatted(version.getValue() / 1000, version.getValue() % 1000 / 10);
    }
  }

  /** NvInferVersion.h, NV_TENSORRT_VERSION: major x 1000 + minor x 100 + patch. */
  private static String tensorRtVersion(int version) {
    return "%d.%d.%d".formatted(version / 1000, version % 1000 / 100, version % 100);
  }

  private static void demand(NativeLibrary cuda, String function, Object... arguments)
      throws EngineUnavailableException {
    int answer = call(cuda, function, arguments);
    if (answer != 0) {
      throw unavailable("a working NVIDIA driver: %s answers error %d".formatted(function, answer));
    }
  }

  /** Loads a library from the folders by its path, else by its name. */
  private NativeLibrary find(String library, String what) throws EngineUnavailableException {
    for (Path folder : folders) {
      Path file = folder.resolve(library);
      if (Files.exists(file)) {
        return load(file.toAbsolutePath().toString(), what);
      }
    }
    if (linkerToo) {
      return load(library, what);
    }
    throw unavailable("%s: %s is not in %s".formatted(what, library, folders));
  }

  private static NativeLibrary load(String library, String what) throws EngineUnavailableException {
    try {
      return NativeLibrary.getInstance(library);
    } catch (UnsatisfiedLinkError e) {
      String reason =
          Files.exists(Path.of(library))
              ? library + " does not load: " + Djl.rootMessage(e)
              : library + " is not on this machine";
      throw unavailable(what + ": " + reason);
    }
  }

  private static int call(NativeLibrary library, String function, Object... arguments)
      throws EngineUnavailableException {
    Function found;
    try {
      found = library.getFunction(function);
    } catch (UnsatisfiedLinkError e) {
      throw unavailable("NVIDIA's own " + library.getName() + ": it has no " + function);
    }
    return found.invokeInt(arguments);
  }

  private static EngineUnavailableException unavailable(String need) {
    return new EngineUnavailableException(
        "engine = tensorrt needs %s; %s.".formatted(need, OTHERWISE));
  }
}
