package dev.fovea.trainer.weights;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A model's weights by key, as {@code state_dict()} gives them: out of a {@code .pth} of PyTorch
 * (1.6 or newer) or a safetensors file; which of the two it is, its first bytes say. Values are
 * read when they are asked for. Belongs to one thread.
 */
public final class StateDict implements Closeable {
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final int PICKLE = 0x80;

  private final Path file;
  private final Map<String, StoredTensor> tensors;
  private final Closeable source;

  StateDict(Path file, Map<String, StoredTensor> tensors, Closeable source) {
    this.file = file;
    this.tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
    this.source = source;
  }

  /**
   * Opens a file.
   *
   * @throws WeightsException naming the file and what is wrong with it
   */
  public static StateDict open(Path file) throws WeightsException {
    try {
      byte[] head = head(file);
      if (Arrays.equals(head, 0, 4, ZIP, 0, 4)) {
        return TorchFile.open(file);
      }
      if ((head[0] & 0xFF) == PICKLE) {
        throw new WeightsException(
            file,
            "is in PyTorch's format from before 1.6, which is not read; convert it once: python3"
                + " -c \"import torch; torch.save(torch.load('%s', map_location='cpu'),"
                    .formatted(file.getFileName())
                + " 'converted.pth')\"");
      }
      long headerBytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (head[8] == '{' && headerBytes > 0) {
        return SafetensorsFile.open(file);
      }
      throw new WeightsException(file, "is neither a .pth of PyTorch nor a safetensors file");
    } catch (WeightsException e) {
      throw e;
    } catch (IOException e) {
      throw new WeightsException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] head(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(file, "there is no such file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(9);
      if (head.length < 9) {
        throw new WeightsException(file, "has %d bytes only".formatted(head.length));
      }
      return head;
    }
  }

  public Path file() {
    return file;
  }

  /** Every key, in alphabetical order. */
  public Set<String> keys() {
    return tensors.keySet();
  }

  /**
   * The sides of a tensor, outermost first.
   *
   * @throws WeightsException naming the key if it is missing
   */
  public List<Integer> shape(String key) throws WeightsException {
    return tensor(key).shape();
  }

  /**
   * A tensor's values, the last side's first.
   *
   * @param shape what its sides must be
   * @throws WeightsException naming the key if it is missing, has another shape, no floating-point
   *     numbers, or one that is not finite
   */
  public float[] read(String key, List<Integer> shape) throws WeightsException {
    StoredTensor tensor = tensor(key);
    if (!tensor.shape().equals(shape)) {
      throw new WeightsException(
          file, "%s must be %s, not %s".formatted(key, shape, tensor.shape()));
    }
    try {
      return tensor.read();
    } catch (IOException e) {
      throw new WeightsException(file, key + " " + e.getMessage(), e);
    }
  }

  /** A refusal that names this file. */
  public WeightsException refused(String rule) {
    return new WeightsException(file, rule);
  }

  private StoredTensor tensor(String key) throws WeightsException {
    StoredTensor tensor = tensors.get(key);
    if (tensor == null) {
      throw new WeightsException(file, "the key " + key + " is missing");
    }
    return tensor;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
