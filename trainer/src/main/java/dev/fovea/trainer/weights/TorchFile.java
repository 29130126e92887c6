package dev.fovea.trainer.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code torch.save} writes from PyTorch 1.6 on: a zip of stored, not compressed
 * entries, {@code NAME/data.pkl} with a pickle of everything but the numbers, {@code NAME/data/KEY}
 * with those of a storage, and {@code NAME/byteorder} since 2.1 (before, little-endian).
 */
final class TorchFile {
  private static final String PICKLE = "/data.pkl";
  private static final int MOST_PICKLE_BYTES = 1 << 25;

  /** Names under which training scripts keep the weights beside other things. */
  private static final List<String> WRAPPERS = List.of("state_dict", "model", "model_state_dict");

  /** What {@code DataParallel} puts before every key. */
  private static final String PARALLEL = "module.";

  private final Path file;
  private final ZipFile zip;
  private final String folder;

  private TorchFile(Path file, ZipFile zip, String folder) {
    this.file = file;
    this.zip = zip;
    this.folder = folder;
  }

  static StateDict open(Path file) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new WeightsException(
          file, "is a damaged or cut-short .pth: %s".formatted(e.getMessage()), e);
    }
    try {
      TorchFile reader = new TorchFile(file, zip, folder(file, zip));
      return new StateDict(file, reader.tensors(), zip);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static String folder(Path file, ZipFile zip) throws WeightsException {
    List<String> pickles = new ArrayList<>();
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length()) {
        pickles.add(name.substring(0, name.length() - PICKLE.length()));
      }
    }
    if (pickles.size() != 1) {
      throw new WeightsException(
          file, "is a zip, but no .pth of PyTorch: it has %d data.pkl".formatted(pickles.size()));
    }
    if (zip.getEntry(pickles.get(0) + "/constants.pkl") != null) {
      throw new WeightsException(
          file, "is a TorchScript program, not weights: save its state_dict() with torch.save");
    }
    return pickles.get(0);
  }

  private Map<String, StoredTensor> tensors() throws IOException {
    ZipEntry entry = entry("data.pkl");
    if (entry.getSize() > MOST_PICKLE_BYTES) {
      throw new WeightsException(
          file, "has a data.pkl of %d bytes, more than weights need".formatted(entry.getSize()));
    }
    byte[] pickle = read(entry, 0, (int) entry.getSize());
    TensorUnpickler unpickler = new TensorUnpickler(file, byteOrder(), this::storage);
    Map<?, ?> saved = stateDict(unpickler.load(pickle));
    Map<String, StoredTensor> tensors = new HashMap<>();
    boolean parallel =
        saved.keySet().stream().allMatch(key -> String.valueOf(key).startsWith(PARALLEL));
    for (Map.Entry<?, ?> each : saved.entrySet()) {
      String key = String.valueOf(each.getKey());
      if (!(each.getValue() instanceof StoredTensor tensor)) {
        throw new WeightsException(file, "what is at the key %s is no tensor".formatted(key));
      }
      tensors.put(parallel ? key.substring(PARALLEL.length()) : key, tensor);
    }
    return tensors;
  }

  /** The weights themselves, which may lie beside an optimizer's state and the like. */
  private Map<?, ?> stateDict(@Nullable Object saved) throws WeightsException {
    if (saved instanceof Map<?, ?> root) {
      for (String wrapper : WRAPPERS) {
        if (root.get(wrapper) instanceof Map<?, ?> inner) {
          return inner;
        }
      }
      return root;
    }
    throw new WeightsException(file, "holds no state dict: save model.state_dict()");
  }

  private ByteOrder byteOrder() throws IOException {
    ZipEntry entry = zip.getEntry(folder + "/byteorder");
    if (entry == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    String order =
        new String(
            read(entry("byteorder"), 0, (int) Math.min(16, entry.getSize())),
            StandardCharsets.US_ASCII);
    return switch (order) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw new WeightsException(file, "has the byte order \"" + order + "\"");
    };
  }

  /**
   * The bytes of a storage.
   *
   * @param bytes how many the pickle says it has
   */
  private Storage storage(String key, long bytes) throws IOException {
    ZipEntry entry = entry("data/" + key);
    if (entry.getSize() != bytes) {
      throw new WeightsException(
          file,
          "its storage %s has %d bytes, and must have %d".formatted(key, entry.getSize(), bytes));
    }
    return new Storage() {
      @Override
      public long bytes() {
        return bytes;
      }

      @Override
      public byte[] read(long from, int length) throws IOException {
        return TorchFile.this.read(entry, from, length);
      }
    };
  }

  /** An entry as PyTorch writes them: not compressed, so that none can be larger than the file. */
  private ZipEntry entry(String name) throws IOException {
    ZipEntry entry = zip.getEntry(folder + "/" + name);
    if (entry == null) {
      throw new WeightsException(file, "lacks its entry %s/%s".formatted(folder, name));
    }
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
      throw new WeightsException(
          file, "its entry %s is compressed, as PyTorch writes none".formatted(entry.getName()));
    }
    return entry;
  }

  private byte[] read(ZipEntry entry, long from, int length) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      in.skipNBytes(from);
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("ends after %d of its %d bytes".formatted(bytes.length, length));
      }
      return bytes;
    }
  }
}
