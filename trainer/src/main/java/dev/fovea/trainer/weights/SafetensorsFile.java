package dev.fovea.trainer.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads safetensors (https://huggingface.co/docs/safetensors): the header's length as 64 bits,
 * little-endian, the header as JSON, then the tensors' bytes, without holes and without overlap.
 */
final class SafetensorsFile {
  private static final long MOST_HEADER_BYTES = 100_000_000;
  private static final String METADATA = "__metadata__";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final long dataBytes;

  private SafetensorsFile(Path file, FileChannel channel, long dataStart, long dataBytes) {
    this.file = file;
    this.channel = channel;
    this.dataStart = dataStart;
    this.dataBytes = dataBytes;
  }

  static StateDict open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    try {
      long headerBytes =
          ByteBuffer.wrap(read(channel, 0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      long left = channel.size() - 8;
      if (headerBytes < 2 || headerBytes > Math.min(left, MOST_HEADER_BYTES)) {
        throw new WeightsException(
            file, "has a header of %d bytes, and %d in all".formatted(headerBytes, left));
      }
      byte[] header = read(channel, 8, (int) headerBytes);
      SafetensorsFile reader =
          new SafetensorsFile(file, channel, 8 + headerBytes, left - headerBytes);
      return new StateDict(file, reader.tensors(header), channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private Map<String, StoredTensor> tensors(byte[] header) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(header);
    } catch (JsonProcessingException e) {
      throw new WeightsException(file, "its header is no JSON: " + e.getOriginalMessage(), e);
    }
    require(root.isObject(), "its header is no JSON object");
    Map<String, StoredTensor> tensors = new HashMap<>();
    List<Section> sections = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (!entry.getKey().equals(METADATA)) {
        Section section = section(entry.getKey(), entry.getValue());
        sections.add(section);
        tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), section));
      }
    }
    requireWhole(sections);
    return tensors;
  }

  /** From where to where a tensor's bytes go, from the end of the header. */
  private record Section(String key, long from, long to) {}

  private Section section(String key, JsonNode entry) throws WeightsException {
    JsonNode offsets = entry.path("data_offsets");
    require(
        offsets.isArray()
            && offsets.size() == 2
            && offsets.get(0).canConvertToLong()
            && offsets.get(1).canConvertToLong(),
        key + " has no data_offsets");
    Section section = new Section(key, offsets.get(0).asLong(), offsets.get(1).asLong());
    require(
        section.from >= 0 && section.from <= section.to && section.to <= dataBytes,
        "%s lies at %d to %d, and there are %d bytes: the file is damaged or cut short"
            .formatted(key, section.from, section.to, dataBytes));
    return section;
  }

  private StoredTensor tensor(String key, JsonNode entry, Section section) throws IOException {
    String name = entry.path("dtype").asText();
    Optional<ElementType> type =
        Arrays.stream(ElementType.values())
            .filter(t -> t.safetensorsName().equals(name))
            .findFirst();
    require(type.isPresent(), "%s has the dtype \"%s\", which is not read".formatted(key, name));
    require(entry.path("shape").isArray(), key + " has no shape");
    List<Integer> shape = new ArrayList<>();
    for (JsonNode side : entry.path("shape")) {
      require(
          side.isIntegralNumber() && side.canConvertToInt() && side.intValue() >= 0,
          "%s has the side %s".formatted(key, side));
      shape.add(side.intValue());
    }
    try {
      StoredTensor tensor =
          StoredTensor.contiguous(
              type.orElseThrow(), ByteOrder.LITTLE_ENDIAN, shape, storage(section));
      long values = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
      require(
          values * type.get().bytes() == section.to - section.from,
          "%s has %d bytes, not those of %s %s"
              .formatted(key, section.to - section.from, name, shape));
      return tensor;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WeightsException(file, key + " " + e.getMessage(), e);
    }
  }

  private void requireWhole(List<Section> sections) throws WeightsException {
    sections.sort(Comparator.comparingLong(Section::from).thenComparingLong(Section::to));
    long at = 0;
    for (Section section : sections) {
      require(
          section.from == at,
          "%s begins at byte %d of the data, not at %d".formatted(section.key, section.from, at));
      at = section.to;
    }
    require(at == dataBytes, "has %d bytes after its last tensor".formatted(dataBytes - at));
  }

  private Storage storage(Section section) {
    return new Storage() {
      @Override
      public long bytes() {
        return section.to - section.from;
      }

      @Override
      public byte[] read(long from, int length) throws IOException {
        return SafetensorsFile.read(channel, dataStart + section.from + from, length);
      }
    };
  }

  private static byte[] read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, from + bytes.position()) < 0) {
        throw new EOFException("ends after %d of its %d bytes".formatted(bytes.position(), length));
      }
    }
    return bytes.array();
  }

  private void require(boolean holds, String rule) throws WeightsException {
    if (!holds) {
      throw new WeightsException(file, rule);
    }
  }
}
